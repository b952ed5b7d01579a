export {
  type Column,
  categoryColumn,
  columnOf,
  type Frame,
  frameFromRows,
  frameToRows,
  takeRows,
} from './core/frame.ts';
export { DEFAULT_GBDT, type GbdtParameters } from './core/gbdt/parameters.ts';
export type { Matrix } from './core/matrix.ts';
export type { Estimate, FeatureSpec, KeyPart, Model, Predictor, Recipe, RecipeSpec } from './model.ts';
