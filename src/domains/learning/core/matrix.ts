/** What a learner sees: numbers, column by column. Feature `f` of row `i` is `values[f * rowCount + i]`; NaN is missing. */
export interface Matrix {
  readonly rowCount: number;
  readonly names: readonly string[];
  /** For each feature: a number, or a category's code (0, 1, 2, …; NaN is missing). */
  readonly kinds: readonly ('number' | 'category')[];
  /** Float32, as ONNX models take them: so that a split here and there sends every row the same way. */
  readonly values: Float32Array;
}

/** The values of one feature, a view. */
export function featureOf(matrix: Matrix, feature: number): Float32Array {
  return matrix.values.subarray(feature * matrix.rowCount, (feature + 1) * matrix.rowCount);
}
