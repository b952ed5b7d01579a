export { fitRateBaseline, majority } from './core/baselines.ts';
export { type BinaryEvaluation, evaluateBinary } from './core/evaluate/binary.ts';
export { gainImportance, permutationImportance } from './core/evaluate/importance.ts';
export { comparePaired, type PairedComparison } from './core/evaluate/paired.ts';
export { evaluateRegression, type RegressionEvaluation } from './core/evaluate/regression.ts';
export { evaluateSegments, type SegmentEvaluation } from './core/evaluate/segments.ts';
export { applyRecipe, fitRecipe, trainingMatrix } from './core/features/recipe.ts';
export {
  type Column,
  categoryColumn,
  columnOf,
  type Frame,
  frameFromRows,
  frameToRows,
  numbersOf,
  takeRows,
} from './core/frame.ts';
export type { GbdtModel } from './core/gbdt/model.ts';
export type { GbdtParameters } from './core/gbdt/parameters.ts';
export { type GbdtOptions, type GbdtTraining, trainGbdt } from './core/gbdt/train.ts';
export { trainLinear, trainLogistic } from './core/linear.ts';
export type { Matrix } from './core/matrix.ts';
export { predictMatrix, predictProbabilities } from './core/predict.ts';
export { gbdtSearchSpace } from './core/search-space.ts';
export type { Estimate, FeatureSpec, KeyPart, Model, Predictor, Recipe, RecipeSpec } from './model.ts';
export { checkParity, exportOnnx } from './onnx.ts';
