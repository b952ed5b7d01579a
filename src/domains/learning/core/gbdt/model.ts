import type { Matrix } from '../matrix.ts';

/**
 * One regression tree, node by node; plain arrays, so that it can be stored as JSON. A child below 0 is leaf `~child`.
 * A numeric split sends x left when x <= threshold, a category split when its code is in the set; a missing value goes
 * where `missingLeft` says.
 */
export interface Tree {
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly missingLeft: readonly boolean[];
  /** Codes that go left, by node; only category splits have an entry. */
  readonly categories: Readonly<Record<number, readonly number[]>>;
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly leafValue: readonly number[];
  readonly leafCount: readonly number[];
  readonly gain: readonly number[];
}

/** Boosted trees: the score is `initialScore` plus the leaf of every tree. Scores are log-odds for `binary`. */
export interface GbdtModel {
  readonly kind: 'gbdt';
  readonly objective: 'binary' | 'regression';
  readonly featureNames: readonly string[];
  /** Added to every score; float32, like the leaves. */
  readonly initialScore: number;
  readonly trees: readonly Tree[];
}

/** Raw scores of rows, before the sigmoid. */
export function gbdtScores(model: GbdtModel, matrix: Matrix): Float64Array {
  const scores = new Float64Array(matrix.rowCount).fill(model.initialScore);
  for (const tree of model.trees) addTree(scores, tree, matrix);
  return scores;
}

/** Adds a tree's leaves to the scores. */
export function addTree(scores: Float64Array, tree: Tree, matrix: Matrix): void {
  const { rowCount, values } = matrix;
  const walker = new TreeWalker(tree);
  for (let row = 0; row < rowCount; row++) {
    scores[row] = (scores[row] as number) + walker.leafOf(values, rowCount, row);
  }
}

/** A tree laid out in typed arrays for fast walks. */
class TreeWalker {
  readonly #feature: Int32Array;
  readonly #threshold: Float32Array;
  readonly #missingLeft: Uint8Array;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  readonly #leafValue: Float64Array;
  readonly #sets: (ReadonlySet<number> | undefined)[];

  constructor(tree: Tree) {
    this.#feature = Int32Array.from(tree.feature);
    this.#threshold = Float32Array.from(tree.threshold);
    this.#missingLeft = Uint8Array.from(tree.missingLeft, Number);
    this.#left = Int32Array.from(tree.left);
    this.#right = Int32Array.from(tree.right);
    this.#leafValue = Float64Array.from(tree.leafValue);
    this.#sets = tree.feature.map((_, node) => {
      const codes = tree.categories[node];
      return codes && new Set(codes);
    });
  }

  leafOf(values: Float32Array, rowCount: number, row: number): number {
    let node = this.#feature.length === 0 ? -1 : 0;
    while (node >= 0) {
      const value = values[(this.#feature[node] as number) * rowCount + row] as number;
      const set = this.#sets[node];
      const goesLeft = set
        ? set.has(value)
        : Number.isNaN(value)
          ? this.#missingLeft[node] === 1
          : value <= (this.#threshold[node] as number);
      node = (goesLeft ? this.#left[node] : this.#right[node]) as number;
    }
    return this.#leafValue[~node] as number;
  }
}

export function sigmoid(score: number): number {
  return score >= 0 ? 1 / (1 + Math.exp(-score)) : Math.exp(score) / (1 + Math.exp(score));
}
