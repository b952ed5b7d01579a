import { seededRng } from '#platform/kernel';
import { quantileOfSorted, wilson } from '#platform/stats';
import type { Estimate } from '../../model.ts';

/** Rows of similar predictions: what was predicted on average, and what came. */
interface CalibrationBin {
  readonly rows: number;
  readonly meanPrediction: number;
  readonly rate: Estimate;
}

export interface Calibration {
  /** Mean distance of prediction and rate over the bins, weighted by rows (expected calibration error). */
  readonly error: Estimate;
  /** What `error` would be on average for perfectly calibrated probabilities, by chance, with as many rows. */
  readonly errorByChance: number;
  /** Of about equal row counts, by rising prediction. */
  readonly bins: readonly CalibrationBin[];
}

const BINS = 10;
const REPEATS = 1000;

/** Compares predictions with what came, in bins of equal row counts. Rows of one prediction stay in one bin. */
export function calibrationOf(labels: ArrayLike<number>, probabilities: ArrayLike<number>): Calibration {
  const sums = binSums(labels, probabilities);
  const rows = labels.length;
  const errorOf = (positivesOf: (bin: BinSums) => number) =>
    sums.reduce((total, bin) => total + Math.abs(bin.predicted - positivesOf(bin)), 0) / rows;
  return {
    error: { value: errorOf((bin) => bin.positives), ...errorInterval(errorOf) },
    // The mean distance of a binomial share from its mean, by its normal approximation.
    errorByChance: sums.reduce((total, bin) => total + Math.sqrt((2 / Math.PI) * bin.variance), 0) / rows,
    bins: sums.map((bin) => ({
      rows: bin.rows,
      meanPrediction: bin.predicted / bin.rows,
      rate: wilson(bin.positives, bin.rows),
    })),
  };
}

interface BinSums {
  rows: number;
  positives: number;
  /** Sum of the predictions. */
  predicted: number;
  /** Variance of the number of positives if the predictions are right. */
  variance: number;
}

function binSums(labels: ArrayLike<number>, probabilities: ArrayLike<number>): BinSums[] {
  const sorted = Float64Array.from(probabilities).sort();
  const starts = new Set(
    Array.from({ length: BINS }, (_, i) => sorted[Math.floor((i * sorted.length) / BINS)] as number),
  );
  const edges = [...starts].slice(1);
  const sums = Array.from({ length: edges.length + 1 }, () => ({ rows: 0, positives: 0, predicted: 0, variance: 0 }));
  for (let row = 0; row < labels.length; row++) {
    const probability = probabilities[row] as number;
    let at = 0;
    while (at < edges.length && (edges[at] as number) <= probability) at++;
    const bin = sums[at] as BinSums;
    bin.rows += 1;
    bin.positives += labels[row] as number;
    bin.predicted += probability;
    bin.variance += probability * (1 - probability);
  }
  return sums;
}

/** Bootstrap of the bins' positives, each drawn from the normal approximation of its binomial; the draws are fixed. */
function errorInterval(errorOf: (positivesOf: (bin: BinSums) => number) => number): {
  readonly low: number;
  readonly high: number;
} {
  const rng = seededRng(1);
  const draw = ({ rows, positives }: BinSums) => {
    const spread = Math.sqrt((positives * (rows - positives)) / rows);
    return Math.min(rows, Math.max(0, positives + spread * rng.normal()));
  };
  const errors = Float64Array.from({ length: REPEATS }, () => errorOf(draw)).sort();
  return { low: quantileOfSorted(errors, 0.025), high: quantileOfSorted(errors, 0.975) };
}
