/**
 * Solves A x = b for a symmetric A that is positive semidefinite, by Cholesky with diagonal pivots left out: a direction
 * in which A is (next to) singular gets 0, so that constant or repeated features do no harm.
 */
export function solveSymmetric(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const size = right.length;
  const lower = Array.from({ length: size }, () => new Float64Array(size));
  const at = (row: number, column: number) => (lower[row] as Float64Array)[column] as number;
  for (let row = 0; row < size; row++) {
    const target = lower[row] as Float64Array;
    const source = matrix[row] as Float64Array;
    for (let column = 0; column <= row; column++) {
      let sum = source[column] as number;
      const other = lower[column] as Float64Array;
      for (let k = 0; k < column; k++) sum -= (target[k] as number) * (other[k] as number);
      if (row === column) target[row] = sum > 1e-10 * Math.max(source[row] as number, 1e-12) ? Math.sqrt(sum) : 0;
      else target[column] = at(column, column) > 0 ? sum / at(column, column) : 0;
    }
  }
  const solution = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    let sum = solution[row] as number;
    for (let k = 0; k < row; k++) sum -= at(row, k) * (solution[k] as number);
    solution[row] = at(row, row) > 0 ? sum / at(row, row) : 0;
  }
  for (let row = size - 1; row >= 0; row--) {
    let sum = solution[row] as number;
    for (let k = row + 1; k < size; k++) sum -= at(k, row) * (solution[k] as number);
    solution[row] = at(row, row) > 0 ? sum / at(row, row) : 0;
  }
  return solution;
}
