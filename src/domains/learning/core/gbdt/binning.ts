import { featureOf, type Matrix } from '../matrix.ts';

/**
 * Cutting features into at most 255 bins of about equal count, as histogram learners do. Thresholds are float32, and
 * so are the features, so that a tree here and the same tree in ONNX Runtime send every row the same way.
 */

/** How one feature is cut. A value x lies in the first bin whose upper bound is at least x; the last bin is open. */
export interface FeatureBins {
  readonly kind: 'number' | 'category';
  /** Upper bounds of all bins but the last, ascending; for categories: none. */
  readonly bounds: Float32Array;
  /** Bins of present values; missing values are in bin `count`. */
  readonly count: number;
  /** Whether any training row lacks a value. */
  readonly hasMissing: boolean;
  /** For categories: the code of each bin. Rarer categories than fit share no bin: they count as missing. */
  readonly codes?: Int32Array;
}

/** As many as LightGBM looks at. */
const SAMPLE_ROWS = 200_000;

export const LARGEST_FLOAT32 = 3.4028234663852886e38;

/** Chooses the bins of every feature from the training rows. */
export function findBins(matrix: Matrix, maxBin: number): FeatureBins[] {
  return matrix.names.map((_, feature) => {
    const column = featureOf(matrix, feature);
    return matrix.kinds[feature] === 'category' ? categoryBins(column, maxBin) : numericBins(column, maxBin);
  });
}

function numericBins(column: Float32Array, maxBin: number): FeatureBins {
  const sample = everyNth(column)
    .filter((value) => !Number.isNaN(value))
    .sort();
  const distinct: number[] = [];
  const counts: number[] = [];
  for (const value of sample) {
    if (value === distinct.at(-1)) counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1;
    else {
      distinct.push(value);
      counts.push(1);
    }
  }
  const bounds = Float32Array.from(cuts(distinct, counts, sample.length, maxBin));
  return { kind: 'number', bounds, count: bounds.length + 1, hasMissing: column.some(Number.isNaN) };
}

/** Bounds between distinct values so that each bin holds about its share; a frequent value gets a bin of its own. */
function cuts(distinct: readonly number[], counts: readonly number[], total: number, maxBin: number): number[] {
  const bounds: number[] = [];
  const everyValue = distinct.length <= maxBin;
  let inBin = 0;
  let left = total;
  for (let i = 0; i + 1 < distinct.length && bounds.length < maxBin - 1; i++) {
    const count = counts[i] as number;
    inBin += count;
    const share = left / (maxBin - bounds.length);
    const nextIsBig = (counts[i + 1] as number) >= share;
    if (everyValue || inBin >= share || (nextIsBig && inBin >= share / 2)) {
      bounds.push(between(distinct[i] as number, distinct[i + 1] as number));
      left -= inBin;
      inBin = 0;
    }
  }
  return bounds;
}

/** A finite float32 t with low <= t < high, for high > low. */
function between(low: number, high: number): number {
  if (low === Number.NEGATIVE_INFINITY) return -LARGEST_FLOAT32;
  const middle = Math.fround(low / 2 + high / 2);
  return middle >= low && middle < high ? middle : low;
}

function categoryBins(column: Float32Array, maxBin: number): FeatureBins {
  const counts = new Map<number, number>();
  for (const code of column) if (code >= 0) counts.set(code, (counts.get(code) ?? 0) + 1);
  const all = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([code]) => code);
  const codes = Int32Array.from(all.slice(0, maxBin));
  const hasMissing = codes.length < all.length || column.some((code) => !(code >= 0));
  return { kind: 'category', bounds: new Float32Array(0), count: codes.length, hasMissing, codes };
}

function everyNth(column: Float32Array): Float32Array {
  if (column.length <= SAMPLE_ROWS) return column.slice();
  const step = column.length / SAMPLE_ROWS;
  return Float32Array.from({ length: SAMPLE_ROWS }, (_, i) => column[Math.floor(i * step)] as number);
}

/** The bin of every value. */
export interface BinnedMatrix {
  /** Row by row, as histograms are built from; shared, so that threads can read it. */
  readonly byRow: Uint8Array;
  /** Feature by feature, as rows are parted by. */
  readonly byFeature: readonly Uint8Array[];
}

export function binMatrix(matrix: Matrix, bins: readonly FeatureBins[]): BinnedMatrix {
  const { rowCount } = matrix;
  const byRow = new Uint8Array(new SharedArrayBuffer(rowCount * bins.length));
  const byFeature = bins.map((feature, index) => {
    const binned = new Uint8Array(rowCount);
    if (feature.codes) binCategories(featureOf(matrix, index), feature, binned);
    else binNumbers(featureOf(matrix, index), feature, binned);
    for (let row = 0; row < rowCount; row++) byRow[row * bins.length + index] = binned[row] as number;
    return binned;
  });
  return { byRow, byFeature };
}

function binNumbers(column: Float32Array, feature: FeatureBins, binned: Uint8Array): void {
  const { bounds, count } = feature;
  for (let row = 0; row < column.length; row++) {
    const value = column[row] as number;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value <= (bounds[middle] as number)) high = middle;
      else low = middle + 1;
    }
    binned[row] = Number.isNaN(value) ? count : low;
  }
}

function binCategories(column: Float32Array, feature: FeatureBins, binned: Uint8Array): void {
  const binOf = new Map(Array.from(feature.codes ?? [], (code, bin) => [code, bin] as const));
  for (let row = 0; row < column.length; row++) binned[row] = binOf.get(column[row] as number) ?? feature.count;
}
