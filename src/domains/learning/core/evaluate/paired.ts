import { aucDifference, meanInterval, moments, normalTwoSided } from '#platform/stats';
import type { Estimate } from '../../model.ts';
import { assertLabels } from '../labels.ts';
import { logLosses, squaredErrors } from './binary.ts';
import { assertPredictions, PROBABILITY } from './check.ts';

/** A difference with its interval and the two-sided p-value of there being none. */
export interface Difference extends Estimate {
  readonly pValue: number;
}

/** Model a less model b on the same rows. */
export interface PairedComparison {
  readonly rows: number;
  /** Of the mean log losses, nats; below 0 when a is better. */
  readonly logLoss: Difference;
  /** Of the Brier scores; below 0 when a is better. */
  readonly brier: Difference;
  /** Above 0 when a is better; null where all labels are the same. */
  readonly auc: Difference | null;
}

/**
 * Compares two models on the same rows. Losses are differenced row by row, which takes out what both find hard; the
 * difference of the AUCs is DeLong's for correlated curves.
 *
 * @throws LEARNING_DATA_EMPTY, LEARNING_LABEL_INVALID, LEARNING_LENGTHS_DIFFER, LEARNING_PREDICTION_INVALID
 */
export function comparePaired(labels: ArrayLike<number>, a: ArrayLike<number>, b: ArrayLike<number>): PairedComparison {
  assertLabels('The data to compare on', labels, labels.length, 'binary', true);
  assertPredictions(labels, a, PROBABILITY);
  assertPredictions(labels, b, PROBABILITY);
  const auc = aucDifference(labels, b, a);
  return {
    rows: labels.length,
    logLoss: meanDifferenceOf(logLosses(labels, a), logLosses(labels, b)),
    brier: meanDifferenceOf(squaredErrors(labels, a), squaredErrors(labels, b)),
    auc: Number.isNaN(auc.difference)
      ? null
      : { value: auc.difference, low: auc.low, high: auc.high, pValue: auc.pValue },
  };
}

/** Mean of a - b over paired rows. */
export function meanDifferenceOf(a: Float64Array, b: Float64Array): Difference {
  const differences = a.map((value, row) => value - (b[row] as number));
  const { mean, variance } = moments(differences);
  const error = Math.sqrt(variance / differences.length);
  const pValue = error > 0 ? normalTwoSided(mean / error) : mean === 0 ? 1 : 0;
  return { ...meanInterval(differences), pValue };
}
