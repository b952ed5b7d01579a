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
  /** Degrees of freedom of the scaled F distribution that stands for it. */
  readonly degrees: number;
  readonly meanDegrees: number;
}

/**
 * What PSI to expect of a window of `rows` rows without drift. Sampling alone gives (B - 1)·(1/n + 1/m) with a scaled
 * chi-squared distribution. Days differ besides: the excess of the reference's own windows over sampling is the trace
 * of their covariance D in units of the bins, and what their variance leaves over is 2·tr D². Both together are matched
 * by a scaled chi-squared variate (Satterthwaite, 1946), and the chance error of the mean makes it an F variate.
 */
export function usualPsi(
  column: Binned,
  group: Int32Array,
  groups: number,
  reference: Float64Array,
  rows: number,
): UsualPsi {
  const dimensions = Math.max(1, groups - 1);
  const sampling = 1 / rows + 1 / column.rows;
  const own = column.windows.flatMap((counts) => {
    const window = addUp(counts, group, groups);
    const size = window.reduce((sum, count) => sum + count, 0);
    if (size < LEAST_WINDOW_ROWS || size === column.rows) return [];
    const others = reference.map((count, at) => count - (window[at] ?? 0));
    return [{ psi: psi(others, window, halfRow(size)), noise: 1 / size + 1 / (column.rows - size) }];
  });
  if (own.length < LEAST_REFERENCE_WINDOWS) {
    return { mean: dimensions * sampling, days: 0, degrees: dimensions, meanDegrees: LARGE };
  }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const average = mean(own.map((w) => w.psi));
  const variance = mean(own.map((w) => (w.psi - average) ** 2)) * (own.length / (own.length - 1));
  const days = Math.max(0, average - dimensions * mean(own.map(({ noise }) => noise)));
  const explained = mean(own.map(({ noise }) => 2 * dimensions * noise ** 2 + 4 * noise * days));
  // Cauchy-Schwarz: a trace of D spread over all dimensions is the least the square can be.
  const square = Math.max((variance - explained) / 2, days ** 2 / dimensions);
  const usual = dimensions * sampling + days * (1 + 1 / own.length);
  const usualVariance = 2 * dimensions * sampling ** 2 + 4 * sampling * days + 2 * square;
  return {
    mean: usual,
    days,
    degrees: (2 * usual ** 2) / usualVariance,
    meanDegrees: days > 0 ? (2 * own.length * usual ** 2) / variance : LARGE,
  };
}

const LARGE = 1e7;

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
