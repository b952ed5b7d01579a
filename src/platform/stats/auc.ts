import { zOf } from './intervals.ts';
import { normalTwoSided } from './tails.ts';

/** Area under the ROC curve with its variance and 95 % interval. */
export interface AucEstimate {
  readonly auc: number;
  readonly variance: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Area under the ROC curve and its variance after DeLong, DeLong and Clarke-Pearson (1988), by mid-ranks in
 * O(n log n) (Sun and Xu, 2014). The interval is taken on the logit, so it stays inside 0 and 1.
 * All figures are NaN unless both labels occur; the variance is NaN with fewer than two of either.
 *
 * @param labels 0 or 1
 * @param scores higher means more likely 1; ties count half
 */
export function aucDeLong(labels: ArrayLike<number>, scores: ArrayLike<number>): AucEstimate {
  const { auc, ofPositives, ofNegatives } = placements(labels, scores);
  const variance = covariance(ofPositives, ofPositives) + covariance(ofNegatives, ofNegatives);
  return { auc, variance, ...logitInterval(auc, variance) };
}

export interface AucDifference {
  /** AUC of the second scores less that of the first. */
  readonly difference: number;
  readonly variance: number;
  readonly low: number;
  readonly high: number;
  /** Two-sided. */
  readonly pValue: number;
}

/** Difference of the AUC of two scores of the same rows, their correlation taken into account (DeLong, paired). */
export function aucDifference(
  labels: ArrayLike<number>,
  first: ArrayLike<number>,
  second: ArrayLike<number>,
): AucDifference {
  const a = placements(labels, first);
  const b = placements(labels, second);
  const difference = b.auc - a.auc;
  const gaps = (x: Float64Array, y: Float64Array) => y.map((value, i) => value - (x[i] ?? 0));
  const positives = gaps(a.ofPositives, b.ofPositives);
  const negatives = gaps(a.ofNegatives, b.ofNegatives);
  const variance = covariance(positives, positives) + covariance(negatives, negatives);
  const half = zOf(0.95) * Math.sqrt(variance);
  const pValue = variance > 0 ? normalTwoSided(difference / Math.sqrt(variance)) : difference === 0 ? 1 : 0;
  return { difference, variance, low: difference - half, high: difference + half, pValue };
}

interface Placements {
  readonly auc: number;
  /** For each positive, the share of negatives it is above. */
  readonly ofPositives: Float64Array;
  /** For each negative, the share of positives above it. */
  readonly ofNegatives: Float64Array;
}

function placements(labels: ArrayLike<number>, scores: ArrayLike<number>): Placements {
  const rows = labels.length;
  const order = Uint32Array.from({ length: rows }, (_, index) => index).sort(
    (a, b) => (scores[a] ?? 0) - (scores[b] ?? 0),
  );
  let positives = 0;
  for (let i = 0; i < rows; i++) positives += labels[i] === 1 ? 1 : 0;
  const negatives = rows - positives;
  const above = new Float64Array(rows);
  let positivesBelow = 0;
  let negativesBelow = 0;
  let sum = 0;
  for (let start = 0; start < rows; ) {
    const score = scores[order[start] ?? 0];
    let end = start;
    let tiedPositives = 0;
    for (; end < rows && scores[order[end] ?? 0] === score; end++)
      tiedPositives += labels[order[end] ?? 0] === 1 ? 1 : 0;
    const tiedNegatives = end - start - tiedPositives;
    const shareBelow = (negativesBelow + tiedNegatives / 2) / negatives;
    const shareAbove = 1 - (positivesBelow + tiedPositives / 2) / positives;
    for (let at = start; at < end; at++) {
      const row = order[at] ?? 0;
      above[row] = labels[row] === 1 ? shareBelow : shareAbove;
    }
    sum += tiedPositives * shareBelow;
    positivesBelow += tiedPositives;
    negativesBelow += tiedNegatives;
    start = end;
  }
  const auc = positives > 0 && negatives > 0 ? sum / positives : Number.NaN;
  return {
    auc,
    ofPositives: above.filter((_, row) => labels[row] === 1),
    ofNegatives: above.filter((_, row) => labels[row] !== 1),
  };
}

/** Covariance of two paired samples' means. */
function covariance(a: Float64Array, b: Float64Array): number {
  const rows = a.length;
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / rows;
  const meanA = mean(a);
  const meanB = mean(b);
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += ((a[i] ?? 0) - meanA) * ((b[i] ?? 0) - meanB);
  return rows > 1 ? sum / (rows - 1) / rows : Number.NaN;
}

function logitInterval(auc: number, variance: number): { low: number; high: number } {
  if (!(auc > 0 && auc < 1)) return { low: auc, high: auc };
  const centre = Math.log(auc / (1 - auc));
  const half = (zOf(0.95) * Math.sqrt(variance)) / (auc * (1 - auc));
  const back = (x: number) => 1 / (1 + Math.exp(-x));
  return { low: back(centre - half), high: back(centre + half) };
}
