import { type Rng, seededRng } from '#platform/kernel';
import { meanInterval } from '#platform/stats';
import type { Estimate, Model } from '../../model.ts';
import { assertLabels } from '../labels.ts';
import { featureOf, type Matrix } from '../matrix.ts';
import { predictMatrix } from '../predict.ts';
import { logLosses, squaredErrors } from './binary.ts';

export interface PermutationOptions {
  readonly model: Model;
  /** Rows that the model was not trained on. */
  readonly matrix: Matrix;
  readonly labels: ArrayLike<number>;
  /** Shuffles a feature, default 5. */
  readonly repeats?: number;
  readonly seed?: number;
}

/**
 * What each feature is worth: how much the mean loss (log loss, or squared error) rises when its values are shuffled
 * among the rows (Breiman, 2001; Fisher, Rudin and Dominici, 2019). The interval is over rows and shuffles.
 *
 * @throws LEARNING_DATA_EMPTY, LEARNING_LABEL_INVALID, LEARNING_LENGTHS_DIFFER, LEARNING_FEATURES_DIFFER
 */
export function permutationImportance(options: PermutationOptions): Record<string, Estimate> {
  const { model, matrix, labels, repeats = 5 } = options;
  assertLabels('The data to evaluate on', labels, matrix.rowCount, model.objective, true);
  const lossesOf = (rows: Matrix) => {
    const answers = predictMatrix(model, rows);
    return model.objective === 'binary' ? logLosses(labels, answers) : squaredErrors(labels, answers);
  };
  const rng = seededRng(options.seed ?? 0);
  const before = lossesOf(matrix);
  const entries = matrix.names.map((name, feature) => {
    const rises = new Float64Array(matrix.rowCount);
    for (let repeat = 0; repeat < repeats; repeat++) {
      const values = matrix.values.slice();
      shuffleInPlace(featureOf({ ...matrix, values }, feature), rng);
      const after = lossesOf({ ...matrix, values });
      for (let row = 0; row < rises.length; row++) {
        rises[row] = (rises[row] as number) + ((after[row] as number) - (before[row] as number)) / repeats;
      }
    }
    return [name, meanInterval(rises)] as const;
  });
  return Object.fromEntries(entries);
}

function shuffleInPlace(values: Float32Array, rng: Rng): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = rng.int(i + 1);
    const held = values[i] as number;
    values[i] = values[j] as number;
    values[j] = held;
  }
}

/** Total gain of the splits on each feature, as a share of the whole; 0 for a feature never used and for models without trees. */
export function gainImportance(model: Model): Record<string, number> {
  const gains = model.featureNames.map(() => 0);
  for (const tree of model.kind === 'gbdt' ? model.trees : []) {
    tree.feature.forEach((feature, node) => {
      gains[feature] = (gains[feature] ?? 0) + (tree.gain[node] ?? 0);
    });
  }
  const total = gains.reduce((sum, gain) => sum + gain, 0) || 1;
  return Object.fromEntries(model.featureNames.map((name, i) => [name, (gains[i] ?? 0) / total]));
}
