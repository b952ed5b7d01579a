import { learningErrors } from '../../errors.ts';

/** Settings of the boosted trees; names and meanings follow LightGBM (Ke et al., NeurIPS 2017). */
export interface GbdtParameters {
  readonly objective: 'binary' | 'regression';
  readonly numIterations: number;
  readonly learningRate: number;
  readonly numLeaves: number;
  /** Deepest a leaf may lie; 0 for no limit. */
  readonly maxDepth: number;
  readonly minDataInLeaf: number;
  readonly minSumHessianInLeaf: number;
  readonly lambdaL1: number;
  readonly lambdaL2: number;
  readonly minGainToSplit: number;
  /** Share of the features each tree may use, in (0, 1]. */
  readonly featureFraction: number;
  /** Share of the rows each tree sees, in (0, 1]. */
  readonly baggingFraction: number;
  /** Bins per feature, 2 to 255; missing values have one more of their own. */
  readonly maxBin: number;
  /** Categories are ordered by gradient / (hessian + catSmooth); rarer ones than this many rows never go left. */
  readonly catSmooth: number;
  /** L2 of splits on sets of categories, beside lambdaL2. */
  readonly catL2: number;
  /** Most categories on the smaller side of a split. */
  readonly maxCatThreshold: number;
  /** With at most so many categories in a feature, one is split from the rest. */
  readonly maxCatToOnehot: number;
  /** Fewest rows that a category, or a group of them, is moved to the other side with. */
  readonly minDataPerGroup: number;
  /** Stop when the validation loss has not improved for so many iterations; 0 never stops early. */
  readonly earlyStoppingRounds: number;
  /** Of the draws of rows and features. */
  readonly seed: number;
}

const DEFAULT_GBDT: GbdtParameters = {
  objective: 'binary',
  numIterations: 100,
  learningRate: 0.1,
  numLeaves: 31,
  maxDepth: 0,
  minDataInLeaf: 20,
  minSumHessianInLeaf: 1e-3,
  lambdaL1: 0,
  lambdaL2: 0,
  minGainToSplit: 0,
  featureFraction: 1,
  baggingFraction: 1,
  maxBin: 255,
  catSmooth: 10,
  catL2: 10,
  maxCatThreshold: 32,
  maxCatToOnehot: 4,
  minDataPerGroup: 100,
  earlyStoppingRounds: 0,
  seed: 0,
};

const RANGES: readonly (readonly [keyof GbdtParameters, number, number])[] = [
  ['numIterations', 1, 100_000],
  ['learningRate', 1e-6, 10],
  ['numLeaves', 2, 8192],
  ['maxDepth', 0, 1000],
  ['minDataInLeaf', 0, Number.MAX_SAFE_INTEGER],
  ['minSumHessianInLeaf', 0, Number.MAX_VALUE],
  ['lambdaL1', 0, Number.MAX_VALUE],
  ['lambdaL2', 0, Number.MAX_VALUE],
  ['minGainToSplit', 0, Number.MAX_VALUE],
  ['featureFraction', 1e-6, 1],
  ['baggingFraction', 1e-6, 1],
  ['maxBin', 2, 255],
  ['catSmooth', 0, Number.MAX_VALUE],
  ['catL2', 0, Number.MAX_VALUE],
  ['maxCatThreshold', 1, 255],
  ['maxCatToOnehot', 0, 255],
  ['minDataPerGroup', 1, Number.MAX_SAFE_INTEGER],
  ['earlyStoppingRounds', 0, 100_000],
  ['seed', 0, 2 ** 32 - 1],
];

const WHOLE = [
  'numIterations',
  'numLeaves',
  'maxDepth',
  'minDataInLeaf',
  'maxBin',
  'maxCatThreshold',
  'maxCatToOnehot',
  'minDataPerGroup',
  'earlyStoppingRounds',
  'seed',
] as const;

/** Fills in defaults. @throws LEARNING_PARAMETER_INVALID naming the one out of range */
export function gbdtParameters(given: Partial<GbdtParameters>): GbdtParameters {
  const parameters = { ...DEFAULT_GBDT, ...given };
  for (const [parameter, low, high] of RANGES) {
    const value = Number(parameters[parameter]);
    if (!(value >= low && value <= high)) {
      throw learningErrors.LEARNING_PARAMETER_INVALID({ parameter, value, expected: `between ${low} and ${high}` });
    }
  }
  for (const parameter of WHOLE) {
    const value = Number(parameters[parameter]);
    if (!Number.isInteger(value)) {
      throw learningErrors.LEARNING_PARAMETER_INVALID({ parameter, value, expected: 'a whole number' });
    }
  }
  return parameters;
}
