export { fitRateBaseline, majority } from './core/baselines.ts';
export { evaluateBinary } from './core/evaluate/binary.ts';
export { gainImportance, permutationImportance } from './core/evaluate/importance.ts';
export { comparePaired } from './core/evaluate/paired.ts';
export { evaluateRegression } from './core/evaluate/regression.ts';
export { evaluateSegments } from './core/evaluate/segments.ts';
export { applyRecipe, fitRecipe, trainingMatrix } from './core/features/recipe.ts';
export {
  type Column,
  type Frame,
  frameFromRows,
  frameToRows,
  numbersOf,
  takeRows,
} from './core/frame.ts';
export type { GbdtModel } from './core/gbdt/model.ts';
export type { GbdtParameters } from './core/gbdt/parameters.ts';
export { type GbdtOptions, type LabelledMatrix, trainGbdt } from './core/gbdt/train.ts';
export { trainLinear, trainLogistic } from './core/linear.ts';
export type { Matrix } from './core/matrix.ts';
export { predictMatrix, predictProbabilities } from './core/predict.ts';
export { gbdtSearchSpace } from './core/search-space.ts';
export type { FeatureSpec, KeyPart, Predictor, Recipe, RecipeSpec } from './model.ts';
export { checkParity, exportOnnx } from './onnx.ts';
