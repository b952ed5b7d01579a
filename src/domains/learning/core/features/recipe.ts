import { learningErrors } from '../../errors.ts';
import type { FeatureSpec, FittedFeature, KeyPart, RawColumnType, Recipe, RecipeSpec } from '../../model.ts';
import { columnOf, type Frame, numbersOf } from '../frame.ts';
import type { Matrix } from '../matrix.ts';
import { assertSpec } from './check.ts';
import { bandsOf, columnOfPart, type Grouping, groupByPrefixes, groupRows, hoursOf, weekdaysOf } from './keys.ts';
import { fitRates, lookUpRates, outOfFoldRates, type RateInput } from './rates.ts';

const DEFAULT_PRIOR_STRENGTH = 20;
const DEFAULT_MAX_CATEGORIES = 255;

/**
 * Fits a recipe on training rows: which categories there are, the rates of keys. Nothing else of the rows is kept.
 *
 * @throws LEARNING_RECIPE_INVALID, LEARNING_COLUMN_UNKNOWN, LEARNING_COLUMN_TYPE, LEARNING_LENGTHS_DIFFER, LEARNING_DATA_EMPTY
 */
export function fitRecipe(spec: RecipeSpec, frame: Frame, labels: ArrayLike<number>): Recipe {
  const inputs = inputsOf(spec);
  return { inputs, features: fitFeatures(spec, inputs, frame, labels).map(({ fitted }) => fitted) };
}

/** The features of rows. @throws LEARNING_COLUMN_UNKNOWN, LEARNING_COLUMN_TYPE */
export function applyRecipe(recipe: Recipe, frame: Frame): Matrix {
  assertColumns(recipe.inputs, frame);
  return matrixOf(
    frame.rowCount,
    recipe.features.map((feature) => ({ feature, values: valuesOf(feature, frame) })),
  );
}

export interface FoldOptions {
  /** From 2 to 255, default 5. */
  readonly folds?: number;
  /**
   * How rows are shared out: by blocks of time, so that a row's rates come from other times as they will in service, or
   * evenly at random. Default `hash`.
   */
  readonly by?: { readonly time: string } | 'hash';
}

/**
 * The recipe fitted on all training rows, and the matrix to train on. In that matrix the rates of a row come from the
 * rows of other folds only: with rates that hold the row's own label, a learner would trust them too much.
 *
 * @throws as `fitRecipe`
 */
export function trainingMatrix(
  spec: RecipeSpec,
  frame: Frame,
  labels: ArrayLike<number>,
  options: FoldOptions = {},
): { readonly recipe: Recipe; readonly matrix: Matrix } {
  const folds = options.folds ?? 5;
  if (!Number.isInteger(folds) || folds < 2 || folds > 255) {
    throw learningErrors.LEARNING_PARAMETER_INVALID({
      parameter: 'folds',
      value: folds,
      expected: 'between 2 and 255',
    });
  }
  const inputs = inputsOf(spec);
  const fits = fitFeatures(spec, inputs, frame, labels);
  const foldOf =
    options.by && options.by !== 'hash' ? foldsByTime(frame, options.by.time, folds) : foldsByHash(frame, folds);
  const features = fits.map(({ fitted, rateInput }) => ({
    feature: fitted,
    values: rateInput ? outOfFoldRates(rateInput, foldOf, folds) : valuesOf(fitted, frame),
  }));
  const recipe = { inputs, features: fits.map(({ fitted }) => fitted) };
  return { recipe, matrix: matrixOf(frame.rowCount, features) };
}

function matrixOf(
  rowCount: number,
  features: readonly { readonly feature: FittedFeature; readonly values: Float32Array }[],
): Matrix {
  const values = new Float32Array(rowCount * features.length);
  features.forEach((feature, i) => {
    values.set(feature.values, i * rowCount);
  });
  return {
    rowCount,
    names: features.map(({ feature }) => feature.name),
    kinds: features.map(({ feature }) => (feature.op === 'category' ? 'category' : 'number')),
    values,
  };
}

interface Fit {
  readonly fitted: FittedFeature;
  readonly rateInput?: RateInput;
}

function fitFeatures(spec: RecipeSpec, inputs: Recipe['inputs'], frame: Frame, labels: ArrayLike<number>): Fit[] {
  assertSpec(spec);
  assertColumns(inputs, frame);
  const what = 'The data that features are fitted on';
  if (frame.rowCount === 0) throw learningErrors.LEARNING_DATA_EMPTY({ what });
  if (labels.length !== frame.rowCount) {
    throw learningErrors.LEARNING_LENGTHS_DIFFER({ what, rows: frame.rowCount, values: labels.length });
  }
  return spec.features.map((feature) => fitFeature(feature, frame, labels));
}

function fitFeature(spec: FeatureSpec, frame: Frame, labels: ArrayLike<number>): Fit {
  if (spec.op === 'category') {
    const categories = mostFrequent(groupRows(frame, spec.keys), spec.maxCategories ?? DEFAULT_MAX_CATEGORIES);
    return { fitted: { name: spec.name, op: 'category', parts: spec.keys, categories } };
  }
  if (spec.op !== 'rate') return { fitted: spec };
  const prefixes = groupByPrefixes(frame, spec.keys);
  const groupings = spec.backOff ? prefixes : prefixes.slice(-1);
  const rateInput = { groupings, labels, priorStrength: spec.priorStrength ?? DEFAULT_PRIOR_STRENGTH };
  const { levels, prior } = fitRates(rateInput);
  const fittedLevels = groupings.map((grouping, level) => {
    const parts = spec.keys.slice(0, spec.keys.length - (groupings.length - 1 - level));
    return { parts, keys: grouping.texts, rates: Array.from(levels[level] as Float32Array) };
  });
  return { fitted: { name: spec.name, op: 'rate', levels: fittedLevels.toReversed(), prior }, rateInput };
}

function mostFrequent({ groupOf, texts }: Grouping, most: number): string[] {
  const counts = new Float64Array(texts.length);
  for (const group of groupOf) counts[group] = (counts[group] as number) + 1;
  return texts
    .map((text, group) => ({ text, count: counts[group] as number }))
    .filter(({ text }) => text !== '')
    .sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
    .slice(0, most)
    .map(({ text }) => text);
}

function valuesOf(feature: FittedFeature, frame: Frame): Float32Array {
  switch (feature.op) {
    case 'number':
      return Float32Array.from(numbersOf(frame, feature.column));
    case 'hour':
      return hoursOf(frame, feature.column);
    case 'weekday':
      return weekdaysOf(frame, feature.column);
    case 'band':
      return bandsOf(frame, feature.column, feature.bounds);
    case 'category': {
      const { groupOf, texts } = groupRows(frame, feature.parts);
      const codes = new Map(feature.categories.map((text, code) => [text, code] as const));
      const codeOf = Float32Array.from(texts, (text) => codes.get(text) ?? Number.NaN);
      return Float32Array.from(groupOf, (group) => codeOf[group] as number);
    }
    case 'rate':
      return lookUpRates(groupByPrefixes(frame, narrowestParts(feature)), feature.levels, feature.prior);
  }
}

/** The parts of the key of the narrowest level. */
function narrowestParts(feature: FittedFeature & { readonly op: 'rate' }): readonly KeyPart[] {
  return feature.levels[0]?.parts ?? [];
}

/** The raw columns that a recipe reads, each once, in the order in which it names them. */
function inputsOf(spec: RecipeSpec): Recipe['inputs'] {
  const types = new Map<string, RawColumnType>();
  for (const { name: feature, columns } of spec.features.map((f) => ({ name: f.name, columns: columnsOf(f) }))) {
    for (const { name, type } of columns) {
      const known = types.get(name);
      if (known && known !== type) {
        const problem = `column "${name}" is taken for ${type} here and for ${known} before`;
        throw learningErrors.LEARNING_RECIPE_INVALID({ feature, problem });
      }
      types.set(name, type);
    }
  }
  return Array.from(types, ([name, type]) => ({ name, type }));
}

function columnsOf(spec: FeatureSpec): { readonly name: string; readonly type: RawColumnType }[] {
  if (spec.op === 'category' || spec.op === 'rate') return spec.keys.map(columnOfPart);
  return [{ name: spec.column, type: spec.op === 'hour' || spec.op === 'weekday' ? 'timestamp' : 'number' }];
}

function assertColumns(inputs: Recipe['inputs'], frame: Frame): void {
  for (const { name, type } of inputs) {
    const column = columnOf(frame, name);
    if (column.type !== type)
      throw learningErrors.LEARNING_COLUMN_TYPE({ column: name, type: column.type, expected: type });
  }
}

/** Blocks of time with about as many rows each; rows of one instant stay together. */
function foldsByTime(frame: Frame, column: string, folds: number): Uint8Array {
  const times = numbersOf(frame, column);
  const sorted = times.filter((at) => !Number.isNaN(at)).sort();
  const starts = Array.from(
    { length: folds - 1 },
    (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / folds)] ?? 0,
  );
  return Uint8Array.from(times, (at) => starts.filter((start) => at >= start).length);
}

function foldsByHash(frame: Frame, folds: number): Uint8Array {
  return Uint8Array.from({ length: frame.rowCount }, (_, row) => mix(row) % folds);
}

/** A bijection of 32-bit integers that leaves no pattern (splitmix32's finaliser). */
function mix(row: number): number {
  let z = (row + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}
