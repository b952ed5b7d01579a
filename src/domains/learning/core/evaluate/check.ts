import { learningErrors } from '../../errors.ts';

/** @throws LEARNING_LENGTHS_DIFFER, or LEARNING_PREDICTION_INVALID unless all are within [low, high] */
export function assertPredictions(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  [low, high]: readonly [number, number],
): void {
  const what = 'The data to evaluate on';
  if (predictions.length !== labels.length) {
    throw learningErrors.LEARNING_LENGTHS_DIFFER({ what, rows: labels.length, values: predictions.length });
  }
  for (let row = 0; row < predictions.length; row++) {
    const prediction = predictions[row] as number;
    if (!(prediction >= low && prediction <= high)) {
      throw learningErrors.LEARNING_PREDICTION_INVALID({ row, prediction, expected: `between ${low} and ${high}` });
    }
  }
}

export const PROBABILITY = [0, 1] as const;
export const FINITE = [-Number.MAX_VALUE, Number.MAX_VALUE] as const;
