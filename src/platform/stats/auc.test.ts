import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '#platform/kernel';
import {
  aucDeLong,
  aucDifference,
  bootstrapInterval,
  brier,
  logLoss,
  meanDifference,
  meanInterval,
  wilson,
} from './index.ts';
import { lcg } from './testing.ts';

const golden = JSON.parse(readFileSync(new URL('./goldens/statistics.json', import.meta.url), 'utf8'));

describe('scores of probabilities', () => {
  const scores = lcg(11, 2000);
  const labels = lcg(12, 2000).map((u, i) => (u < (scores[i] ?? 0) ** 2 ? 1 : 0));

  it('equal those of scikit-learn', () => {
    // The same sums in another order: the difference is rounding, 2,000 terms of 1e-16.
    expect(aucDeLong(labels, scores).auc).toBeCloseTo(golden.cbpe.ref_auc, 13);
    expect(brier(labels, scores)).toBeCloseTo(golden.cbpe.ref_brier, 13);
    expect(logLoss(labels, scores)).toBeCloseTo(golden.cbpe.ref_logloss, 13);
  });

  it('are finite for a sure mistake', () => {
    expect(logLoss([1, 0], [0, 1])).toBeCloseTo(-Math.log(1e-15), 2);
  });
});

/** DeLong's variance from its definition, over all pairs. */
function naive(labels: readonly number[], scores: readonly number[]) {
  const of = (label: number) => scores.filter((_, i) => labels[i] === label);
  const above = (a: number, b: number) => (a > b ? 1 : a === b ? 0.5 : 0);
  const mean = (v: readonly number[]) => v.reduce((sum, x) => sum + x, 0) / v.length;
  const variance = (v: readonly number[]) => v.reduce((sum, x) => sum + (x - mean(v)) ** 2, 0) / (v.length - 1);
  const positives = of(1).map((p) => mean(of(0).map((n) => above(p, n))));
  const negatives = of(0).map((n) => mean(of(1).map((p) => above(p, n))));
  return {
    auc: mean(positives),
    variance: variance(positives) / positives.length + variance(negatives) / negatives.length,
  };
}

describe('area under the ROC curve', () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 9 })), {
    minLength: 2,
    maxLength: 40,
  });

  it('has the value and the variance of the definition, ties included', () => {
    fc.assert(
      fc.property(rows, (pairs) => {
        const labels = [0, 0, 1, 1, ...pairs.map(([label]) => label)];
        const scores = [1, 4, 3, 8, ...pairs.map(([, score]) => score)];
        const expected = naive(labels, scores);
        const found = aucDeLong(labels, scores);
        expect(found.auc).toBeCloseTo(expected.auc, 12);
        expect(found.variance).toBeCloseTo(expected.variance, 12);
        expect(aucDifference(labels, scores, scores)).toMatchObject({ difference: 0, variance: 0, pValue: 1 });
        expect(
          aucDeLong(
            labels,
            scores.map((s) => -s),
          ).auc,
        ).toBeCloseTo(1 - found.auc, 12);
      }),
    );
  });

  it('covers the true value about as often as stated', () => {
    const rng = seededRng(7);
    let covered = 0;
    for (let round = 0; round < 400; round++) {
      const labels = Array.from({ length: 150 }, () => (rng.next() < 0.3 ? 1 : 0));
      const { low, high } = aucDeLong(
        labels,
        labels.map((label) => rng.normal() + label),
      );
      // Two normals one standard deviation apart: Φ(1/√2) = 0.7602.
      if (low <= 0.76025 && high >= 0.76025) covered++;
    }
    // 95 % of 400 with four standard errors of leeway.
    expect(covered / 400).toBeGreaterThan(0.906);
    expect(covered / 400).toBeLessThan(0.994);
  });

  it('takes the pairing of two scores into account', () => {
    const rng = seededRng(9);
    const labels = Array.from({ length: 500 }, () => (rng.next() < 0.4 ? 1 : 0));
    const first = labels.map((label) => label + 2 * rng.normal());
    const second = first.map((score, i) => score + 0.3 * (labels[i] ?? 0) + 0.1 * rng.normal());
    const paired = aucDifference(labels, first, second);
    expect(paired.low).toBeGreaterThan(0);
    expect(paired.variance).toBeLessThan(aucDeLong(labels, first).variance / 10);
  });

  it('is not a number when only one label occurs', () => {
    expect(aucDeLong([1, 1, 1], [0.1, 0.2, 0.3]).auc).toBeNaN();
    expect(aucDeLong([], []).auc).toBeNaN();
  });
});

describe('intervals', () => {
  it('of a share are those of Wilson', () => {
    // Newcombe (1998), Statistics in Medicine 17, table I, method 3: 81/263, 15/148, 0/20, 1/29.
    const published = [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ] as const;
    for (const [hits, rows, low, high] of published) {
      const found = wilson(hits, rows);
      expect(found.low).toBeCloseTo(low, 4);
      expect(found.high).toBeCloseTo(high, 4);
    }
  });

  it('of a mean by formula and by bootstrap agree', () => {
    const rng = seededRng(3);
    const values = Array.from({ length: 800 }, () => 5 + 2 * rng.normal());
    const formula = meanInterval(values);
    const drawn = bootstrapInterval({
      rows: values.length,
      statistic: (indices) => indices.reduce((sum, i) => sum + (values[i] ?? 0), 0) / values.length,
      rng,
    });
    expect(drawn.value).toBeCloseTo(formula.value, 12);
    // Half width 0.139; an end of the bootstrap has a standard error of about 0.007.
    expect(Math.abs(drawn.low - formula.low)).toBeLessThan(0.03);
    expect(Math.abs(drawn.high - formula.high)).toBeLessThan(0.03);
  });

  it('of a difference of means are those of Welch', () => {
    const [a, b] = golden.small_inputs.ab8;
    const { value, high } = meanDifference(b, a);
    // The golden t statistic is the difference in standard errors.
    expect(value / ((high - value) / 1.959963984540054)).toBeCloseTo(golden.two_sample.ab8.t_welch[0], 12);
  });
});
