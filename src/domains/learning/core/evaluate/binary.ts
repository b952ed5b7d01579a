import { aucDeLong, logLossOf, meanInterval, wilson } from '#platform/stats';
import type { Estimate } from '../../model.ts';
import { assertLabels } from '../labels.ts';
import { type Calibration, calibrationOf } from './calibration.ts';
import { assertPredictions, PROBABILITY } from './check.ts';

/** How good probabilities are; every interval holds the true figure with 95 % confidence. */
export interface BinaryEvaluation {
  readonly rows: number;
  readonly positives: number;
  /** Share of positives (Wilson). */
  readonly rate: Estimate;
  readonly meanPrediction: number;
  /** Area under the ROC curve (DeLong). */
  readonly auc: Estimate;
  /** Mean log loss, nats. */
  readonly logLoss: Estimate;
  /** Mean squared error of the probability. */
  readonly brier: Estimate;
  /** Share of rows on the right side of one half (Wilson). */
  readonly accuracy: Estimate;
  readonly calibration: Calibration;
}

/**
 * Evaluates probabilities of label 1.
 *
 * @throws LEARNING_DATA_EMPTY, LEARNING_LABEL_INVALID, LEARNING_LABELS_ONE_CLASS, LEARNING_LENGTHS_DIFFER,
 *   LEARNING_PREDICTION_INVALID
 */
export function evaluateBinary(labels: ArrayLike<number>, probabilities: ArrayLike<number>): BinaryEvaluation {
  assertLabels('The data to evaluate on', labels, labels.length, 'binary');
  assertPredictions(labels, probabilities, PROBABILITY);
  const rows = labels.length;
  let positives = 0;
  let right = 0;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const label = labels[row] as number;
    const probability = probabilities[row] as number;
    positives += label;
    sum += probability;
    if (probability > 0.5 === (label === 1)) right += 1;
  }
  const { auc, low, high } = aucDeLong(labels, probabilities);
  return {
    rows,
    positives,
    rate: wilson(positives, rows),
    meanPrediction: sum / rows,
    auc: { value: auc, low, high },
    logLoss: meanInterval(logLosses(labels, probabilities)),
    brier: meanInterval(squaredErrors(labels, probabilities)),
    accuracy: wilson(right, rows),
    calibration: calibrationOf(labels, probabilities),
  };
}

/** The log loss of each row, nats. */
export function logLosses(labels: ArrayLike<number>, probabilities: ArrayLike<number>): Float64Array {
  return Float64Array.from(labels, (label, row) => logLossOf(label, probabilities[row] as number));
}

export function squaredErrors(labels: ArrayLike<number>, predictions: ArrayLike<number>): Float64Array {
  return Float64Array.from(labels, (label, row) => (label - (predictions[row] as number)) ** 2);
}
