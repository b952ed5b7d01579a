import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  benjaminiHochberg,
  betaTail,
  chiSquaredTail,
  fTail,
  gammaTail,
  normalCdf,
  normalQuantile,
  normalTail,
  normalTwoSided,
  studentTwoSided,
} from './index.ts';

/** From SciPy 1.10.1 and statsmodels 0.13.5, of which tails are good to about 1e-14. */
const golden = JSON.parse(readFileSync(new URL('./goldens/statistics.json', import.meta.url), 'utf8'));

/** Tails of 1e-30 are compared by ratio. Our series lose at most two digits to the exponent of the front factor. */
function expectRatio(value: number, expected: number, tolerance = 1e-11) {
  expect(Math.abs(value / expected - 1), `${value} against ${expected}`).toBeLessThan(tolerance);
}

it('gives the chi-squared tail from 1 to 1,000 degrees of freedom, down to 1e-30', () => {
  for (const [x, degrees, p] of golden.sf.chi2) expectRatio(chiSquaredTail(x, degrees), p);
});

it('gives the normal tail out to 30 standard deviations', () => {
  for (const [z, p] of golden.sf.norm_two_sided) {
    expectRatio(normalTwoSided(z), p);
    expectRatio(2 * normalTail(z), p);
    expectRatio(2 * normalCdf(-z), p);
  }
});

it("gives Student's two-sided tail", () => {
  for (const [t, degrees, p] of golden.sf.t_two_sided) expectRatio(studentTwoSided(t, degrees), p);
});

it('relates the tails to one another as the distributions are related', () => {
  // The square of a t variate is F(1, df); a chi-squared variate is gamma(df/2, 2); F is a transformed beta.
  expectRatio(fTail(2.5 ** 2, 1, 7), studentTwoSided(2.5, 7));
  expectRatio(gammaTail(13.2, 2.5, 2), chiSquaredTail(13.2, 5));
  expectRatio(betaTail(0.3, 2, 5), 0.7 ** 6 + 6 * 0.3 * 0.7 ** 5);
  expectRatio(betaTail(0.7, 5, 2), 1 - (6 * 0.3 * 0.7 ** 5 + 0.7 ** 6));
});

it('inverts the normal distribution', () => {
  for (const p of [1e-300, 1e-20, 1e-6, 0.02425, 0.3, 0.5, 0.9, 0.975]) {
    expectRatio(normalCdf(normalQuantile(p)), p, 1e-12);
  }
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
  expect([normalQuantile(0), normalQuantile(1)]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
});

it('adjusts p-values as statsmodels does, in any order', () => {
  const { p, bh } = golden.multitest;
  for (const [i, q] of benjaminiHochberg(p).entries()) expectRatio(q, bh[i], 1e-14);
  const mixed = [3, 0, 24, 11, 7].map((i) => p[i]);
  const sorted = [...mixed].sort((a, b) => a - b);
  expect(benjaminiHochberg(mixed)).toEqual(mixed.map((value) => benjaminiHochberg(sorted)[sorted.indexOf(value)]));
  expect(benjaminiHochberg([Number.NaN, 0.01])).toEqual([Number.NaN, 0.01]);
});
