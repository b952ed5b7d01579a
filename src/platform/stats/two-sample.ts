import { kolmogorovSmirnovTail } from './kolmogorov.ts';

/** Up to this many pairs of rows the p-value is counted exactly; above, it is that of one sample of n·m/(n+m). */
const EXACT_PAIRS = 10_000_000;

/**
 * Two-sample Kolmogorov-Smirnov test, two-sided. With at most {@link EXACT_PAIRS} pairs the p-value is exact for
 * distributions without ties, and conservative with ties.
 */
export function kolmogorovSmirnov(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): { readonly statistic: number; readonly pValue: number } {
  const first = Float64Array.from(a).sort();
  const second = Float64Array.from(b).sort();
  const [n, m] = [first.length, second.length];
  let [i, j, gap] = [0, 0, 0];
  while (i < n && j < m) {
    const value = Math.min(first[i] ?? 0, second[j] ?? 0);
    while (i < n && first[i] === value) i++;
    while (j < m && second[j] === value) j++;
    // Whole numbers, so that equal gaps compare equal.
    gap = Math.max(gap, Math.abs(i * m - j * n));
  }
  const statistic = gap / (n * m);
  const pValue =
    n * m <= EXACT_PAIRS ? latticeTail(gap, n, m) : kolmogorovSmirnovTail(statistic, Math.round((n * m) / (n + m)));
  return { statistic, pValue };
}

/**
 * Chance that a random order of n and m rows has a gap of at least `gap`/(n·m): lattice paths that touch the band,
 * counted as probabilities row by row (Hodges, 1958).
 */
function latticeTail(gap: number, n: number, m: number): number {
  if (gap === 0) return 1;
  // touched[j]: chance to have touched the band, having come to (i, j).
  const touched = new Float64Array(m + 1);
  for (let j = 1; j <= m; j++) touched[j] = j * n >= gap ? 1 : (touched[j - 1] ?? 0);
  for (let i = 1; i <= n; i++) {
    touched[0] = i * m >= gap ? 1 : (touched[0] ?? 0);
    for (let j = 1; j <= m; j++) {
      const before = ((touched[j] ?? 0) * i + (touched[j - 1] ?? 0) * j) / (i + j);
      touched[j] = Math.abs(i * m - j * n) >= gap ? 1 : before;
    }
  }
  return touched[m] ?? 1;
}

/** Wasserstein-1 (earth mover's) distance of two samples, in the unit of the values. */
export function wasserstein(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const first = Float64Array.from(a).sort();
  const second = Float64Array.from(b).sort();
  let [i, j, sum] = [0, 0, 0];
  let previous = Math.min(first[0] ?? 0, second[0] ?? 0);
  while (i < first.length || j < second.length) {
    const value = Math.min(first[i] ?? Number.POSITIVE_INFINITY, second[j] ?? Number.POSITIVE_INFINITY);
    sum += Math.abs(i / first.length - j / second.length) * (value - previous);
    previous = value;
    while (i < first.length && first[i] === value) i++;
    while (j < second.length && second[j] === value) j++;
  }
  return sum;
}
