import type { GbdtModel } from './core/gbdt/model.ts';

/**
 * One part of a key that rows are grouped by: a text column, or what a timestamp or a number is cut into. Hours and
 * weekdays are UTC, weekdays 0 (Monday) to 6. A number lies in band i when i of the ascending bounds are <= it; a missing
 * number lies in band -1; a missing text is the same as an empty one.
 */
export type KeyPart =
  | string
  | { readonly hour: string }
  | { readonly weekday: string }
  | { readonly band: string; readonly bounds: readonly number[] };

/** One feature, as declared. All but `rate` look at the row alone. */
export type FeatureSpec = { readonly name: string } & (
  | { readonly op: 'number'; readonly column: string }
  | { readonly op: 'hour'; readonly column: string }
  | { readonly op: 'weekday'; readonly column: string }
  | { readonly op: 'band'; readonly column: string; readonly bounds: readonly number[] }
  /** The code of a text, or of several joined; the most frequent get a code, at most `maxCategories` (default 255). */
  | { readonly op: 'category'; readonly keys: readonly KeyPart[]; readonly maxCategories?: number }
  /**
   * The mean target of the rows with the same key, smoothed: (sum + strength * prior) / (count + strength). The prior is
   * the mean of all rows; with `backOff`, the smoothed rate of the key without its last part, and so on. `priorStrength`
   * is in rows, default 20.
   */
  | {
      readonly op: 'rate';
      readonly keys: readonly KeyPart[];
      readonly priorStrength?: number;
      readonly backOff?: boolean;
    }
);

/** What to make of the raw columns. */
export interface RecipeSpec {
  readonly features: readonly FeatureSpec[];
}

/** The rates of one key, fitted: `rates[i]` belongs to the key of text `keys[i]`. */
export interface RateLevel {
  readonly parts: readonly KeyPart[];
  readonly keys: readonly string[];
  readonly rates: readonly number[];
}

export type FittedFeature = { readonly name: string } & (
  | { readonly op: 'number' | 'hour' | 'weekday'; readonly column: string }
  | { readonly op: 'band'; readonly column: string; readonly bounds: readonly number[] }
  | { readonly op: 'category'; readonly parts: readonly KeyPart[]; readonly categories: readonly string[] }
  /** The narrowest level comes first; a key unknown to all of them has the rate `prior`. */
  | { readonly op: 'rate'; readonly levels: readonly RateLevel[]; readonly prior: number }
);

export type RawColumnType = 'string' | 'number' | 'timestamp';

/** A recipe fitted on training rows; plain JSON. */
export interface Recipe {
  /** The raw columns it reads, in the order of the ONNX model's inputs. */
  readonly inputs: readonly { readonly name: string; readonly type: RawColumnType }[];
  readonly features: readonly FittedFeature[];
}

/** A linear score of the features; log-odds for `binary`. */
export interface LinearModel {
  readonly kind: 'linear';
  readonly objective: 'binary' | 'regression';
  readonly featureNames: readonly string[];
  readonly intercept: number;
  readonly terms: readonly LinearTerm[];
}

/** What one feature adds: a slope, and what a missing value adds; or a weight for each category's code, else 0. */
export type LinearTerm =
  | { readonly kind: 'number'; readonly weight: number; readonly missing: number }
  | { readonly kind: 'category'; readonly weights: readonly number[] };

/** The same answer for every row. */
export interface ConstantModel {
  readonly kind: 'constant';
  readonly objective: 'binary' | 'regression';
  readonly featureNames: readonly string[];
  readonly value: number;
}

/** A feature is the answer: the baseline of historical rates. */
interface FeatureModel {
  readonly kind: 'feature';
  readonly objective: 'binary' | 'regression';
  readonly featureNames: readonly string[];
  readonly feature: string;
}

export type Model = GbdtModel | LinearModel | ConstantModel | FeatureModel;

/** From raw columns to an answer; plain JSON, and what is exported to ONNX. */
export interface Predictor {
  readonly recipe: Recipe;
  readonly model: Model;
}

/** A figure with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}
