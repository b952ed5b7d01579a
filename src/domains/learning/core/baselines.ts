import type { ConstantModel, KeyPart, Predictor } from '../model.ts';
import { fitRecipe } from './features/recipe.ts';
import type { Frame } from './frame.ts';
import { assertLabels } from './labels.ts';
import type { Matrix } from './matrix.ts';

/** The same answer for every row: the share of positive labels, or the mean. */
export function majority(
  matrix: Matrix,
  labels: ArrayLike<number>,
  objective: ConstantModel['objective'] = 'binary',
): ConstantModel {
  assertLabels('The training data', labels, matrix.rowCount, objective, true);
  const value = Math.fround(Array.from(labels).reduce((sum, label) => sum + label, 0) / labels.length);
  return { kind: 'constant', objective, featureNames: matrix.names, value };
}

export interface RateBaselineOptions {
  /** The key, from its broadest part to its narrowest: a key seen rarely leans towards the one without its last part. */
  readonly keys: readonly KeyPart[];
  /** In rows; default 20. */
  readonly priorStrength?: number;
}

/** The historical rate of each row's key, e.g. of its route and hour. What a model must beat to be worth its while. */
export function fitRateBaseline(frame: Frame, labels: ArrayLike<number>, options: RateBaselineOptions): Predictor {
  assertLabels('The training data', labels, frame.rowCount, 'binary', true);
  const { keys, priorStrength } = options;
  const feature = {
    name: 'rate',
    op: 'rate',
    keys,
    backOff: true,
    ...(priorStrength === undefined ? {} : { priorStrength }),
  } as const;
  const recipe = fitRecipe({ features: [feature] }, frame, labels);
  return { recipe, model: { kind: 'feature', objective: 'binary', featureNames: ['rate'], feature: 'rate' } };
}
