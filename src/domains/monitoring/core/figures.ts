import { aucDeLong, brier, logLossOf, moments } from '#platform/stats';
import type { PerformanceFigures, SegmentTally } from '../model.ts';
import { rounded } from './rounded.ts';

/** Figures of the labelled rows of one window. */
export function performanceFigures(
  startMs: number,
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
): PerformanceFigures {
  const losses: [number[], number[]] = [[], []];
  let sum = 0;
  for (let row = 0; row < labels.length; row++) {
    const [label, p] = [labels[row] ?? 0, predictions[row] ?? 0];
    losses[label === 1 ? 1 : 0].push(logLossOf(label, p));
    sum += p;
  }
  const [negative, positive] = losses.map((list) => {
    const { mean, variance } = moments(list);
    return { rows: list.length, loss: mean, variance: variance / list.length };
  }) as [MeanLoss, MeanLoss];
  const { auc, variance } = aucDeLong(labels, predictions);
  const rows = labels.length;
  const part = ({ rows: share, loss }: MeanLoss) => (share === 0 ? 0 : (share * loss) / rows);
  return {
    startMs,
    rows,
    positives: positive.rows,
    meanPrediction: sum / rows,
    positiveLoss: positive.loss,
    positiveVariance: positive.variance,
    negativeLoss: negative.loss,
    negativeVariance: negative.variance,
    logLoss: part(positive) + part(negative),
    brier: brier(labels, predictions),
    auc,
    aucVariance: variance,
  };
}

interface MeanLoss {
  readonly rows: number;
  readonly loss: number;
  readonly variance: number;
}

/**
 * Predictions moved by one shift of their log-odds so that their sum is that of the labels: a day on which everything
 * is late is no fault of one segment. Newton's method; the sum is monotone and concave enough to converge in a few steps.
 */
export function shifted(labels: ArrayLike<number>, predictions: ArrayLike<number>): Float64Array {
  const logits = Float64Array.from(predictions, (p) => {
    const kept = Math.min(1 - 1e-9, Math.max(1e-9, p));
    return Math.log(kept / (1 - kept));
  });
  let observed = 0;
  for (let row = 0; row < labels.length; row++) observed += labels[row] ?? 0;
  // With one label only the best shift is infinite; half a row of the other keeps it finite.
  observed = Math.min(labels.length - 0.5, Math.max(0.5, observed));
  let shift = 0;
  const result = new Float64Array(labels.length);
  for (let step = 0; step < 50; step++) {
    let [expected, slope] = [0, 0];
    for (let row = 0; row < result.length; row++) {
      const p = 1 / (1 + Math.exp(-(logits[row] ?? 0) - shift));
      result[row] = p;
      expected += p;
      slope += p * (1 - p);
    }
    const change = Math.max(-2, Math.min(2, (observed - expected) / slope));
    if (!(Math.abs(change) > 1e-9)) break;
    shift += change;
  }
  return result;
}

/** Labels against predictions, bin by bin; rows without a bin are left out. */
export function tallySegments(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  bins: Int32Array,
  binCount: number,
): SegmentTally[] {
  const tallies = Array.from({ length: binCount }, () => ({ rows: 0, observed: 0, expected: 0, variance: 0 }));
  bins.forEach((bin, row) => {
    const tally = tallies[bin];
    if (!tally) return;
    const p = predictions[row] ?? 0;
    tally.rows++;
    tally.observed += labels[row] ?? 0;
    tally.expected += p;
    tally.variance += p * (1 - p);
  });
  return tallies.map(({ rows, observed, expected, variance }) => ({
    rows,
    observed,
    expected: rounded(expected),
    variance: rounded(variance),
  }));
}
