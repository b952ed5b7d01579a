import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '#platform/kernel';
import { type DayOptions, flightsOf, freezeFlights, smallReference } from '../testing.ts';
import { groupBins } from './bins.ts';
import { checkReference } from './check-reference.ts';
import { ALLOWANCE, cusumLimit, nextSum } from './cusum.ts';
import { derived } from './derive.ts';
import { driftOf } from './drift.ts';
import { performanceFigures, shifted } from './figures.ts';
import { freezeReference } from './freeze.ts';
import { integrityOf } from './integrity.ts';
import { lossAtRate } from './performance.ts';
import { WindowSample } from './sample.ts';

const RULES = { driftAlpha: 0.01, driftPsi: 0.15 };
const INTEGRITY = { missingIncrease: 0.05, unseenShare: 0.05, outOfRangeShare: 0.05, typeShare: 0.01 };
const reference = smallReference();

function sampled(rows: readonly { features: Record<string, unknown>; prediction: number }[], from = reference) {
  const sample = new WindowSample(from.columns);
  sample.add(
    rows.map((row, i) => ({
      ...row,
      inferenceId: `${i}`,
      atMs: 0,
      version: '',
      variant: '',
      latencyMs: 1,
      flagged: false,
    })),
  );
  return sample;
}

function driftOfDay(seed: number, options: DayOptions) {
  return driftOf(sampled(flightsOf(seed, seededRng(1000 + seed), options)).columns(), RULES);
}

describe('a frozen reference', () => {
  it('is the same whatever the order of its rows, survives JSON, and is what the server accepts', () => {
    const rng = seededRng(4);
    const flights = [0, 1, 2, 3, 4, 5].flatMap((day) => flightsOf(day, rng, { rows: 100 }));
    const frozen = freezeFlights(flights);
    const again = freezeFlights([...flights].reverse());
    // Sums of floating-point numbers in another order differ in their last digits; nine digits are kept.
    expect(again).toEqual(frozen);
    expect(checkReference(JSON.parse(JSON.stringify(frozen)))).toEqual(frozen);
  });

  it('counts each row once: its windows add up to the whole, and its own rows show no drift from it', () => {
    const flights = [0, 1, 2, 3, 4, 5].flatMap((day) => flightsOf(day, seededRng(day), { rows: 200 }));
    const frozen = freezeFlights(flights);
    for (const column of frozen.columns) {
      const sums = column.counts.map((_, bin) => column.windows.reduce((sum, window) => sum + (window[bin] ?? 0), 0));
      expect(sums).toEqual(column.counts);
      expect(column.rows + column.missing).toBe(1200);
    }
    for (const { column, counts } of sampled(flights, frozen).columns()) expect([...counts]).toEqual(column.counts);
    for (const { psi, ks, jensenShannon } of driftOf(sampled(flights, frozen).columns(), RULES)) {
      expect([psi, ks ?? 0, jensenShannon]).toEqual([0, 0, 0]);
    }
  });

  it('knows which columns cannot be compared day by day', () => {
    expect(reference.columns.map(({ name, comparable }) => `${name} ${comparable}`)).toEqual([
      'distance true',
      'origin true',
      'hour true',
      'weekday false',
      '@prediction true',
    ]);
  });

  it('refuses what cannot be frozen', () => {
    const columns = { x: { type: 'number' as const, values: [1, 2] } };
    const code = 'MONITORING_REFERENCE_INVALID';
    expect(() => freezeReference({ columns: {}, times: [] })).toThrow(expect.objectContaining({ code }));
    expect(() => freezeReference({ columns, times: [1] })).toThrow(/column "x" has 2 values for 1 rows/);
    expect(() => freezeReference({ columns, times: [1, Number.NaN] })).toThrow(/no time/);
    expect(() => freezeReference({ columns, times: [1, 2], features: [{ name: 'y' }] })).toThrow(/no column "y"/);
    expect(() => freezeReference({ columns, times: [1, 2], predictions: [1] })).toThrow(/@prediction has 1 values/);
  });

  it('stands empty and constant columns', () => {
    const columns = {
      constant: { type: 'number' as const, values: [5, 5, 5] },
      nothing: { type: 'number' as const, values: [Number.NaN, Number.NaN, Number.NaN] },
      text: { type: 'string' as const, codes: [-1, -1, -1], categories: [] },
    };
    const frozen = checkReference(JSON.parse(JSON.stringify(freezeReference({ columns, times: [1, 2, 3] }))));
    const drift = driftOf(
      sampled([{ features: { constant: 5, nothing: 7, text: 'a' }, prediction: 0 }], frozen).columns(),
      RULES,
    );
    expect(drift.every(({ psi, pValue }) => Number.isFinite(psi) && pValue >= 0 && pValue <= 1)).toBe(true);
  });

  it.each([
    ['no object', 7],
    ['no columns', { ...reference, columns: [] }],
    ['a count missing', { ...reference, columns: [{ ...reference.columns[0], counts: [1] }] }],
    [
      'a negative count',
      { ...reference, columns: [{ ...reference.columns[1], counts: reference.columns[1]?.counts.map(() => -1) }] },
    ],
    ['a column twice', { ...reference, columns: [reference.columns[0], reference.columns[0]] }],
    ['windows missing', { ...reference, windows: reference.windows.slice(1) }],
    ['another format', { ...reference, format: 2 }],
    ['performance without its figures', { ...reference, performance: { rate: 0.2, windows: [{}], segments: {} } }],
  ])('is not accepted with %s', (_, value) => {
    expect(() => checkReference(value)).toThrow(expect.objectContaining({ code: 'MONITORING_REFERENCE_INVALID' }));
  });
});

describe('drift', () => {
  it.each([200, 1000])(
    'has calibrated p-values on days that differ, with %d rows, where the plain test has none',
    (rows) => {
      const days = Array.from({ length: 150 }, (_, i) => driftOfDay(i, { rows }));
      const origin = days.map((found) => found.find(({ feature }) => feature === 'origin'));
      const below = origin.filter((found) => (found?.pValue ?? 1) < 0.05).length / days.length;
      // 5 % wanted; four standard errors of 150 days, and as much again for the reference being 20 days.
      expect(below).toBeLessThan(0.15);
      if (rows === 1000) expect(origin.filter((found) => (found?.chiSquaredP ?? 1) < 0.05).length).toBeGreaterThan(40);
      expect(days.flat().filter(({ drifted }) => drifted)).toEqual([]);
    },
  );

  it('is found at once when a unit changes, and names the factor by its quantiles', () => {
    for (const rows of [200, 1000]) {
      const found = driftOfDay(7, { rows, distance: 1.609 });
      const distance = found.find(({ feature }) => feature === 'distance');
      expect(found.filter(({ drifted }) => drifted).map(({ feature }) => feature)).toEqual(['distance']);
      expect(distance?.psi).toBeGreaterThan(0.4);
      expect(distance?.qValue).toBeLessThan(1e-6);
      const { reference: usual = [], window = [] } = distance?.quantiles ?? {};
      const ratios = usual.map((value, i) => (window[i] ?? 0) / value).sort((a, b) => a - b);
      // The median of 19 ratios of quantiles, each with an error of about 6 % (200 rows).
      expect(Math.abs((ratios[9] ?? 0) / 1.609 - 1)).toBeLessThan(0.08);
    }
  });

  it('needs both an effect and significance', () => {
    // A shift of a fifth of a standard deviation in 100,000 rows is certain, and small.
    const rng = seededRng(11);
    const columns = (shift: number, rows: number) => ({
      x: { type: 'number' as const, values: Array.from({ length: rows }, () => rng.normal() + shift) },
    });
    const times = Array.from({ length: 20_000 }, (_, i) => i * 86_400);
    const frozen = freezeReference({ columns: columns(0, 20_000), times, windowMs: 86_400_000 });
    const shifted = columns(0.2, 100_000).x.values.map((x) => ({ features: { x }, prediction: 0 }));
    const [large] = driftOf(sampled(shifted, frozen).columns(), RULES);
    expect(large?.pValue).toBeLessThan(1e-6);
    expect(large?.drifted).toBe(false);
    const [small] = driftOf(sampled([{ features: { x: 3 }, prediction: 0 }], frozen).columns(), RULES);
    expect(small?.drifted).toBe(false);
  });

  it('compares a window in bins of which it expects ten rows', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(
        counts,
        fc.integer({ min: 1, max: 5000 }),
        fc.constantFrom('numeric' as const, 'category' as const),
        (c, rows, kind) => {
          const total = c.reduce((sum, count) => sum + count, 0);
          if (total === 0) return;
          const { group, groups } = groupBins({ kind, counts: c }, rows);
          expect(new Set(group).size).toBe(groups);
          const sums = Array.from({ length: groups }, (_, g) =>
            c.reduce((sum, count, bin) => sum + (group[bin] === g ? count : 0), 0),
          );
          const small = sums.filter((sum) => (sum * rows) / total < 10);
          expect(small.length).toBeLessThanOrEqual(groups === 1 || kind === 'category' ? 1 : 0);
          if (kind === 'numeric') expect([...group]).toEqual([...group].sort((a, b) => a - b));
        },
      ),
    );
  });
});

describe('integrity', () => {
  const flights = flightsOf(0, seededRng(5), { rows: 400 });
  const broken = (share: number, value: unknown, column: string) =>
    flights.map((row, i) => (i < share * 400 ? { ...row, features: { ...row.features, [column]: value } } : row));
  const verdict = (rows: Parameters<typeof sampled>[0]) => {
    const { integrity, problems } = integrityOf(sampled(rows).columns(), rows.length, INTEGRITY);
    return [integrity.verdict, problems.join('; ')];
  };

  it('is ok on rows as the reference had them', () => {
    expect(verdict(flights)).toEqual(['ok', '']);
  });

  it.each([
    ['distance', null, 'distance: 10 % of the rows have no value, 0.0 % in the reference'],
    ['distance', 'far', 'distance: 10 % of the rows are not numbers'],
    ['distance', 1e9, 'distance: 10 % of the rows lie far outside the range of the reference'],
    ['distance', Number.NaN, 'distance: 10 % of the rows have no value, 0.0 % in the reference'],
    ['origin', 'XYZ', 'origin: 10 % of the rows have a value the reference never had, such as "XYZ"'],
    ['origin', 7, 'origin: 10 % of the rows are not text'],
    ['origin', '', 'origin: 10 % of the rows have no value, 0.0 % in the reference'],
  ])('fails when a tenth of %s is %j', (column, value, problem) => {
    expect(verdict(broken(0.1, value, column))).toEqual(['failed', problem]);
    expect(verdict(broken(0.03, value, column))[0]).not.toBe('ok');
    expect(verdict(broken(0.0025, value, column))).toEqual(['ok', '']);
  });

  it('does not fail on one row of few', () => {
    expect(verdict(broken(0.1, 'XYZ', 'origin').slice(39, 49))[0]).not.toBe('failed');
  });
});

describe('performance at the usual rate', () => {
  it('is the same however many labels are 1, for a model that tells them apart as well', () => {
    const flights = flightsOf(0, seededRng(6), { rows: 300 });
    const figuresOf = (rows: typeof flights) =>
      performanceFigures(
        0,
        rows.map(({ label }) => label),
        rows.map(({ prediction }) => prediction),
      );
    const plain = figuresOf(flights);
    // A day with three times as many late flights, drawn from the same late flights.
    const bad = figuresOf([
      ...flights,
      ...flights.filter(({ label }) => label === 1),
      ...flights.filter(({ label }) => label === 1),
    ]);
    expect(lossAtRate(bad, 0.2).loss).toBeCloseTo(lossAtRate(plain, 0.2).loss, 12);
    expect(bad.auc).toBeCloseTo(plain.auc, 12);
    expect(bad.logLoss).toBeGreaterThan(plain.logLoss + 0.1);
    const own = plain.positives / plain.rows;
    expect(lossAtRate(plain, own).loss).toBeCloseTo(plain.logLoss, 12);
  });

  it('shifts predictions to what happened, whatever happened', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.double({ min: 0, max: 1, noNaN: true })), {
          minLength: 2,
        }),
        (rows) => {
          const labels = rows.map(([label]) => label);
          const observed = Math.min(
            labels.length - 0.5,
            Math.max(
              0.5,
              labels.reduce<number>((a, b) => a + b, 0),
            ),
          );
          const result = shifted(
            labels,
            rows.map(([, p]) => p),
          );
          expect(result.reduce((a, b) => a + b, 0)).toBeCloseTo(observed, 4);
        },
      ),
    );
  });
});

describe('the CUSUM chart', () => {
  it.each([100, 365])('raises a false alarm once in %d windows', (meanRun) => {
    const rng = seededRng(meanRun);
    const limit = cusumLimit(meanRun);
    const runs = 1500;
    let windows = 0;
    for (let run = 0; run < runs; run++) {
      for (let sum = 0; sum < limit; windows++) sum = nextSum(sum, rng.normal(), limit);
    }
    // Run lengths are nearly exponential: a standard error of 2.6 %, and a few percent for the approximation.
    expect(windows / runs / meanRun).toBeGreaterThan(0.87);
    expect(windows / runs / meanRun).toBeLessThan(1.13);
  });

  it('cannot be raised by a single window, and can end', () => {
    const limit = cusumLimit(1095);
    expect(nextSum(0, 1e9, limit)).toBeLessThan(limit);
    let sum = 0;
    for (let i = 0; i < 1000; i++) sum = nextSum(sum, 1e9, limit);
    expect(sum).toBe(2 * limit);
    expect(nextSum(sum, 0, limit)).toBeCloseTo(sum - ALLOWANCE, 12);
  });
});

it('reads hours and weekdays in UTC, before the epoch too', () => {
  const at = (text: string) => Date.parse(text);
  expect(derived('hour', at('2001-03-05T23:59:59Z'))).toBe(23);
  expect(derived('weekday', at('2001-03-05T00:00:00Z'))).toBe(1);
  expect(derived('hour', at('1969-12-31T01:00:00Z'))).toBe(1);
  expect(derived('weekday', at('1969-12-31T01:00:00Z'))).toBe(3);
  expect(derived('hour', Number.NaN)).toBeNaN();
});
