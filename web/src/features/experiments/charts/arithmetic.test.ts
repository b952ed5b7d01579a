import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binsOf } from './bins.ts';
import { smoothed } from './smoothing.ts';

describe('smoothing', () => {
  it('keeps a constant, starts at the first value and passes over gaps', () => {
    expect(smoothed([3, 3, null, 3], 0.9).map((value) => value && Number(value.toFixed(12)))).toEqual([3, 3, null, 3]);
    expect(smoothed([5, 0], 0.5)).toEqual([5, 5 / 3]);
    expect(smoothed([1, 2, 3], 0)).toEqual([1, 2, 3]);
  });

  it('stays within what was measured', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 0.99, noNaN: true }), (given, weight) => {
        const slack = 1e-6 * Math.max(...given.map(Math.abs), 1e-9);
        for (const value of smoothed(given, weight)) {
          expect(value).toBeGreaterThanOrEqual(Math.min(...given) - slack);
          expect(value).toBeLessThanOrEqual(Math.max(...given) + slack);
        }
      }),
    );
  });
});

describe('bins', () => {
  it('count every value once, side by side from the least to the greatest', () => {
    // Added to 0, -0 is 0: the sign of nothing is not kept.
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((given) => given + 0);
    const values = fc.array(value, { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, (given) => {
        const bins = binsOf(given);
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(given.length);
        expect(bins[0]?.from).toBe(Math.min(...given));
        expect(bins.slice(1).map(({ from }) => from)).toEqual(bins.slice(0, -1).map(({ to }) => to));
      }),
    );
  });

  it('are of equal ratio on a log scale, without what has no logarithm', () => {
    const bins = binsOf([0, -1, 1, 10, 100, 1000], true);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(4);
    expect((bins[0]?.to ?? 0) / (bins[0]?.from ?? 1)).toBeCloseTo((bins[1]?.to ?? 0) / (bins[1]?.from ?? 1), 9);
    expect(binsOf([])).toEqual([]);
    expect(binsOf([2, 2])).toEqual([{ from: 2, to: 2, count: 2 }]);
  });
});
