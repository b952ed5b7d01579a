import type { Rng } from '#platform/kernel';
import type { CategoricalAxis, NumericAxis } from './axis.ts';
import { logNormalBetween } from './normal.ts';

/** Axes of more than one value, by their place in a point. */
export type ParzenAxis = NumericAxis | CategoricalAxis;

interface Kernels {
  /** Adds each kernel's log density, or log mass, at a coordinate to its term. */
  addLogs(coordinate: number, terms: Float64Array): void;
  sample(kernel: number, rng: Rng): number;
}

/** The least kernel is the range divided by the number of kernels and one more, but never by more than this. */
const MAX_DIVISOR = 100;
const LOG_SQRT_2_PI = 0.5 * Math.log(2 * Math.PI);

/**
 * A mixture density over points: a product of one-dimensional kernels around every observation and one wide kernel, the
 * prior. After Bergstra et al. (2011) with the bandwidths of Optuna's `_ParzenEstimator`:
 *
 * A numeric kernel is a normal distribution cut off at the bounds, as wide as the larger gap to its neighbours, at
 * least range / min(100, kernels + 1) and at most the range. The prior sits in the middle, as wide as the range. On an
 * axis of separate values each has the mass of its cell. A categorical kernel puts weight on its own choice and
 * spreads `priorWeight / kernels` over each.
 */
export class ParzenEstimator {
  readonly #axes: readonly Kernels[];
  readonly #logWeights: Float64Array;
  readonly #cumulated: Float64Array;
  readonly #terms: Float64Array;

  /**
   * @param axes the dimensions of a point
   * @param observations one list of coordinates an axis, all of the same length, oldest first
   * @param priorWeight weight of the prior against the newest observation
   */
  constructor(axes: readonly ParzenAxis[], observations: readonly Float64Array[], priorWeight: number) {
    const count = observations[0]?.length ?? 0;
    const weights = Float64Array.from([...ageWeights(count), priorWeight]);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.#logWeights = weights.map((weight) => Math.log(weight / total));
    let sum = 0;
    this.#cumulated = weights.map((weight) => {
      sum += weight / total;
      return sum;
    });
    this.#terms = new Float64Array(count + 1);
    this.#axes = axes.map((axis, index) => {
      const own = observations[index] ?? new Float64Array();
      return axis.kind === 'numeric' ? numericKernels(axis, own) : categoricalKernels(axis, own, priorWeight);
    });
  }

  /** Draws a point. Coordinates are inside the bounds, not yet on the grid of steps. */
  sample(rng: Rng): number[] {
    const chance = rng.next();
    let kernel = this.#cumulated.findIndex((upTo) => chance < upTo);
    if (kernel < 0) kernel = this.#cumulated.length - 1;
    return this.#axes.map((axis) => axis.sample(kernel, rng));
  }

  /** Log density of a point whose coordinates are on the grid. Logarithmic axes count as they are, without Jacobian. */
  logDensity(point: readonly number[]): number {
    const terms = this.#terms;
    terms.set(this.#logWeights);
    this.#axes.forEach((axis, index) => {
      axis.addLogs(point[index] ?? 0, terms);
    });
    let greatest = Number.NEGATIVE_INFINITY;
    for (const term of terms) if (term > greatest) greatest = term;
    if (greatest === Number.NEGATIVE_INFINITY) return greatest;
    let sum = 0;
    for (const term of terms) sum += Math.exp(term - greatest);
    return greatest + Math.log(sum);
  }
}

/** The newest 25 count fully; before them the weight falls linearly towards 1 / count. */
export function ageWeights(count: number): Float64Array {
  const weights = new Float64Array(count).fill(1);
  const ramp = count - 25;
  for (let i = 0; i < ramp; i++) {
    weights[i] = ramp === 1 ? 1 / count : 1 / count + (i / (ramp - 1)) * (1 - 1 / count);
  }
  return weights;
}

function numericKernels(axis: NumericAxis, observations: Float64Array): Kernels {
  const { low, high, cellOf } = axis;
  const count = observations.length;
  const means = new Float64Array(count + 1);
  means.set(observations);
  means[count] = (low + high) / 2;
  const widths = bandwidths(axis, observations);
  // Log of what a kernel's value is divided by: the mass inside the bounds and, for a density, the normal's constant.
  const divisors = new Float64Array(count + 1);
  for (let k = 0; k <= count; k++) {
    const mean = means[k] ?? 0;
    const width = widths[k] ?? 1;
    const inside = logNormalBetween((low - mean) / width, (high - mean) / width);
    divisors[k] = cellOf ? inside : inside + Math.log(width) + LOG_SQRT_2_PI;
  }
  return {
    addLogs(x, terms) {
      const [from, to] = cellOf?.(x) ?? [x, x];
      for (let k = 0; k <= count; k++) {
        const mean = means[k] ?? 0;
        const width = widths[k] ?? 1;
        const z = (from - mean) / width;
        const log = cellOf ? logNormalBetween(z, (to - mean) / width) : -0.5 * z * z;
        terms[k] = (terms[k] ?? 0) + log - (divisors[k] ?? 0);
      }
    },
    sample(kernel, rng) {
      // The mean is inside the bounds and the width at most the range: at least a third of the draws fall inside.
      for (;;) {
        const x = (means[kernel] ?? 0) + (widths[kernel] ?? 1) * rng.normal();
        if (x >= low && x <= high) return x;
      }
    },
  };
}

/** The width of each observation's kernel, and of the prior's at the end. */
function bandwidths({ low, high }: Pick<NumericAxis, 'low' | 'high'>, observations: Float64Array): Float64Array {
  const count = observations.length;
  const range = high - low;
  const least = range / Math.min(MAX_DIVISOR, count + 2);
  const order = Array.from(observations.keys()).sort((a, b) => (observations[a] ?? 0) - (observations[b] ?? 0));
  const widths = new Float64Array(count + 1);
  order.forEach((index, place) => {
    const own = observations[index] ?? 0;
    const left = place === 0 ? undefined : own - (observations[order[place - 1] ?? 0] ?? 0);
    const right = place === count - 1 ? undefined : (observations[order[place + 1] ?? 0] ?? 0) - own;
    // The outermost look to their neighbour only; an observation without neighbours looks to the bounds.
    const gap = count === 1 ? Math.max(own - low, high - own) : Math.max(left ?? 0, right ?? 0);
    widths[index] = Math.min(Math.max(gap, least), range);
  });
  widths[count] = range;
  return widths;
}

function categoricalKernels(axis: CategoricalAxis, observations: Float64Array, priorWeight: number): Kernels {
  const choices = axis.choices.length;
  const count = observations.length;
  const spread = priorWeight / (count + 1);
  const total = 1 + spread * choices;
  const own = Math.log((1 + spread) / total);
  const other = Math.log(spread / total);
  const uniform = -Math.log(choices);
  return {
    addLogs(choice, terms) {
      for (let k = 0; k < count; k++) terms[k] = (terms[k] ?? 0) + (observations[k] === choice ? own : other);
      terms[count] = (terms[count] ?? 0) + uniform;
    },
    sample(kernel, rng) {
      const observed = observations[kernel];
      // With chance 1 / total the kernel's own choice, else any.
      if (observed !== undefined && rng.next() * total < 1) return observed;
      return rng.int(choices);
    },
  };
}
