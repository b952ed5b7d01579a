import { meanInterval, moments } from '#platform/stats';
import type { Estimate } from '../../model.ts';
import { assertLabels } from '../labels.ts';
import { squaredErrors } from './binary.ts';
import { assertPredictions, FINITE } from './check.ts';

/** How good predicted values are, with 95 % intervals; units are the target's. */
export interface RegressionEvaluation {
  readonly rows: number;
  /** Root of the mean squared error. */
  readonly rmse: Estimate;
  /** Mean absolute error. */
  readonly mae: Estimate;
  /** Share of the target's variance that is explained; NaN where the target does not vary. */
  readonly r2: Estimate;
}

/** @throws LEARNING_DATA_EMPTY, LEARNING_LABEL_INVALID, LEARNING_LENGTHS_DIFFER, LEARNING_PREDICTION_INVALID */
export function evaluateRegression(labels: ArrayLike<number>, values: ArrayLike<number>): RegressionEvaluation {
  assertLabels('The data to evaluate on', labels, labels.length, 'regression');
  assertPredictions(labels, values, FINITE);
  const squares = squaredErrors(labels, values);
  const mse = meanInterval(squares);
  const root = (value: number) => Math.sqrt(Math.max(0, value));
  return {
    rows: labels.length,
    rmse: { value: root(mse.value), low: root(mse.low), high: root(mse.high) },
    mae: meanInterval(squares.map(Math.sqrt)),
    r2: explained(labels, squares, mse.value),
  };
}

/** R² = 1 - A / B is a ratio of means, so its variance follows from the rows' influences (delta method). */
function explained(labels: ArrayLike<number>, squares: Float64Array, error: number): Estimate {
  const { mean } = moments(labels);
  const spreads = Float64Array.from(labels, (label) => (label - mean) ** 2);
  const spread = moments(spreads).mean;
  const influences = squares.map(
    (square, row) =>
      1 - error / spread - (square - error) / spread + (error * ((spreads[row] as number) - spread)) / spread ** 2,
  );
  return spread > 0 ? meanInterval(influences) : { value: Number.NaN, low: Number.NaN, high: Number.NaN };
}
