import type { Direction } from '#contract';
import type { Rng } from '#platform/kernel';
import type { ParamValue, PastTrial, SearchSpace } from '../model.ts';
import { type Axis, axisOf, isFixed } from './axis.ts';
import { type ParzenAxis, ParzenEstimator } from './parzen.ts';
import { randomSampler } from './random-sampler.ts';
import type { SampleRequest, Sampler } from './sampler.ts';

export interface TpeOptions {
  /** Random draws until this many trials are complete or pruned. */
  readonly startupTrials: number;
  /** Candidates drawn from the good trials' density; the one with the best ratio of densities is proposed. */
  readonly candidates: number;
  /** Model the params together, by product kernels, rather than each alone. */
  readonly multivariate: boolean;
  /** Count running trials among the bad ones, so that parallel trials keep apart. */
  readonly constantLiar: boolean;
  readonly priorWeight: number;
}

const MAX_GOOD_TRIALS = 25;

/**
 * The tree-structured Parzen estimator of Bergstra et al. (NIPS 2011), with the details of Optuna's TPESampler: the
 * best tenth of the trials, at most 25, make the density l of good params, the others the density g; of some candidates
 * drawn from l the one with the greatest l / g is proposed.
 */
export function createTpeSampler(options: TpeOptions): Sampler {
  return {
    refusal: ({ directions }) => (directions.length === 1 ? undefined : 'it takes one objective only'),
    suggest: (request) => suggest(options, request),
  };
}

function suggest(options: TpeOptions, request: SampleRequest) {
  const { space, directions, trials, rng } = request;
  const ended = trials.filter(({ state }) => state === 'complete' || state === 'pruned');
  if (ended.length < options.startupTrials) return randomSampler.suggest(request);
  const good = bestTrials(ended, directions[0] ?? 'minimize', Math.min(Math.ceil(0.1 * ended.length), MAX_GOOD_TRIALS));
  const pending = options.constantLiar ? trials.filter(({ state }) => state === 'running') : [];
  const bad = [...ended.filter((trial) => !good.has(trial)), ...pending].sort((a, b) => a.number - b.number);
  const sides = { good: [...good].sort((a, b) => a.number - b.number), bad };
  const { free, fixed } = sortAxes(space);
  const groups = options.multivariate ? [free] : free.map((dimension) => [dimension]);
  const proposed = groups.flatMap((group) => (group.length === 0 ? [] : propose(options, group, sides, rng)));
  return Object.fromEntries([...fixed, ...proposed]);
}

interface NamedAxis {
  readonly name: string;
  readonly axis: Axis;
}

/** Dimensions that leave a choice, and the values of those that do not, by name. */
function sortAxes(space: SearchSpace) {
  const free: NamedAxis[] = [];
  const fixed: [string, ParamValue][] = [];
  for (const name of Object.keys(space).sort()) {
    const dimension = space[name];
    if (!dimension) continue;
    const axis = axisOf(dimension);
    if (isFixed(axis)) fixed.push([name, axis.kind === 'numeric' ? axis.toValue(axis.low) : axis.toValue(0)]);
    else free.push({ name, axis });
  }
  return { free, fixed };
}

/** Complete trials by value, then pruned ones: those that came far first, and of these the better. */
function bestTrials(ended: readonly PastTrial[], direction: Direction, count: number): Set<PastTrial> {
  const sign = direction === 'maximize' ? -1 : 1;
  const complete = ended
    .filter(({ state }) => state === 'complete')
    .sort((a, b) => compare(sign * (a.values?.[0] ?? 0), sign * (b.values?.[0] ?? 0)) || a.number - b.number);
  const pruned = ended
    .filter(({ state }) => state === 'pruned')
    .map((trial) => ({ trial, rank: prunedRank(trial, sign) }))
    .sort((a, b) => compare(a.rank[0], b.rank[0]) || compare(a.rank[1], b.rank[1]) || a.trial.number - b.trial.number)
    .map(({ trial }) => trial);
  return new Set([...complete, ...pruned].slice(0, count));
}

function prunedRank({ reports }: PastTrial, sign: number): readonly [number, number] {
  const last = reports.at(-1);
  if (!last) return [1, 0];
  return [-last.step, Number.isNaN(last.value) ? Number.POSITIVE_INFINITY : sign * last.value];
}

/** Unlike a difference this orders infinities. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function propose(
  { candidates, priorWeight }: TpeOptions,
  group: readonly NamedAxis[],
  sides: { readonly good: readonly PastTrial[]; readonly bad: readonly PastTrial[] },
  rng: Rng,
): [string, ParamValue][] {
  const axes: readonly ParzenAxis[] = group.map(({ axis }) => axis);
  const estimate = (trials: readonly PastTrial[]) => {
    const observations = group.map(({ name, axis }) =>
      Float64Array.from(trials, ({ params }) => axis.toCoordinate(params[name] ?? null)),
    );
    return new ParzenEstimator(axes, observations, priorWeight);
  };
  const [good, bad] = [estimate(sides.good), estimate(sides.bad)];
  let best: readonly ParamValue[] = [];
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < candidates; i++) {
    const drawn = good.sample(rng);
    const values = axes.map((axis, index) => axis.toValue(drawn[index] ?? 0));
    const point = axes.map((axis, index) => axis.toCoordinate(values[index] ?? null));
    const score = good.logDensity(point) - bad.logDensity(point);
    if (i > 0 && !(score > bestScore)) continue;
    best = values;
    bestScore = score;
  }
  return group.map(({ name }, index) => [name, best[index] ?? null]);
}
