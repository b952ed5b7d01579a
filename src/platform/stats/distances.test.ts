import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chiSquared,
  jensenShannon,
  kolmogorovSmirnov,
  kolmogorovSmirnovTail,
  kolmogorovTail,
  largestGap,
  poolRare,
  psi,
  wasserstein,
} from './index.ts';
import { logistic } from './testing.ts';

const golden = JSON.parse(readFileSync(new URL('./goldens/statistics.json', import.meta.url), 'utf8'));

const samples: Record<string, readonly [readonly number[], readonly number[]]> = {
  ab8: golden.small_inputs.ab8,
  self: [golden.small_inputs.ab8[0], golden.small_inputs.ab8[0]],
  ties: golden.small_inputs.ties,
  ...Object.fromEntries(
    Object.entries<[[number, number, number, number], [number, number, number, number]]>(golden.lcg.args).map(
      ([name, [a, b]]) => [name, [logistic(...a), logistic(...b)]],
    ),
  ),
};

/** Bins of the golden file: deciles of the reference by linear interpolation, tails open, values on an edge to the right. */
function decileCounts(reference: readonly number[], values: readonly number[]): number[] {
  const sorted = [...reference].sort((a, b) => a - b);
  const quantile = (p: number) => {
    const position = p * (sorted.length - 1);
    const low = sorted[Math.floor(position)] ?? 0;
    return low + (position % 1) * ((sorted[Math.floor(position) + 1] ?? low) - low);
  };
  const edges = [...new Set(Array.from({ length: 9 }, (_, i) => quantile((i + 1) / 10)))];
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) {
    const bin = edges.filter((edge) => edge <= value).length;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

describe.each(Object.entries(samples))('the samples %s', (name, [a, b]) => {
  const expected = golden.two_sample[name];

  it('have the Kolmogorov-Smirnov statistic and p-value of SciPy', () => {
    const found = kolmogorovSmirnov(a, b);
    expect(found.statistic).toBeCloseTo(expected.ks_auto[0], 13);
    // Exact in both below 1e7 pairs; above, SciPy takes the same limit, which we have to 1e-7.
    const tolerance = a.length * b.length <= 1e7 ? 1e-9 : 1e-6;
    expect(Math.abs(found.pValue / expected.ks_auto[1] - 1)).toBeLessThan(tolerance);
  });

  it('have the Wasserstein distance of SciPy', () => {
    // Sums of up to 27,000 terms in another order.
    expect(wasserstein(a, b)).toBeCloseTo(expected.wasserstein, 11);
  });

  it('have the PSI and the Jensen-Shannon distance of the reference deciles', () => {
    const [p, q] = [decileCounts(a, a), decileCounts(a, b)];
    expect(psi(p, q)).toBeCloseTo(expected['psi_ref_deciles_eps1e-4'], 12);
    expect(jensenShannon(p, q)).toBeCloseTo(expected.js_ref_deciles_base2, 8);
  });
});

describe.each(Object.entries<{ input: [number[], number[]] } & Record<string, number[] & number>>(golden.categorical))(
  'the categories %s',
  (_, expected) => {
    const [p, q] = expected.input;

    it('have the chi-squared test of SciPy, the reference taken as a sample', () => {
      const { statistic, degrees, pValue } = chiSquared(p, q);
      expect(statistic).toBeCloseTo(expected.chi2_contingency_nocorr?.[0] ?? Number.NaN, 12);
      expect(pValue).toBeCloseTo(expected.chi2_contingency_nocorr?.[1] ?? Number.NaN, 12);
      expect(degrees).toBe(expected.chi2_contingency_nocorr?.[2]);
    });

    it('have the PSI and the Jensen-Shannon distance', () => {
      expect(psi(p, q)).toBeCloseTo(expected['psi_eps1e-4'] ?? Number.NaN, 12);
      expect(jensenShannon(p, q)).toBeCloseTo(expected.js_base2 ?? Number.NaN, 12);
    });
  },
);

it('has the Kolmogorov limit of SciPy', () => {
  // The alternating series has terms of order 1, so its sum is good to 1e-16 absolutely.
  for (const [x, p] of golden.sf.kolmogorov) expect(Math.abs(kolmogorovTail(x) - p)).toBeLessThan(1e-14);
  expect(Math.abs(kolmogorovTail(4) / golden.sf.kolmogorov.at(-1)[1] - 1)).toBeLessThan(1e-12);
});

it('has the Kolmogorov-Smirnov tail of one sample of SciPy', () => {
  for (const [d, n, p] of golden.sf.kstwo) {
    const found = kolmogorovSmirnovTail(d, n);
    // The matrix and the series give 1e-9 and better; the expansion, n = 5,000 and d = 0.02 here, about 1e-8.
    expect(Math.abs(found - p), `d ${d}, n ${n}`).toBeLessThan(1e-8 + 1e-9 * p);
    if (p < 1e-6) expect(Math.abs(found / p - 1), `d ${d}, n ${n}`).toBeLessThan(1e-8);
  }
});

describe('distances of counts', () => {
  const counts = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 3, maxLength: 12 }).map((c) => [1, ...c]);

  it('are zero for the same shares, symmetric, and within their bounds', () => {
    fc.assert(
      fc.property(counts, counts, (first, second) => {
        const a = first.slice(0, Math.min(first.length, second.length));
        const b = second.slice(0, a.length);
        const doubled = a.map((count) => 2 * count);
        expect(psi(a, doubled)).toBeCloseTo(0, 12);
        expect(jensenShannon(a, doubled)).toBeCloseTo(0, 6);
        expect(psi(a, b)).toBeCloseTo(psi(b, a), 10);
        expect(jensenShannon(a, b)).toBeLessThanOrEqual(1 + 1e-12);
        expect(largestGap(a, b)).toBeLessThanOrEqual(jensenShannon(a, b) * Math.sqrt(2 * Math.LN2) + 1e-9);
      }),
    );
  });

  it('keep their totals when rare bins are put together', () => {
    const pooled = poolRare([100, 1, 2, 40, 0], [50, 0, 1, 20, 1]);
    expect(pooled).toEqual({ reference: [100, 40, 3], current: [50, 20, 2] });
  });

  it('have a p-value that is uniform when nothing changed', () => {
    const u = logistic(71, 40_000, 0, 1);
    const pValues = Array.from({ length: 200 }, (_, i) => {
      const rows = u.slice(i * 200, i * 200 + 200);
      const bins = (values: readonly number[]) =>
        [0, 1, 2, 3].map((bin) => values.filter((v) => Math.floor(4 / (1 + Math.exp(-v))) === bin).length);
      return chiSquared(bins(rows.slice(0, 120)), bins(rows.slice(120))).pValue;
    });
    // 5 % of 200 with four standard errors of leeway.
    expect(pValues.filter((p) => p < 0.05).length).toBeLessThan(23);
    expect(kolmogorovSmirnovTail(uniformGap(pValues), pValues.length)).toBeGreaterThan(1e-3);
  });
});

function uniformGap(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.max(...sorted.map((v, i) => Math.max(v - i / sorted.length, (i + 1) / sorted.length - v)));
}
