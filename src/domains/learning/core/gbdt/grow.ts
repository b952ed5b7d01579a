import { type FeatureBins, LARGEST_FLOAT32 } from './binning.ts';
import type { HistogramMemory, HistogramTask } from './histogram.ts';
import type { Tree } from './model.ts';
import type { GbdtParameters } from './parameters.ts';
import { bestSplitOf, type LeafSums, leafValue, type Split } from './split.ts';

/** A tree and which rows lie in which of its leaves: those of leaf k are `rows[begin[k]]` to `rows[end[k] - 1]`. */
export interface GrownTree {
  readonly tree: Tree;
  readonly begin: readonly number[];
  readonly end: readonly number[];
}

interface Leaf extends LeafSums {
  readonly begin: number;
  readonly end: number;
  readonly depth: number;
  readonly slot: number;
  /** The node above and the side, to hang a split in. */
  readonly parent: number;
  readonly isLeft: boolean;
  readonly split: Split | undefined;
  readonly value: number;
}

export interface GrowOptions {
  readonly memory: HistogramMemory;
  readonly bins: readonly FeatureBins[];
  /** The bins of the rows, feature by feature. */
  readonly byFeature: readonly Uint8Array[];
  readonly parameters: GbdtParameters;
  /** The features this tree may use. */
  readonly features: readonly number[];
  /** How many of `memory.rows` the tree sees, from the first. */
  readonly rowCount: number;
  readonly build: (task: HistogramTask) => void;
}

/**
 * Grows one tree leaf-wise: always the leaf whose split gains most is split next (Shi, 2007; Ke et al., 2017). Only the
 * smaller child's histogram is built from rows; the other's is the parent's less it. Reorders `memory.rows`.
 */
export function growTree(options: GrowOptions): GrownTree {
  const { memory, byFeature, parameters, rowCount } = options;
  const spare = new Int32Array(rowCount);
  const nodes = new NodeList();
  const freeSlots = Array.from({ length: parameters.numLeaves }, (_, slot) => parameters.numLeaves - 1 - slot);
  const takeSlot = () => freeSlots.pop() ?? -1;

  const rootSlot = takeSlot();
  options.build({ begin: 0, end: rowCount, slot: rootSlot, parentSlot: -1 });
  const root = { begin: 0, end: rowCount, depth: 0, parent: -1, isLeft: true, ...sumsOf(options, rootSlot), value: 0 };
  const leaves: Leaf[] = [{ ...root, slot: rootSlot, split: findSplit(options, rootSlot, root, 0) }];

  while (leaves.length < parameters.numLeaves) {
    const index = indexOfBest(leaves);
    const leaf = leaves[index];
    if (!leaf?.split) break;
    const { split } = leaf;
    const table = goesLeftTable(split, options.bins);
    const middle = partition(memory.rows, leaf, byFeature[split.feature] as Uint8Array, table, spare);
    if (middle === leaf.begin || middle === leaf.end) {
      // The estimate of a side's rows was off, and there are none.
      leaves[index] = { ...leaf, split: undefined };
      continue;
    }
    const node = nodes.add(split, options.bins, leaf);
    const leftIsSmall = middle - leaf.begin <= leaf.end - middle;
    const sides = childrenOf(leaf, split, middle, node, parameters);
    const slot = takeSlot();
    const [begin, end] = leftIsSmall ? [leaf.begin, middle] : [middle, leaf.end];
    if (sides.some((side) => mayBeSplit(side, parameters))) {
      options.build({ begin, end, slot, parentSlot: leaf.slot });
    }
    const finished = sides.map((side, i) => {
      const own = (i === 0) === leftIsSmall ? slot : leaf.slot;
      const found = findSplit(options, own, side, side.depth);
      if (!found) freeSlots.push(own);
      return { ...side, slot: own, split: found };
    });
    leaves.splice(index, 1, finished[0] as Leaf);
    leaves.push(finished[1] as Leaf);
  }
  return { tree: nodes.finish(leaves), begin: leaves.map((leaf) => leaf.begin), end: leaves.map((leaf) => leaf.end) };
}

/** Sums over all rows, from the bins of any one feature, which hold each row once. */
function sumsOf({ memory, bins, features, rowCount }: GrowOptions, slot: number): LeafSums {
  const feature = features[0] as number;
  const start = slot * memory.slotSize + (memory.offsets[feature] as number);
  const { count } = bins[feature] as FeatureBins;
  let gradient = 0;
  let hessian = 0;
  for (let bin = 0; bin <= count; bin++) {
    gradient += memory.histograms[start + 2 * bin] as number;
    hessian += memory.histograms[start + 2 * bin + 1] as number;
  }
  return { gradient, hessian, count: rowCount };
}

function childrenOf(leaf: Leaf, split: Split, middle: number, node: number, parameters: GbdtParameters) {
  const depth = leaf.depth + 1;
  const child = (begin: number, end: number, isLeft: boolean, gradient: number, hessian: number) => {
    const value = Math.fround(parameters.learningRate * leafValue(gradient, hessian, parameters.lambdaL1, split.l2));
    return { begin, end, depth, parent: node, isLeft, count: end - begin, gradient, hessian, value };
  };
  const { leftGradient, leftHessian } = split;
  return [
    child(leaf.begin, middle, true, leftGradient, leftHessian),
    child(middle, leaf.end, false, leaf.gradient - leftGradient, leaf.hessian - leftHessian),
  ];
}

function mayBeSplit(leaf: LeafSums & { readonly depth: number }, parameters: GbdtParameters): boolean {
  if (parameters.maxDepth > 0 && leaf.depth >= parameters.maxDepth) return false;
  return leaf.count >= Math.max(2, 2 * parameters.minDataInLeaf) && leaf.hessian >= 2 * parameters.minSumHessianInLeaf;
}

function findSplit(options: GrowOptions, slot: number, leaf: LeafSums, depth: number): Split | undefined {
  const { memory, bins, parameters } = options;
  if (!mayBeSplit({ ...leaf, depth }, parameters)) return undefined;
  let best: Split | undefined;
  for (const feature of options.features) {
    const offset = slot * memory.slotSize + (memory.offsets[feature] as number);
    const found = bestSplitOf(feature, bins[feature] as FeatureBins, memory.histograms, offset, leaf, parameters);
    if (found && (!best || found.gain > best.gain)) best = found;
  }
  return best;
}

function indexOfBest(leaves: readonly Leaf[]): number {
  let best = 0;
  for (let i = 1; i < leaves.length; i++) {
    if ((leaves[i]?.split?.gain ?? 0) > (leaves[best]?.split?.gain ?? 0)) best = i;
  }
  return best;
}

/** For every bin 1 when its rows go left. */
function goesLeftTable(split: Split, bins: readonly FeatureBins[]): Uint8Array {
  const table = new Uint8Array(256);
  const { count } = bins[split.feature] as FeatureBins;
  if (split.leftBins) for (const bin of split.leftBins) table[bin] = 1;
  else {
    table.fill(1, 0, split.bin + 1);
    table[count] = split.missingLeft ? 1 : 0;
  }
  return table;
}

/** Moves the rows that go left before the others, both in their order; returns where the others begin. */
function partition(rows: Int32Array, leaf: Leaf, binned: Uint8Array, goesLeft: Uint8Array, spare: Int32Array): number {
  let left = leaf.begin;
  let right = 0;
  for (let i = leaf.begin; i < leaf.end; i++) {
    const row = rows[i] as number;
    const side = goesLeft[binned[row] as number] as number;
    // Both are written and one of the places moves on: no branch to predict wrongly.
    rows[left] = row;
    spare[right] = row;
    left += side;
    right += 1 - side;
  }
  rows.set(spare.subarray(0, right), left);
  return left;
}

/** The nodes of a tree as they are made. */
class NodeList {
  readonly #feature: number[] = [];
  readonly #threshold: number[] = [];
  readonly #missingLeft: boolean[] = [];
  readonly #categories: Record<number, readonly number[]> = {};
  readonly #left: number[] = [];
  readonly #right: number[] = [];
  readonly #gain: number[] = [];

  add(split: Split, bins: readonly FeatureBins[], leaf: Leaf): number {
    const node = this.#feature.length;
    const feature = bins[split.feature] as FeatureBins;
    this.#feature.push(split.feature);
    this.#threshold.push(split.leftBins ? 0 : (feature.bounds[split.bin] ?? LARGEST_FLOAT32));
    this.#missingLeft.push(split.missingLeft);
    this.#gain.push(split.gain);
    this.#left.push(0);
    this.#right.push(0);
    if (split.leftBins) {
      const codes = split.leftBins.map((bin) => feature.codes?.[bin] ?? -1);
      this.#categories[node] = codes.sort((a, b) => a - b);
    }
    this.#hang(leaf, node);
    return node;
  }

  finish(leaves: readonly Leaf[]): Tree {
    leaves.forEach((leaf, index) => {
      this.#hang(leaf, ~index);
    });
    return {
      feature: this.#feature,
      threshold: this.#threshold,
      missingLeft: this.#missingLeft,
      categories: this.#categories,
      left: this.#left,
      right: this.#right,
      leafValue: leaves.map((leaf) => leaf.value),
      leafCount: leaves.map((leaf) => leaf.count),
      gain: this.#gain,
    };
  }

  #hang(leaf: Leaf, child: number): void {
    if (leaf.parent >= 0) (leaf.isLeft ? this.#left : this.#right)[leaf.parent] = child;
  }
}
