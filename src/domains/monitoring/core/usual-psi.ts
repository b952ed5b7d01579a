import { psi } from '#platform/stats';
import { type FrozenColumn, LEAST_REFERENCE_WINDOWS } from '../model.ts';
import { addUp, groupBins } from './bins.ts';

type Binned = Pick<FrozenColumn, 'kind' | 'rows' | 'counts' | 'windows'>;

/** Windows of the reference with fewer rows do not tell how windows differ. */
const LEAST_WINDOW_ROWS = 50;
/**
 * Usual PSI between windows of the reference above which a column is not comparable window by window: the weekday of
 * a one-day window, a time stamp, a running number. Twice the mark of a major shift.
 */
const INCOMPARABLE_PSI = 0.5;

/** PSI as windows of one size show it without drift. */
export interface UsualPsi {
  readonly mean: number;
  /** The part of it that comes from windows being different, beyond the chance of sampling. */
  readonly days: number;
  /** Degrees of freedom of the scaled chi-squared distribution that stands for it. */
  readonly degrees: number;
}

/**
 * What PSI to expect of a window of `rows` rows without drift: its sampling mean and variance, and besides that days
 * differ. The excess of the reference's own windows over sampling is the trace of their covariance D in units of the
 * bins, and what their variance leaves over is 2·tr D². Both together, and the chance error
 * of the mean itself, are matched by a scaled chi-squared variate (Satterthwaite, 1946).
 */
export function usualPsi(
  column: Binned,
  group: Int32Array,
  groups: number,
  reference: Float64Array,
  rows: number,
): UsualPsi {
  const shares = reference.map((count) => count / column.rows);
  const filled = shares.filter((share) => share > 0).length;
  const dimensions = Math.max(1, filled - 1);
  const sampling = samplingPsi(shares, dimensions, rows, column.rows);
  const own = column.windows.flatMap((counts) => {
    const window = addUp(counts, group, groups);
    const size = window.reduce((sum, count) => sum + count, 0);
    if (size < LEAST_WINDOW_ROWS || size === column.rows) return [];
    const others = reference.map((count, at) => count - (window[at] ?? 0));
    const chance = samplingPsi(shares, dimensions, size, column.rows - size);
    return [{ psi: psi(others, window, halfRow(size)), ...chance }];
  });
  if (own.length < LEAST_REFERENCE_WINDOWS) {
    return { mean: sampling.mean, days: 0, degrees: (2 * sampling.mean ** 2) / sampling.variance };
  }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const average = mean(own.map((w) => w.psi));
  const variance = mean(own.map((w) => (w.psi - average) ** 2)) * (own.length / (own.length - 1));
  const days = Math.max(0, average - mean(own.map((w) => w.mean)));
  const explained = mean(own.map((w) => w.variance + 4 * w.noise * days));
  // tr D² is (tr D)² / (B - 1) when days differ in all directions alike, and (tr D)² when in one alone. Twice that is
  // granted to days that are wilder than normal ones; more can only be the noise of small windows.
  const square = Math.min(2 * days ** 2, Math.max((variance - explained) / 2, days ** 2 / dimensions));
  const usual = sampling.mean + days * (1 + 1 / own.length);
  const usualVariance = sampling.variance + 4 * sampling.noise * days + 2 * square + variance / own.length;
  return { mean: usual, days, degrees: (2 * usual ** 2) / usualVariance };
}

/**
 * Mean and variance of the PSI of a sample of `rows` rows against one of `others`, both from the same distribution. In
 * the limit (B - 1)·(1/n + 1/m), with twice its square over B - 1 as variance; with few rows a bin the logarithm makes
 * both larger, so the sums over what a bin may hold are taken as they are.
 */
function samplingPsi(shares: Float64Array, dimensions: number, rows: number, others: number) {
  let [mean, variance] = [0, 0];
  for (const share of shares) {
    const [first, second] = binMoments(share, rows);
    mean += first;
    variance += second - first ** 2;
  }
  // Counts of bins add up to the rows, which takes one dimension away.
  variance *= dimensions / (dimensions + 1);
  return {
    noise: 1 / rows + 1 / others,
    mean: mean + dimensions / others,
    variance: variance + dimensions * (4 / (rows * others) + 2 / others ** 2),
  };
}

/** First and second moment of what one bin adds to the PSI of a binomial sample. */
function binMoments(share: number, rows: number): readonly [number, number] {
  const expected = share * rows;
  if (expected === 0) return [0, 0];
  if (expected > LARGE_BIN) {
    const mean = (1 - share) / rows + 0.5 / (expected * rows);
    return [mean, mean ** 2 + (2 / rows ** 2) * (1 + 3 / expected)];
  }
  let chance = Math.exp(rows * Math.log1p(-Math.min(share, 1 - 1e-12)));
  let [first, second] = [0, 0];
  const last = Math.min(rows, expected + 12 * Math.sqrt(expected) + 20);
  for (let count = 0; count <= last; count++) {
    const held = Math.max(0.5, count) / rows;
    const part = (held - share) * Math.log(held / share);
    first += chance * part;
    second += chance * part * part;
    chance *= ((rows - count) * share) / ((count + 1) * (1 - share));
  }
  return [first, second];
}

const LARGE_BIN = 100;
/** Whether windows of the reference are alike enough for a window to be compared with the whole. */
export function isComparable(column: Binned): boolean {
  const rows = Math.round(column.rows / Math.max(1, column.windows.length));
  if (rows === 0) return false;
  const { group, groups } = groupBins(column, rows);
  return usualPsi(column, group, groups, addUp(column.counts, group, groups), rows).days <= INCOMPARABLE_PSI;
}

/** An empty bin counts as half a row: finite, and no larger than what one row would have made. */
export function halfRow(rows: number): number {
  return 0.5 / rows;
}
