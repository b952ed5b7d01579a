import { chiSquaredTail } from './tails.ts';

/** Distances of two distributions given as counts in the same bins. Counts need not be whole; totals may differ. */

/**
 * Population stability index: Σ (q - p)·ln(q / p) over the shares of the bins, the symmetric Kullback-Leibler
 * divergence in nats. No share is taken below `floor`, so that an empty bin has a finite part.
 */
export function psi(reference: ArrayLike<number>, current: ArrayLike<number>, floor = 1e-4): number {
  return psiParts(reference, current, floor).reduce((sum, part) => sum + part, 0);
}

/** What each bin adds to the PSI. */
export function psiParts(reference: ArrayLike<number>, current: ArrayLike<number>, floor = 1e-4): number[] {
  const [n, m] = [total(reference), total(current)];
  return Array.from({ length: reference.length }, (_, bin) => {
    const p = Math.max(floor, (reference[bin] ?? 0) / n);
    const q = Math.max(floor, (current[bin] ?? 0) / m);
    return (q - p) * Math.log(q / p);
  });
}

/** Jensen-Shannon distance: the square root of the divergence, base 2, so 0 to 1. */
export function jensenShannon(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const [n, m] = [total(reference), total(current)];
  let sum = 0;
  for (let bin = 0; bin < reference.length; bin++) {
    const p = (reference[bin] ?? 0) / n;
    const q = (current[bin] ?? 0) / m;
    const middle = (p + q) / 2;
    if (p > 0) sum += p * Math.log2(p / middle);
    if (q > 0) sum += q * Math.log2(q / middle);
  }
  return Math.sqrt(Math.max(0, sum / 2));
}

/** Largest gap of the distributions at the edges of ordered bins: the Kolmogorov-Smirnov statistic of what was binned. */
export function largestGap(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const [n, m] = [total(reference), total(current)];
  let [p, q, gap] = [0, 0, 0];
  for (let bin = 0; bin < reference.length; bin++) {
    p += reference[bin] ?? 0;
    q += current[bin] ?? 0;
    gap = Math.max(gap, Math.abs(p / n - q / m));
  }
  return gap;
}

export interface ChiSquaredTest {
  readonly statistic: number;
  readonly degrees: number;
  readonly pValue: number;
}

/**
 * Two-sample chi-squared test of homogeneity, without continuity correction. The reference is a sample too, not the
 * truth. Bins empty in both are left out; rare ones can be put together first, see {@link poolRare}.
 */
export function chiSquared(reference: ArrayLike<number>, current: ArrayLike<number>): ChiSquaredTest {
  const [n, m] = [total(reference), total(current)];
  let statistic = 0;
  let bins = 0;
  for (let bin = 0; bin < reference.length; bin++) {
    const [a, b] = [reference[bin] ?? 0, current[bin] ?? 0];
    if (a + b === 0) continue;
    bins++;
    // The contingency statistic of two rows, in the form that needs no expected counts.
    statistic += (a * m - b * n) ** 2 / (n * m * (a + b));
  }
  const degrees = Math.max(0, bins - 1);
  return { statistic, degrees, pValue: degrees === 0 ? 1 : chiSquaredTail(statistic, degrees) };
}

/**
 * Puts the bins together of which the smaller sample expects fewer than `least` rows, so that the chi-squared
 * approximation holds (Cochran's rule).
 */
export function poolRare(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  least = 5,
): { readonly reference: number[]; readonly current: number[] } {
  const [n, m] = [total(reference), total(current)];
  const share = Math.min(n, m) / (n + m);
  const pooled = { reference: [] as number[], current: [] as number[] };
  let [restA, restB] = [0, 0];
  for (let bin = 0; bin < reference.length; bin++) {
    const [a, b] = [reference[bin] ?? 0, current[bin] ?? 0];
    if ((a + b) * share < least) {
      restA += a;
      restB += b;
    } else {
      pooled.reference.push(a);
      pooled.current.push(b);
    }
  }
  if (restA + restB > 0) {
    pooled.reference.push(restA);
    pooled.current.push(restB);
  }
  return pooled;
}

function total(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin++) sum += counts[bin] ?? 0;
  return sum;
}
