import type { Rng } from '#platform/kernel';
import { normalQuantile } from './tails.ts';

/** An estimate with an interval that holds the true value with the confidence asked for. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Interval of a share: `hits` of `rows` (Wilson, 1927). Sensible at 0 and at few rows; NaN without rows. */
export function wilson(hits: number, rows: number, confidence = 0.95): Interval {
  const z = zOf(confidence);
  const share = hits / rows;
  const scale = 1 + (z * z) / rows;
  const centre = (share + (z * z) / (2 * rows)) / scale;
  const half = (z * Math.sqrt((share * (1 - share)) / rows + (z * z) / (4 * rows * rows))) / scale;
  return { value: share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Mean, with a normal interval; low and high are NaN with fewer than two values. */
export function meanInterval(values: ArrayLike<number>, confidence = 0.95): Interval {
  const { mean, variance } = moments(values);
  const half = zOf(confidence) * Math.sqrt(variance / values.length);
  return { value: mean, low: mean - half, high: mean + half };
}

/** Mean of `b` minus mean of `a`, two independent samples of unequal variance (Welch), with a normal interval. */
export function meanDifference(a: ArrayLike<number>, b: ArrayLike<number>, confidence = 0.95): Interval {
  const first = moments(a);
  const second = moments(b);
  const value = second.mean - first.mean;
  const half = zOf(confidence) * Math.sqrt(first.variance / a.length + second.variance / b.length);
  return { value, low: value - half, high: value + half };
}

/**
 * Percentile bootstrap of any statistic of rows (Efron, 1979): the rows are drawn again with replacement.
 *
 * @param statistic called with indices of rows, `rows` of them
 * @param repeats how often to draw; 1,000 gives the ends of a 95 % interval to about 0.7 % of probability
 */
export function bootstrapInterval(options: {
  readonly rows: number;
  readonly statistic: (indices: Int32Array) => number;
  readonly rng: Rng;
  readonly repeats?: number;
  readonly confidence?: number;
}): Interval {
  const { rows, statistic, rng, repeats = 1000, confidence = 0.95 } = options;
  const indices = Int32Array.from({ length: rows }, (_, index) => index);
  const value = statistic(indices);
  const drawn = new Float64Array(repeats);
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (let i = 0; i < rows; i++) indices[i] = rng.int(rows);
    drawn[repeat] = statistic(indices);
  }
  drawn.sort();
  const at = (p: number) => quantileOfSorted(drawn, p);
  return { value, low: at((1 - confidence) / 2), high: at((1 + confidence) / 2) };
}

/** Quantile of ascending values, linear between neighbours (type 7 of Hyndman and Fan, 1996). NaN without values. */
export function quantileOfSorted(sorted: ArrayLike<number>, probability: number): number {
  const position = probability * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[below + 1] ?? low;
  return low + (position - below) * (high - low);
}

/** Mean and unbiased variance of a sample. */
export function moments(values: ArrayLike<number>): { readonly mean: number; readonly variance: number } {
  let mean = 0;
  let squares = 0;
  // Welford's update: no loss of digits when the mean is large against the spread.
  for (let i = 0; i < values.length; i++) {
    const gap = (values[i] ?? Number.NaN) - mean;
    mean += gap / (i + 1);
    squares += gap * ((values[i] ?? Number.NaN) - mean);
  }
  return values.length === 0
    ? { mean: Number.NaN, variance: Number.NaN }
    : { mean, variance: squares / (values.length - 1) };
}

/** How many standard deviations hold a normal variate with the given confidence. */
export function zOf(confidence: number): number {
  return normalQuantile((1 + confidence) / 2);
}
