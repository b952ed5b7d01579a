import type { FeatureBins } from './binning.ts';
import type { GbdtParameters } from './parameters.ts';

/** The rows of a leaf summed up. */
export interface LeafSums {
  readonly gradient: number;
  readonly hessian: number;
  readonly count: number;
}

/** The best way to cut a leaf in two; `left*` are sums over the rows that go left. */
export interface Split {
  readonly feature: number;
  readonly gain: number;
  /** Numbers: bins up to this one go left. */
  readonly bin: number;
  /** Categories: the bins that go left. */
  readonly leftBins?: readonly number[];
  readonly missingLeft: boolean;
  readonly leftGradient: number;
  readonly leftHessian: number;
  /** L2 of the leaves' values: sets of categories are held back more. */
  readonly l2: number;
}

type Limits = Pick<
  GbdtParameters,
  | 'lambdaL1'
  | 'lambdaL2'
  | 'minDataInLeaf'
  | 'minSumHessianInLeaf'
  | 'minGainToSplit'
  | 'catSmooth'
  | 'catL2'
  | 'maxCatThreshold'
  | 'maxCatToOnehot'
  | 'minDataPerGroup'
>;

/**
 * Finds the best split of one feature from its histogram, which starts at `offset`. As in LightGBM, the number of rows of
 * a bin is not counted but estimated from its hessian; for squared error the estimate is exact.
 *
 * @returns undefined when no split is allowed or gains more than `minGainToSplit`
 */
export function bestSplitOf(
  feature: number,
  bins: FeatureBins,
  histogram: Float64Array,
  offset: number,
  leaf: LeafSums,
  limits: Limits,
): Split | undefined {
  if (bins.kind === 'category') return bestCategorySplit(feature, bins, histogram, offset, leaf, limits);
  const floor = leafGain(leaf.gradient, leaf.hessian, limits.lambdaL1, limits.lambdaL2) + limits.minGainToSplit;
  const missingRight = scan(bins, histogram, offset, leaf, limits, false, floor);
  const missingLeft = bins.hasMissing
    ? scan(bins, histogram, offset, leaf, limits, true, missingRight ? missingRight.gain : floor)
    : undefined;
  const best = missingLeft ?? missingRight;
  if (!best) return undefined;
  // Where nothing is missing in training, a missing value later follows the larger side.
  const defaultLeft = bins.hasMissing ? missingLeft !== undefined : best.leftHessian * 2 > leaf.hessian;
  return { ...best, feature, gain: best.gain - floor, missingLeft: defaultLeft, l2: limits.lambdaL2 };
}

interface Scanned {
  readonly gain: number;
  readonly bin: number;
  readonly leftGradient: number;
  readonly leftHessian: number;
}

/** One pass over the bins of a number; `floor` is the sum of both sides' gains that must be exceeded. */
function scan(
  bins: FeatureBins,
  histogram: Float64Array,
  offset: number,
  leaf: LeafSums,
  limits: Limits,
  missingLeft: boolean,
  floor: number,
): Scanned | undefined {
  const { lambdaL1, lambdaL2, minDataInLeaf, minSumHessianInLeaf } = limits;
  const countPerHessian = leaf.count / leaf.hessian;
  const missing = offset + 2 * bins.count;
  let gradient = missingLeft ? (histogram[missing] as number) : 0;
  let hessian = missingLeft ? (histogram[missing + 1] as number) : 0;
  // With missing values on the right, even the last bin can end the left side.
  const end = bins.hasMissing && !missingLeft ? bins.count : bins.count - 1;
  let best = floor;
  let bestBin = -1;
  let bestGradient = 0;
  let bestHessian = 0;
  for (let bin = 0; bin < end; bin++) {
    gradient += histogram[offset + 2 * bin] as number;
    hessian += histogram[offset + 2 * bin + 1] as number;
    if (hessian < minSumHessianInLeaf || Math.round(hessian * countPerHessian) < minDataInLeaf) continue;
    const rightHessian = leaf.hessian - hessian;
    if (rightHessian < minSumHessianInLeaf || Math.round(rightHessian * countPerHessian) < minDataInLeaf) break;
    const gain =
      leafGain(gradient, hessian, lambdaL1, lambdaL2) +
      leafGain(leaf.gradient - gradient, rightHessian, lambdaL1, lambdaL2);
    if (gain > best) {
      best = gain;
      bestBin = bin;
      bestGradient = gradient;
      bestHessian = hessian;
    }
  }
  if (bestBin < 0) return undefined;
  return { gain: best, bin: bestBin, leftGradient: bestGradient, leftHessian: bestHessian };
}

/** Categories ordered by gradient over hessian, cut at the best place (Fisher, 1958); a few categories one by one. */
function bestCategorySplit(
  feature: number,
  bins: FeatureBins,
  histogram: Float64Array,
  offset: number,
  leaf: LeafSums,
  limits: Limits,
): Split | undefined {
  const countPerHessian = leaf.count / leaf.hessian;
  const gradientOf = (bin: number) => histogram[offset + 2 * bin] as number;
  const hessianOf = (bin: number) => histogram[offset + 2 * bin + 1] as number;
  const countOf = (bin: number) => Math.round(hessianOf(bin) * countPerHessian);
  const oneByOne = bins.count <= limits.maxCatToOnehot;
  const l2 = oneByOne ? limits.lambdaL2 : limits.lambdaL2 + limits.catL2;
  const floor = leafGain(leaf.gradient, leaf.hessian, limits.lambdaL1, limits.lambdaL2) + limits.minGainToSplit;
  const all = Array.from({ length: bins.count }, (_, bin) => bin);
  let best: Split | undefined;
  let bestGain = floor;
  const consider = (leftBins: readonly number[], gradient: number, hessian: number) => {
    const gain =
      leafGain(gradient, hessian, limits.lambdaL1, l2) +
      leafGain(leaf.gradient - gradient, leaf.hessian - hessian, limits.lambdaL1, l2);
    if (!(gain > bestGain)) return;
    bestGain = gain;
    const split = { feature, gain: gain - floor, bin: -1, missingLeft: false, l2 };
    best = { ...split, leftBins: leftBins.slice(), leftGradient: gradient, leftHessian: hessian };
  };
  const fits = (hessian: number, atLeast: number) =>
    hessian >= limits.minSumHessianInLeaf && Math.round(hessian * countPerHessian) >= atLeast;

  if (oneByOne) {
    for (const bin of all) {
      const right = leaf.hessian - hessianOf(bin);
      if (fits(hessianOf(bin), limits.minDataInLeaf) && fits(right, limits.minDataInLeaf)) {
        consider([bin], gradientOf(bin), hessianOf(bin));
      }
    }
    return best;
  }

  const order = (bin: number) => gradientOf(bin) / (hessianOf(bin) + limits.catSmooth);
  const sorted = all.filter((bin) => countOf(bin) >= limits.catSmooth).sort((a, b) => order(a) - order(b) || a - b);
  const most = Math.min(limits.maxCatThreshold, (sorted.length + 1) >> 1);
  for (const direction of [sorted, sorted.toReversed()]) {
    let gradient = 0;
    let hessian = 0;
    let inGroup = 0;
    for (let i = 0; i < Math.min(most, direction.length); i++) {
      const bin = direction[i] as number;
      gradient += gradientOf(bin);
      hessian += hessianOf(bin);
      inGroup += countOf(bin);
      if (!fits(hessian, limits.minDataInLeaf)) continue;
      if (!fits(leaf.hessian - hessian, Math.max(limits.minDataInLeaf, limits.minDataPerGroup))) break;
      if (inGroup < limits.minDataPerGroup) continue;
      inGroup = 0;
      consider(direction.slice(0, i + 1), gradient, hessian);
    }
  }
  return best;
}

/** Twice the loss that a leaf of its own saves. */
function leafGain(gradient: number, hessian: number, l1: number, l2: number): number {
  const thresholded = l1 === 0 ? gradient : softThreshold(gradient, l1);
  const denominator = hessian + l2;
  return denominator > 0 ? (thresholded * thresholded) / denominator : 0;
}

/** The value of a leaf that lowers the loss most. */
export function leafValue(gradient: number, hessian: number, l1: number, l2: number): number {
  const denominator = hessian + l2;
  return denominator > 0 ? -softThreshold(gradient, l1) / denominator : 0;
}

function softThreshold(gradient: number, l1: number): number {
  return Math.sign(gradient) * Math.max(0, Math.abs(gradient) - l1);
}
