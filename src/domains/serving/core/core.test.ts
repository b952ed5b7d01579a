import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FULL_WEIGHT, type Signature } from '../model.ts';
import { endpointSeed, trafficPoint, variantAt } from './choose-variant.ts';
import { DrainBatcher } from './drain-batcher.ts';
import { parseTime } from './event-time.ts';
import { exampleRow, rowReader } from './row-reader.ts';
import { TrafficWindow } from './traffic-window.ts';

describe('parsing times', () => {
  it('agrees with the platform on every day of the four-digit years, and on which days there are', () => {
    const text = fc.record({
      year: fc.integer({ min: 0, max: 9999 }),
      month: fc.integer({ min: 0, max: 13 }),
      day: fc.integer({ min: 0, max: 32 }),
    });
    fc.assert(
      fc.property(text, ({ year, month, day }) => {
        const date = new Date(0);
        date.setUTCFullYear(year, month - 1, day);
        const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCFullYear() === year;
        const written = [String(year).padStart(4, '0'), ...[month, day].map((n) => String(n).padStart(2, '0'))].join(
          '-',
        );
        expect(parseTime(written)).toBe(exists ? date.getTime() : undefined);
        expect(parseTime(`${written}T00:00:00Z`)).toBe(exists ? date.getTime() : undefined);
      }),
      { numRuns: 2000 },
    );
  });

  it('agrees with the platform on every valid instant', () => {
    const instants = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(instants, (date) => {
        expect(parseTime(date.toISOString())).toBe(date.getTime());
        expect(parseTime(date.getTime())).toBe(date.getTime());
      }),
    );
  });

  it.each([
    ['2001-03-01', Date.UTC(2001, 2, 1)],
    ['2001-03-01 10:30', Date.UTC(2001, 2, 1, 10, 30)],
    ['2001-03-01T10:30:05.1239', Date.UTC(2001, 2, 1, 10, 30, 5, 123)],
    ['2001-03-01T10:30:00+02:00', Date.UTC(2001, 2, 1, 8, 30)],
    ['2001-03-01T10:30:00-0530', Date.UTC(2001, 2, 1, 16, 0)],
    ['2000-02-29', Date.UTC(2000, 1, 29)],
  ])('reads %s', (text, expected) => {
    expect(parseTime(text)).toBe(expected);
  });

  it.each([
    '2001-02-29',
    '2001-13-01',
    '2001-00-10',
    '2001-03-01T24:00',
    '2001-03-01T10:60',
    '2001-03-01T10:30+25:00',
    '2O01-03-01T10:30:00Z',
    '2001-O3-01T10:30:00Z',
    '2001-03-O1T10:30:00Z',
    '2001-03-01T10:3O:00Z',
    '1900-02-29',
    '2001-03-00',
    '2001-04-31',
    'today',
    '',
    '20010301',
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    9e15,
    null,
    true,
    {},
  ])('refuses %s', (value) => {
    expect(parseTime(value)).toBeUndefined();
  });
});

describe('choosing a variant', () => {
  it('splits keys in proportion to the weights (chi-squared over 100 equal parts, p > 0.001)', () => {
    const counts = new Array<number>(100).fill(0);
    const seed = endpointSeed('delays');
    for (let i = 0; i < 100_000; i++) {
      const part = Math.floor(trafficPoint(seed, `key-${i}`) / 100);
      counts[part] = (counts[part] ?? 0) + 1;
    }
    const chiSquared = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 99 degrees of freedom: the 99.9 % quantile is 148.2.
    expect(chiSquared).toBeLessThan(148.2);
  });

  it('keeps the keys of a canary that grows', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(FULL_WEIGHT), fc.nat(FULL_WEIGHT), (key, a, b) => {
        const point = trafficPoint(endpointSeed('delays'), key);
        const [small, large] = a < b ? [a, b] : [b, a];
        const inSmall = variantAt([FULL_WEIGHT - small, small], point) === 1;
        const inLarge = variantAt([FULL_WEIGHT - large, large], point) === 1;
        expect(inSmall && !inLarge).toBe(false);
      }),
    );
  });

  it('never gives traffic to a weight of zero, nor splits two endpoints alike', () => {
    const points = Array.from({ length: 1000 }, (_, i) => `k${i}`);
    for (const key of points) expect(variantAt([0, FULL_WEIGHT, 0], trafficPoint(endpointSeed('a'), key))).toBe(1);
    const same = points.filter(
      (key) =>
        variantAt([5000, 5000], trafficPoint(endpointSeed('a'), key)) ===
        variantAt([5000, 5000], trafficPoint(endpointSeed('b'), key)),
    );
    expect(same.length).toBeGreaterThan(400);
    expect(same.length).toBeLessThan(600);
  });

  it('has not moved: released callers stay where they are', () => {
    expect(['', 'a', 'b', 'ünïcode'].map((key) => trafficPoint(endpointSeed('delays'), key))).toMatchInlineSnapshot(`
      [
        378,
        4375,
        1502,
        5300,
      ]
    `);
  });
});

describe('reading rows', () => {
  const signature: Signature = {
    inputs: [
      { name: 'when', type: 'timestamp' },
      { name: 'distance', type: 'number', nullable: true },
      { name: 'origin', type: 'string', nullable: true },
    ],
    output: 'value',
  };
  const reader = rowReader(signature);
  const good = { when: 0, distance: 1, origin: 'ATL' };

  it('gives the values in the order of the signature and the same as JSON', () => {
    const row = reader.read({ origin: 'A"T', when: '1970-01-01T00:00:01Z', distance: 2.5 }, 0);
    expect(row.values).toEqual([1000, 2.5, 'A"T']);
    expect(JSON.parse(row.featuresJson)).toEqual({ when: 1000, distance: 2.5, origin: 'A"T' });
  });

  it('hands missing values on as NaN and as empty text, and logs null', () => {
    for (const row of [{ when: 5 }, { when: 5, distance: null, origin: null }]) {
      expect(reader.read(row, 0)).toEqual({
        values: [5, Number.NaN, ''],
        featuresJson: '{"when":5,"distance":null,"origin":null}',
      });
    }
  });

  it.each([
    [{ ...good, when: undefined }, 'when', 'missing'],
    [{ ...good, when: null }, 'when', 'is null'],
    [{ ...good, when: 'yesterday' }, 'when', 'yesterday'],
    [{ ...good, distance: '1' }, 'distance', 'finite number'],
    [{ ...good, distance: true }, 'distance', 'finite number'],
    [{ ...good, distance: Number.NaN }, 'distance', 'NaN'],
    [{ ...good, distance: 1e39 }, 'distance', '1e+39'],
    [{ ...good, distance: Number.POSITIVE_INFINITY }, 'distance', 'Infinity'],
    [{ ...good, origin: 7 }, 'origin', 'a string'],
    [{ ...good, origin: ['ATL'] }, 'origin', 'a string'],
    [{ ...good, carrier: 'DL' }, 'carrier', 'when, distance, origin'],
  ])('refuses %j and names the column %s', (row, column, words) => {
    expect(() => reader.read(row, 3)).toThrow(`Row 3, column "${column}"`);
    expect(() => reader.read(row, 3)).toThrow(words);
  });

  it('accepts its own example, and never writes JSON that cannot be read', () => {
    expect(() => reader.read(exampleRow(signature), 0)).not.toThrow();
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.float({ noNaN: true, noDefaultInfinity: true }),
        (origin, distance) => {
          const { featuresJson } = reader.read({ when: 1, distance, origin }, 0);
          const { distance: logged } = JSON.parse(featuresJson) as { distance: number };
          expect(logged).toBe(distance + 0);
        },
      ),
    );
  });
});

describe('batching by draining', () => {
  /** A model whose runs end when the test says so. */
  function slowModel(answer = (row: number) => row * 10) {
    const runs: { rows: readonly number[]; finish: () => void }[] = [];
    const batcher = new DrainBatcher<number>({
      maxRows: 4,
      run: (rows) =>
        new Promise((resolve, reject) => {
          const finish = () => (rows.includes(-1) ? reject(new Error('poison')) : resolve(rows.map(answer)));
          runs.push({ rows, finish });
        }),
    });
    return { runs, batcher };
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('runs at once when idle, and together what came while it was busy', async () => {
    const { runs, batcher } = slowModel();
    const answers = [1, 2, 3].map((row) => batcher.submit([row]));
    expect(runs.map(({ rows }) => rows)).toEqual([[1]]);
    runs[0]?.finish();
    await turn();
    expect(runs.map(({ rows }) => rows)).toEqual([[1], [2, 3]]);
    runs[1]?.finish();
    expect(await Promise.all(answers)).toEqual([[10], [20], [30]]);
    expect(batcher.pendingRows).toBe(0);
  });

  it('reads what has arrived before the next batch while jobs come several at a time, and no longer', async () => {
    const { runs, batcher } = slowModel();
    for (const row of [1, 2, 3]) void batcher.submit([row]);
    await playAll(runs, 2);
    await turn();
    const together = [batcher.submit([4]), batcher.submit([5])];
    expect(runs).toHaveLength(2);
    await playAll(runs, 3);
    expect(await Promise.all(together)).toEqual([[40], [50]]);
    const alone = batcher.submit([6]);
    await playAll(runs, 4);
    expect(await alone).toEqual([60]);
    await turn();
    void batcher.submit([7]);
    expect(runs.map(({ rows }) => rows)).toEqual([[1], [2, 3], [4, 5], [6], [7]]);
  });

  it('keeps batches within the limit and cuts what is larger', async () => {
    const { runs, batcher } = slowModel();
    const large = batcher.submit([1, 2, 3, 4, 5, 6]);
    const small = batcher.submit([7]);
    await playAll(runs, 2);
    expect(runs.map(({ rows }) => rows)).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7],
    ]);
    expect(await large).toEqual([10, 20, 30, 40, 50, 60]);
    expect(await small).toEqual([70]);
  });

  it('lets a job that cannot be predicted fail alone', async () => {
    const { runs, batcher } = slowModel();
    const first = batcher.submit([0]);
    const jobs = [1, -1, 2].map((row) => batcher.submit([row]));
    const settled = Promise.allSettled(jobs);
    // The first, then all three, then one of them, then the other two, then each of these.
    await playAll(runs, 6);
    await first;
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const next = batcher.submit([9]);
    await playAll(runs, 7);
    expect(await next).toEqual([90]);
    expect(batcher.pendingRows).toBe(0);
  });

  /** Ends one run after the other until there have been `count`. */
  async function playAll(runs: readonly { readonly finish: () => void }[], count: number) {
    for (let i = 0; i < count; i++) {
      while (runs.length <= i) await turn();
      runs[i]?.finish();
    }
  }
});

describe('the window of recent traffic', () => {
  it('gives quantiles within the width of a bucket, and forgets what is old', () => {
    const window = new TrafficWindow();
    for (let i = 1; i <= 1000; i++) window.record(100_000, { latencyUs: i * 10, rows: 2, predictionSum: 1 });
    window.recordError(100_000, 'X');
    const now = window.summary(105_000, 60_000);
    expect(now).toMatchObject({ requests: 1000, rows: 2000, meanPrediction: 0.5, maxMs: 10 });
    expect(Math.abs((now.p50Ms ?? 0) / 5 - 1)).toBeLessThan(0.091);
    expect(Math.abs((now.p99Ms ?? 0) / 9.9 - 1)).toBeLessThan(0.091);
    expect([...now.errors]).toEqual([['X', 1]]);
    expect(window.summary(100_000 + 61_000, 60_000)).toMatchObject({ requests: 0, p50Ms: null, meanPrediction: null });
    window.record(100_000 + 3_600_000, { latencyUs: 1, rows: 1, predictionSum: 0 });
    expect(window.summary(100_000 + 3_600_000, 3_600_000).requests).toBe(1);
  });
});
