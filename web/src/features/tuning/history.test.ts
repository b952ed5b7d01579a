import { describe, expect, it } from 'vitest';
import type { Trial } from '#contract';
import { historyOf } from './history.ts';

function trial(number: number, state: Trial['state'], value: number | 'NaN' | null): Trial {
  const values = value === null ? null : [value];
  return { study: 's', number, state, params: {}, values, run: null, words: null, startedAtMs: 0, endedAtMs: null };
}

const TRIALS = [
  trial(3, 'complete', 0.5),
  trial(0, 'complete', 0.6),
  trial(1, 'pruned', 0.9),
  trial(2, 'complete', 0.7),
  trial(4, 'failed', 'NaN'),
  trial(5, 'running', null),
];

describe('the history of a study', () => {
  it('keeps the best complete value so far, whatever order the trials come in', () => {
    expect(historyOf(TRIALS, 0, 'minimize').best.map(({ x, y }) => [x, y])).toEqual([
      [0, 0.6],
      [2, 0.6],
      [3, 0.5],
    ]);
    expect(historyOf(TRIALS, 0, 'maximize').best.map(({ y }) => y)).toEqual([0.6, 0.7, 0.7]);
  });

  it('marks pruned trials, lets them never lead, and draws no trial without a value', () => {
    const { pruned, complete } = historyOf(TRIALS, 0, 'maximize');
    expect(pruned).toEqual([{ x: 1, y: 0.9 }]);
    expect(complete).toHaveLength(3);
    expect(historyOf(TRIALS, 1, 'maximize').complete).toEqual([]);
  });
});
