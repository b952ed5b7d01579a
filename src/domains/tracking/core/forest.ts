import type { Rng } from '#platform/kernel';

/**
 * A random forest for regression (Breiman 2001, "Random Forests"): trees on bootstrap samples, each split chosen among
 * some columns. A column is as important as shuffling it among the rows that a tree has not seen makes the tree worse.
 */
export interface ForestData {
  /** Of each column the bin of each row; bins are ordered, {@link binned} makes them. */
  readonly columns: readonly Uint8Array[];
  readonly target: Float64Array;
}

export interface ForestScores {
  /** Of each column the mean growth of the squared error, 0 where it does not grow. */
  readonly losses: readonly number[];
  /** Part of the target's variance that is told of rows by trees that have not seen them, 1 at most. */
  readonly explained: number;
}

const MAX_BINS = 64;
const MIN_LEAF = 2;
const MAX_DEPTH = 16;
const LEAF = -1;

interface Tree {
  /** By node: the column it splits by, or LEAF. */
  readonly column: Int16Array;
  /** Rows up to this bin go left, to the next node; others to `right`. */
  readonly bin: Uint8Array;
  readonly right: Int32Array;
  readonly value: Float64Array;
}

/** Grows a forest tree by tree, so that the caller can give turns to others between them. */
export class Forest {
  readonly #data: ForestData;
  readonly #rng: Rng;
  readonly #losses: Float64Array;
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;
  #trees = 0;

  constructor(data: ForestData, rng: Rng) {
    this.#data = data;
    this.#rng = rng;
    this.#losses = new Float64Array(data.columns.length);
    this.#sums = new Float64Array(data.target.length);
    this.#counts = new Float64Array(data.target.length);
  }

  /** Adds a tree and notes what it makes of the rows it was not grown on. */
  grow(): void {
    const { columns, target } = this.#data;
    const total = target.length;
    const seen = new Uint8Array(total);
    const sample = Int32Array.from({ length: total }, () => this.#rng.int(total));
    for (const row of sample) seen[row] = 1;
    const tree = new Growth(this.#data, this.#rng).tree(sample);
    const unseen = Array.from(seen.keys()).filter((row) => seen[row] === 0);
    this.#trees += 1;
    if (unseen.length === 0) return;
    const bins = (column: number, row: number) => columns[column]?.[row] as number;
    let error = 0;
    for (const row of unseen) {
      const value = predict(tree, (column) => bins(column, row));
      error += (value - (target[row] as number)) ** 2;
      this.#sums[row] = (this.#sums[row] as number) + value;
      this.#counts[row] = (this.#counts[row] as number) + 1;
    }
    for (const shuffled of new Set(tree.column)) {
      if (shuffled === LEAF) continue;
      const others = this.#shuffle(unseen);
      let worse = 0;
      unseen.forEach((row, i) => {
        const other = others[i] as number;
        const value = predict(tree, (column) => bins(column, column === shuffled ? other : row));
        worse += (value - (target[row] as number)) ** 2;
      });
      this.#losses[shuffled] = (this.#losses[shuffled] as number) + (worse - error) / unseen.length;
    }
  }

  scores(): ForestScores {
    const { target } = this.#data;
    const known = Array.from(target.keys()).filter((row) => (this.#counts[row] as number) > 0);
    const mean = known.reduce((sum, row) => sum + (target[row] as number), 0) / known.length;
    let [error, spread] = [0, 0];
    for (const row of known) {
      const value = (this.#sums[row] as number) / (this.#counts[row] as number);
      error += (value - (target[row] as number)) ** 2;
      spread += ((target[row] as number) - mean) ** 2;
    }
    return {
      losses: Array.from(this.#losses, (loss) => Math.max(0, loss / Math.max(1, this.#trees))),
      explained: spread > 0 ? 1 - error / spread : 0,
    };
  }

  #shuffle(rows: readonly number[]): number[] {
    const copy = [...rows];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.#rng.int(i + 1);
      [copy[i], copy[j]] = [copy[j] as number, copy[i] as number];
    }
    return copy;
  }
}

function predict(tree: Tree, binOf: (column: number) => number): number {
  let node = 0;
  for (let column = tree.column[0] as number; column !== LEAF; column = tree.column[node] as number) {
    node = binOf(column) <= (tree.bin[node] as number) ? node + 1 : (tree.right[node] as number);
  }
  return tree.value[node] as number;
}

class Growth {
  readonly #data: ForestData;
  readonly #rng: Rng;
  readonly #column: number[] = [];
  readonly #bin: number[] = [];
  readonly #right: number[] = [];
  readonly #value: number[] = [];
  readonly #counts = new Float64Array(MAX_BINS);
  readonly #sums = new Float64Array(MAX_BINS);

  constructor(data: ForestData, rng: Rng) {
    this.#data = data;
    this.#rng = rng;
  }

  tree(sample: Int32Array): Tree {
    this.#node(sample, 0);
    return {
      column: Int16Array.from(this.#column),
      bin: Uint8Array.from(this.#bin),
      right: Int32Array.from(this.#right),
      value: Float64Array.from(this.#value),
    };
  }

  /** Adds the node of some rows and all below it, the left ones first. */
  #node(rows: Int32Array, depth: number): void {
    const node = this.#column.push(LEAF) - 1;
    const sum = rows.reduce((total, row) => total + (this.#data.target[row] as number), 0);
    this.#bin.push(0);
    this.#right.push(0);
    this.#value.push(sum / rows.length);
    if (rows.length < 2 * MIN_LEAF || depth >= MAX_DEPTH) return;
    const split = this.#bestSplit(rows, sum);
    if (!split) return;
    const bins = this.#data.columns[split.column] as Uint8Array;
    this.#column[node] = split.column;
    this.#bin[node] = split.bin;
    this.#node(
      rows.filter((row) => (bins[row] as number) <= split.bin),
      depth + 1,
    );
    this.#right[node] = this.#column.length;
    this.#node(
      rows.filter((row) => (bins[row] as number) > split.bin),
      depth + 1,
    );
  }

  /** The split that lowers the squared error most: that is, with the greatest sum of squared sums by their counts. */
  #bestSplit(rows: Int32Array, sum: number): { column: number; bin: number } | undefined {
    const before = (sum * sum) / rows.length;
    let best: { column: number; bin: number; gain: number } | undefined;
    for (const column of this.#someColumns()) {
      const bins = this.#data.columns[column] as Uint8Array;
      this.#counts.fill(0);
      this.#sums.fill(0);
      for (const row of rows) {
        const bin = bins[row] as number;
        this.#counts[bin] = (this.#counts[bin] as number) + 1;
        this.#sums[bin] = (this.#sums[bin] as number) + (this.#data.target[row] as number);
      }
      let [count, left] = [0, 0];
      for (let bin = 0; bin < MAX_BINS - 1; bin++) {
        if (this.#counts[bin] === 0) continue;
        count += this.#counts[bin] as number;
        left += this.#sums[bin] as number;
        const others = rows.length - count;
        if (count < MIN_LEAF || others < MIN_LEAF) continue;
        const gain = (left * left) / count + (sum - left) ** 2 / others - before;
        if (gain > (best?.gain ?? Math.abs(before) * 1e-12)) best = { column, bin, gain };
      }
    }
    return best;
  }

  /** A third of the columns, as usual for regression, but two at least. */
  #someColumns(): Set<number> {
    const total = this.#data.columns.length;
    const wanted = Math.min(total, Math.max(2, Math.ceil(total / 3)));
    const chosen = new Set<number>();
    while (chosen.size < wanted) chosen.add(this.#rng.int(total));
    return chosen;
  }
}

/** Bins of values by their order, each with about as many; what is missing has a bin of its own below them. */
export function binned(values: readonly (number | null)[]): Uint8Array {
  const present = values.filter((value) => value !== null).sort((a, b) => a - b);
  const distinct = [...new Set(present)];
  const bins = MAX_BINS - 1;
  const edges =
    distinct.length <= bins
      ? distinct
      : [
          ...new Set(
            Array.from({ length: bins }, (_, i) => present[Math.floor(((i + 1) * present.length) / bins) - 1]),
          ),
        ];
  return Uint8Array.from(values, (value) => {
    if (value === null) return 0;
    let [low, high] = [0, edges.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((edges[middle] as number) >= value) high = middle;
      else low = middle + 1;
    }
    return low + 1;
  });
}
