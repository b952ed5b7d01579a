import { learningErrors } from '../errors.ts';
import type { Model, Predictor } from '../model.ts';
import { applyRecipe } from './features/recipe.ts';
import type { Frame } from './frame.ts';
import { sigmoid } from './gbdt/model.ts';
import { gbdtScores } from './gbdt/score.ts';
import { linearScores } from './linear.ts';
import { featureOf, type Matrix } from './matrix.ts';

/**
 * The answers for rows of features: probabilities of a `binary` model, values of a `regression`.
 *
 * @throws LEARNING_FEATURES_DIFFER when the matrix has other features than the model was trained on
 */
export function predictMatrix(model: Model, matrix: Matrix): Float64Array {
  if (model.featureNames.join('\n') !== matrix.names.join('\n')) {
    throw learningErrors.LEARNING_FEATURES_DIFFER({ expected: model.featureNames, given: matrix.names });
  }
  if (model.kind === 'constant') return new Float64Array(matrix.rowCount).fill(model.value);
  if (model.kind === 'feature') return Float64Array.from(featureOf(matrix, model.featureNames.indexOf(model.feature)));
  const scores = model.kind === 'gbdt' ? gbdtScores(model, matrix) : linearScores(model, matrix);
  return model.objective === 'binary' ? scores.map(sigmoid) : scores;
}

/** The same from raw columns. @throws LEARNING_COLUMN_UNKNOWN, LEARNING_COLUMN_TYPE */
export function predictProbabilities({ recipe, model }: Predictor, frame: Frame): Float64Array {
  return predictMatrix(model, applyRecipe(recipe, frame));
}
