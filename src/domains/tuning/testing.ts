import { describe, expect, it } from 'vitest';
import type { Direction, SamplerChoice } from '#contract';
import { createEvents, eventsMigrations } from '#platform/events';
import { ManualClock, seededRng } from '#platform/kernel';
import type { Database, Migration } from '#platform/sql';
import { axisOf } from './core/axis.ts';
import type { Sampler } from './core/sampler.ts';
import { samplerOf, trialRng, withSamplerDefaults } from './core/strategies.ts';
import type { ParamValues, PastTrial, SearchSpace } from './model.ts';
import type { TrialRuns } from './ports.ts';
import { tuningMigrations } from './store/schema.ts';
import { createTuning } from './tuning.ts';

export const TUNING_TEST_MIGRATIONS: readonly Migration[] = [...eventsMigrations, ...tuningMigrations];

/** Keeps what it is told as lines. */
class MemoryTrialRuns implements TrialRuns {
  readonly told: string[] = [];

  async start({ run, experiment, study, number, params }: Parameters<TrialRuns['start']>[0]): Promise<void> {
    this.#note(`start ${run} ${experiment} ${study} ${number} ${JSON.stringify(params)}`);
  }

  async log(run: string, report: Parameters<TrialRuns['log']>[1]): Promise<void> {
    this.#note(`log ${run} ${report.step} ${report.value} ${report.timestampMs}`);
  }

  async finish(run: string, end: Parameters<TrialRuns['finish']>[1]): Promise<void> {
    this.#note(`finish ${run} ${end.state} ${end.values} ${end.timestampMs}`);
  }

  /** The same again changes nothing, as the port demands. */
  #note(line: string): void {
    if (!this.told.includes(line)) this.told.push(line);
  }
}

/** A tuning domain on a database, with a clock that stands still. */
export function setUpTuning(database: Database) {
  const clock = new ManualClock(Date.UTC(2001, 2, 1));
  const runs = new MemoryTrialRuns();
  const edges: string[] = [];
  const lineage = {
    link: async (_: unknown, edge: { from: string; to: string; relation: string }) => {
      edges.push(`${edge.from} ${edge.relation} ${edge.to}`);
    },
  };
  const start = () =>
    createTuning({ database, clock, rng: seededRng(5), events: createEvents({ database, clock }), lineage, runs });
  return { database, clock, runs, edges, tuning: start(), startAnother: start };
}

/** A space with every kind of dimension. */
const EVERY_DIMENSION: SearchSpace = {
  plain: { kind: 'float', low: -2.5, high: 7 },
  rate: { kind: 'float', low: 1e-5, high: 0.5, log: true },
  grid: { kind: 'float', low: 0.1, high: 0.75, step: 0.1 },
  depth: { kind: 'int', low: -3, high: 9 },
  even: { kind: 'int', low: 2, high: 21, step: 4 },
  leaves: { kind: 'int', low: 1, high: 500, log: true },
  kind: { kind: 'categorical', choices: ['a', 1, true, null, '1'] },
  one: { kind: 'float', low: 4, high: 4 },
  only: { kind: 'categorical', choices: ['x'] },
};

/** True when the space allows exactly these params. */
export function allows(space: SearchSpace, params: ParamValues): boolean {
  const names = Object.keys(space);
  return Object.keys(params).length === names.length && names.every((name) => allowsValue(space, name, params[name]));
}

function allowsValue(space: SearchSpace, name: string, value: ParamValues[string] | undefined): boolean {
  const dimension = space[name];
  if (!dimension || value === undefined) return false;
  if (dimension.kind === 'categorical') return dimension.choices.includes(value);
  if (typeof value !== 'number' || value < dimension.low || value > dimension.high) return false;
  if (dimension.kind === 'int' && !Number.isInteger(value)) return false;
  if (dimension.step === undefined) return true;
  const steps = (value - dimension.low) / dimension.step;
  return Math.abs(steps - Math.round(steps)) < 1e-9;
}

/** What every sampler promises; see the port. Bind it to each: `describeSampler('tpe', () => createTpeSampler(…))`. */
export function describeSampler(title: string, create: () => Sampler): void {
  describe(`the sampler ${title}`, () => {
    const directions: readonly Direction[] = ['minimize'];
    const ask = (
      trials: readonly PastTrial[],
      number: number,
      sampler = create(),
      space: SearchSpace = EVERY_DIMENSION,
    ) => sampler.suggest({ space, directions, trials, rng: trialRng(17, number) });
    const past = (number: number, changes: Partial<PastTrial> = {}): PastTrial => {
      const params = drawParams(number);
      return { number, state: 'complete', params, values: [objectiveOf(params)], reports: [], ...changes };
    };

    it('proposes what the space allows, and nothing else, as its history grows', () => {
      const sampler = create();
      const trials: PastTrial[] = [];
      for (let number = 0; number < 80; number++) {
        const params = ask(trials, number, sampler);
        expect(allows(EVERY_DIMENSION, params), JSON.stringify(params)).toBe(true);
        trials.push({ number, state: 'complete', params, values: [objectiveOf(params)], reports: [] });
      }
    });

    it('reaches every value of a small dimension, both ends included', () => {
      const space: SearchSpace = {
        x: { kind: 'int', low: 1, high: 3 },
        c: { kind: 'categorical', choices: ['a', 'b'] },
      };
      const seen = Array.from({ length: 60 }, (_, number) => ask([], number, create(), space));
      expect(new Set(seen.map(({ x, c }) => `${x}${c}`))).toEqual(new Set(['1a', '1b', '2a', '2b', '3a', '3b']));
    });

    it('draws evenly on the logarithmic scale while it knows nothing', () => {
      const draws = Array.from({ length: 600 }, (_, number) => Number(ask([], number).rate));
      const middle = Math.sqrt(1e-5 * 0.5);
      const below = draws.filter((rate) => rate < middle).length;
      // Five standard errors around a half.
      expect(Math.abs(below - 300)).toBeLessThan(5 * Math.sqrt(150));
    });

    it('gives the same params for the same history in another process, and others for another trial', () => {
      const trials = Array.from({ length: 30 }, (_, number) => past(number));
      const first = ask(trials, 30);
      expect(ask(structuredClone(trials), 30)).toEqual(first);
      expect(ask(trials, 31)).not.toEqual(first);
    });

    it('leaves the history as it was', () => {
      const trials = Array.from({ length: 30 }, (_, number) => past(number));
      const before = structuredClone(trials);
      ask(trials, 30);
      expect(trials).toEqual(before);
    });

    it('does not give the same params to trials that are pending together', () => {
      const trials = Array.from({ length: 20 }, (_, number) => past(number));
      const proposed: string[] = [];
      for (let number = 20; number < 40; number++) {
        const params = ask(trials, number);
        proposed.push(JSON.stringify(params));
        trials.push({ number, state: 'running', params, values: null, reports: [] });
      }
      expect(new Set(proposed).size).toBe(20);
    });

    it.each<[string, (number: number) => Partial<PastTrial>]>([
      ['only failed trials', () => ({ state: 'failed', values: null })],
      ['only running trials', () => ({ state: 'running', values: null })],
      ['only pruned trials without a report', () => ({ state: 'pruned', values: null })],
      ['pruned trials that reported NaN', () => ({ state: 'pruned', reports: [{ step: 3, value: Number.NaN }] })],
      ['equal values', () => ({ values: [1] })],
      ['infinite values', (number) => ({ values: [number % 2 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY] })],
      ['equal params', () => ({ params: drawParams(1) })],
    ])('takes a history of %s', (_, changes) => {
      const trials = Array.from({ length: 40 }, (_unused, number) => past(number, changes(number)));
      for (let number = 40; number < 50; number++) expect(allows(EVERY_DIMENSION, ask(trials, number))).toBe(true);
    });
  });
}

function drawParams(number: number): ParamValues {
  const rng = seededRng(1000 + number);
  return Object.fromEntries(
    Object.entries(EVERY_DIMENSION).map(([name, dimension]) => {
      const axis = axisOf(dimension);
      if (axis.kind === 'categorical') return [name, axis.toValue(rng.int(axis.choices.length))];
      return [name, axis.toValue(axis.low + rng.next() * (axis.high - axis.low))];
    }),
  );
}

function objectiveOf(params: ParamValues): number {
  return (Number(params.plain) - 2) ** 2 + Math.log10(Number(params.rate)) ** 2 + (params.kind === 'a' ? 0 : 3);
}

export interface Problem {
  readonly name: string;
  readonly space: SearchSpace;
  readonly objective: (params: ParamValues) => number;
}

const box = (low: number, high: number) => ({ kind: 'float', low, high }) as const;
const number = (params: ParamValues, name: string) => Number(params[name]);

/** Functions to minimise, the same as in `bench/tuning-tpe.py`. */
export const PROBLEMS: readonly Problem[] = [
  {
    name: 'sphere',
    space: { x0: box(-5, 5), x1: box(-5, 5), x2: box(-5, 5), x3: box(-5, 5), x4: box(-5, 5) },
    objective: (p) => [0, 1, 2, 3, 4].reduce((sum, i) => sum + (number(p, `x${i}`) - 0.7 * i + 1) ** 2, 0),
  },
  {
    name: 'branin',
    space: { x: box(-5, 10), y: box(0, 15) },
    objective: (p) => {
      const [x, y] = [number(p, 'x'), number(p, 'y')];
      const curve = y - (5.1 * x * x) / (4 * Math.PI ** 2) + (5 * x) / Math.PI - 6;
      return curve ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10 - 0.397887;
    },
  },
  {
    name: 'rosenbrock',
    space: { x: box(-2, 2), y: box(-1, 3) },
    objective: (p) => 100 * (number(p, 'y') - number(p, 'x') ** 2) ** 2 + (1 - number(p, 'x')) ** 2,
  },
  {
    name: 'mixed',
    space: {
      rate: { kind: 'float', low: 1e-5, high: 1, log: true },
      depth: { kind: 'int', low: 1, high: 16 },
      leaves: { kind: 'int', low: 2, high: 512, log: true },
      share: { kind: 'float', low: 0.1, high: 1, step: 0.05 },
      kind: { kind: 'categorical', choices: ['gbdt', 'forest', 'linear', 'nearest', 'naive'] },
    },
    objective: (p) => {
      const penalty = { gbdt: 0, forest: 1, linear: 2, nearest: 4, naive: 8 }[String(p.kind)] ?? 9;
      const rate = (Math.log10(number(p, 'rate')) + 2) ** 2;
      const depth = ((number(p, 'depth') - 6) / 4) ** 2;
      const leaves = (Math.log2(number(p, 'leaves')) - 5) ** 2 / 4;
      return penalty + rate + depth + leaves + 4 * (number(p, 'share') - 0.8) ** 2;
    },
  },
];

/** The best value after each trial of a study of one worker. */
export function optimize(
  sampler: Sampler,
  problem: Problem,
  options: { readonly seed: number; readonly trials: number },
): number[] {
  const trials: PastTrial[] = [];
  const bests: number[] = [];
  for (let n = 0; n < options.trials; n++) {
    const { space } = problem;
    const params = sampler.suggest({ space, directions: ['minimize'], trials, rng: trialRng(options.seed, n) });
    const value = problem.objective(params);
    trials.push({ number: n, state: 'complete', params, values: [value], reports: [] });
    bests.push(Math.min(bests.at(-1) ?? Number.POSITIVE_INFINITY, value));
  }
  return bests;
}

type TpeChoice = Extract<SamplerChoice, { name: 'tpe' }>;

/** TPE as a study has it that asks for no more than these options. */
export function tpeSampler(options: Omit<TpeChoice, 'name'> = {}): Sampler {
  return samplerOf(withSamplerDefaults({ name: 'tpe', ...options }, 0));
}
