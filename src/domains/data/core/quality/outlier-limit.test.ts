import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Rng, seededRng } from '#platform/kernel';
import { outlierLimit, roomBeyond, type Tail, tailShares } from './outlier-limit.ts';

describe('the limit between outliers and the rest', () => {
  it('is there when few values stand apart, and between them and the others', () => {
    const values = [...sample(2000, (rng) => rng.normal() * 10), -500, -90_000];
    const found = outlierLimit(lowTail(values));
    expect(found?.rows).toBe(2);
    expect(found?.limit).toBeLessThan(-40);
    expect(found?.limit).toBeGreaterThan(-500);
  });

  it('is not there without a gap, however far the values reach', () => {
    const reaching = sample(5000, (rng) => -((1 - rng.next()) ** (-1 / 2)));
    const [largest = 0] = [...reaching].sort((a, b) => a - b);
    expect(largest).toBeLessThan(-40);
    expect(outlierLimit(lowTail(reaching))).toBeUndefined();
  });

  it('is not there when a value far out is repeated often: that is how the data is', () => {
    const values = [...sample(2000, (rng) => rng.normal()), ...Array.from({ length: 100 }, () => -999)];
    expect(outlierLimit(lowTail(values))).toBeUndefined();
  });

  it('takes equal values for one', () => {
    // A route a bit longer than the next, flown nine times: repetition must not add up to evidence.
    const values = sample(20_000, (rng) => -100 * rng.next() ** 8);
    const far = Math.min(...values);
    const repeated = Array.from({ length: 9 }, () => far * 1.2);
    expect(outlierLimit(lowTail([...values, ...repeated]))).toBeUndefined();
    // Nine different values behind the same gap are evidence.
    expect(outlierLimit(lowTail([...values, ...repeated.map((value, i) => value * 9 - i)]))?.rows).toBe(9);
  });

  it('needs a hundred rows and a spread', () => {
    expect(tailShares(99)).toBeUndefined();
    expect(outlierLimit(lowTail([...Array.from({ length: 500 }, () => 0), -5]))).toBeUndefined();
  });

  it.each([
    ['normal', (rng: Rng) => rng.normal()],
    ['uniform', (rng: Rng) => rng.next()],
    ['exponential', (rng: Rng) => Math.log(1 - rng.next())],
    ['log-normal', (rng: Rng) => -Math.exp(rng.normal())],
    ['power law of exponent 1.5', (rng: Rng) => -((1 - rng.next()) ** (-1 / 1.5))],
    ['whole numbers', (rng: Rng) => Math.round(Math.log(1 - rng.next()) * 4)],
  ])('takes honest values of a %s distribution for outliers in at most 4 of 100 samples', (_, draw) => {
    // The stated chance is 1 % a tail; with 100 samples more than 4 would come up in less than 1 of 200 runs.
    const rng = seededRng(20_010_101);
    let alarms = 0;
    for (let n = 0; n < 100; n++) {
      const values = Array.from({ length: 2000 }, () => draw(rng));
      if (outlierLimit(lowTail(values))) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(4);
  });

  it('moves and grows with its values, and mirrors them', () => {
    const values = [...sample(1000, (rng) => rng.normal()), -60];
    const found = outlierLimit(lowTail(values));
    expect(found?.rows).toBe(1);
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1000, noNaN: true }),
        fc.integer({ min: -10_000, max: 10_000 }),
        (scale, shift) => {
          const moved = outlierLimit(lowTail(values.map((value) => value * scale + shift)));
          expect(moved?.rows).toBe(1);
        },
      ),
      { numRuns: 50 },
    );
    const mirrored = outlierLimit(highTail(values.map((value) => -value)));
    expect(mirrored).toEqual({ rows: 1, limit: -(found?.limit ?? 0) });
  });
});

it('leaves room beyond what was seen, in round numbers', () => {
  expect(roomBeyond(1688, -1)).toBe(2600);
  expect(roomBeyond(-87, -1)).toBe(-130);
  expect(roomBeyond(0.0123, 0.001)).toBe(0.018);
  expect(roomBeyond(5, 5)).toBe(5);
});

function sample(rows: number, draw: (rng: Rng) => number): number[] {
  const rng = seededRng(1);
  return Array.from({ length: rows }, () => draw(rng));
}

function lowTail(values: readonly number[]): Tail {
  const sorted = [...values].sort((a, b) => a - b);
  const shares = tailShares(values.length) ?? { innerShare: 0.1, outerShare: 0.01 };
  const quantile = (p: number) => sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
  return {
    ...shares,
    rows: values.length,
    median: quantile(0.5),
    quartile: quantile(0.25),
    interquartileRange: quantile(0.75) - quantile(0.25),
    inner: quantile(shares.innerShare),
    outer: quantile(shares.outerShare),
    extremes: grouped(sorted),
  };
}

function highTail(values: readonly number[]): Tail {
  const low = lowTail(values.map((value) => -value));
  return {
    ...low,
    median: -low.median,
    quartile: -low.quartile,
    inner: -low.inner,
    outer: -low.outer,
    extremes: low.extremes.map(({ value, rows }) => ({ value: -value, rows })),
  };
}

function grouped(sorted: readonly number[]): Tail['extremes'] {
  const counts = new Map<number, number>();
  for (const value of sorted) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].slice(0, 1000).map(([value, rows]) => ({ value, rows }));
}
