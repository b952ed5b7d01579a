import { expect, it } from 'vitest';
import type { Direction } from '#contract';
import type { PastTrial, Report } from '../model.ts';
import { createMedianPruner, type MedianOptions } from './median-pruner.ts';

const curve = (values: readonly number[]): Report[] => values.map((value, step) => ({ step, value }));
const complete = (number: number, values: readonly number[]): PastTrial => ({
  number,
  state: 'complete',
  params: {},
  values: [values.at(-1) ?? 0],
  reports: curve(values),
});
const OTHERS = [complete(0, [10, 8, 6]), complete(1, [11, 9, 3]), complete(2, [12, 7, 9]), complete(3, [13, 6, 12])];

function judge(
  values: readonly number[] | readonly Report[],
  options: Partial<MedianOptions> = {},
  trials: readonly PastTrial[] = OTHERS,
  direction: Direction = 'minimize',
): boolean {
  const pruner = createMedianPruner({ startupTrials: 1, warmupSteps: 0, intervalSteps: 1, minTrials: 1, ...options });
  const reports = values.map((value, step) => (typeof value === 'number' ? { step, value } : value));
  return pruner.judge({ directions: [direction], reports, number: 9, trials }).prune;
}

it('prunes a trial whose best value is worse than the median at the step', () => {
  // The medians are 11.5, 7.5 and 7.5.
  expect(judge([11.5])).toBe(false);
  expect(judge([11.6])).toBe(true);
  expect(judge([20, 7.6])).toBe(true);
  expect(judge([20, 7.5])).toBe(false);
  expect(judge([7, 100])).toBe(false);
  expect(judge([11, 10], {}, OTHERS, 'maximize')).toBe(false);
  expect(judge([7, 7], {}, OTHERS, 'maximize')).toBe(true);
});

it('waits for enough complete trials, for the warm-up and for values at the step', () => {
  expect(judge([99], { startupTrials: 4 })).toBe(true);
  expect(judge([99], { startupTrials: 5 })).toBe(false);
  expect(judge([99], {}, [])).toBe(false);
  expect(
    judge(
      [99],
      {},
      OTHERS.map((trial) => ({ ...trial, state: 'pruned' })),
    ),
  ).toBe(false);
  expect(judge([99, 99], { warmupSteps: 2 })).toBe(false);
  expect(judge([99, 99, 99], { warmupSteps: 2 })).toBe(true);
  expect(judge([{ step: 7, value: 99 }])).toBe(false);
  expect(judge([99], { minTrials: 5 })).toBe(false);
});

it('judges once an interval, also when steps are left out', () => {
  const at = (...steps: number[]) => steps.map((step) => ({ step, value: 99 }));
  const long = [
    complete(
      0,
      Array.from({ length: 20 }, () => 1),
    ),
  ];
  expect(judge(at(0), { intervalSteps: 5 }, long)).toBe(true);
  expect(judge(at(0, 4), { intervalSteps: 5 }, long)).toBe(false);
  expect(judge(at(0, 4, 7), { intervalSteps: 5 }, long)).toBe(true);
  expect(judge(at(0, 4, 7, 9), { intervalSteps: 5 }, long)).toBe(false);
  expect(judge(at(3), { intervalSteps: 5, warmupSteps: 3 }, long)).toBe(true);
});

it('prunes what has only NaN, and leaves NaN of others aside', () => {
  expect(judge([Number.NaN])).toBe(true);
  expect(judge([Number.NaN, 1])).toBe(false);
  expect(judge([99], {}, [complete(0, [Number.NaN])])).toBe(false);
  expect(judge([99], {}, [complete(0, [Number.NaN]), complete(1, [5])])).toBe(true);
  const infinite = [complete(0, [Number.POSITIVE_INFINITY]), complete(1, [Number.POSITIVE_INFINITY])];
  expect(judge([99], {}, infinite)).toBe(false);
  expect(judge([Number.POSITIVE_INFINITY], {}, [complete(0, [5])])).toBe(true);
});

it('tells the figures it compared', () => {
  const pruner = createMedianPruner({ startupTrials: 1, warmupSteps: 0, intervalSteps: 1, minTrials: 1 });
  const verdict = pruner.judge({ directions: ['minimize'], reports: curve([12]), number: 9, trials: OTHERS });
  expect(verdict.words).toBe('Worse than the median: best value so far 12, median of 4 trials at step 0 11.5.');
  expect(pruner.refusal({ directions: ['minimize', 'minimize'] })).toContain('one objective');
});
