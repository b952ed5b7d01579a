import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSchema } from '#contract';
import { type Database, migrate, openDatabase } from '#platform/sql';
import { quoteText } from '#platform/table';
import { FLIGHTS_FILE, openTestQuality, QUALITY_TEST_MIGRATIONS } from './testing.ts';

/** What is known of the three million flights, found without being told. */

const SPAN = [{ column: 'date', from: '2001-01-01', until: '2001-07-01' }];

let database: Database;
let test: Awaited<ReturnType<typeof openTestQuality>>;
let schema: DataSchema;
beforeAll(async () => {
  database = await openDatabase('sqlite::memory:');
  await migrate(database, QUALITY_TEST_MIGRATIONS);
  test = await openTestQuality(database);
  await test.add('flights.parquet', { file: FLIGHTS_FILE });
  schema = await test.quality.inferSchema(test.at('flights.parquet'), { times: SPAN });
});
afterAll(async () => {
  await test.close();
  await database.close();
});

function checksOf(column: string, of = schema) {
  return of.columns.find(({ name }) => name === column)?.checks ?? [];
}

describe('the flights', () => {
  it('have an exact profile', async () => {
    const profile = await test.quality.profile(test.at('flights.parquet'));
    expect(profile).toMatchObject({ rows: 3_000_000, duplicateRows: 382, surplusRows: 191, format: 'parquet' });
    const figures = profile.columns.map(({ name, storedAs, missing, distinct, min, max }) => [
      name,
      storedAs,
      missing,
      distinct,
      min,
      max,
    ]);
    expect(figures).toEqual([
      ['date', 'TIMESTAMP', 0, 213_834, Date.UTC(2001, 0, 1, 0, 1), Date.UTC(2001, 6, 1)],
      ['delay', 'BIGINT', 0, 867, -1116, 1688],
      ['distance', 'BIGINT', 0, 1109, 21, 4962],
      ['origin', 'VARCHAR', 0, 229, 'ABE', 'YAK'],
      ['destination', 'VARCHAR', 0, 228, 'ABE', 'YAK'],
    ]);
    // Against DuckDB's own aggregates, which take another way to the same figures.
    const { sql } = await test.tables.from(FLIGHTS_FILE);
    for (const name of ['delay', 'distance']) {
      const column = profile.columns.find((known) => known.name === name);
      const probabilities = column?.quantiles.map(({ probability }) => probability) ?? [];
      const [row] = await test.tables.query(
        `select avg(${name}) as mean, stddev_samp(${name}) as sd, quantile_disc(${name}, [${probabilities.join(', ')}]) as q from ${sql}`,
      );
      expect(column?.mean).toBeCloseTo(Number(row?.mean), 9);
      expect(column?.std).toBeCloseTo(Number(row?.sd), 9);
      expect(column?.quantiles.map(({ value }) => value)).toEqual(row?.q);
      expect(column?.histogram?.counts.reduce((sum, n) => sum + n, 0)).toBe(3_000_000);
      const { edges = [], counts = [] } = column?.histogram ?? {};
      const bin = 7;
      const [inBin] = await test.tables.query(
        `select count(*) as n from ${sql} where ${name} >= ${edges[bin]} and ${name} < ${edges[bin + 1]}`,
      );
      expect(counts[bin]).toBe(inBin?.n);
    }
    const origin = profile.columns.find(({ name }) => name === 'origin');
    const top = await test.tables.query(
      `select origin as value, count(*) as count from ${sql} group by 1 order by 2 desc limit 20`,
    );
    expect(origin?.top).toEqual(top);
    expect(origin?.lengths).toEqual({ min: 3, max: 3, mean: 3 });
  });

  it('get limits that part the impossible delays from the long ones', () => {
    expect(schema.name).toBe('flights');
    expect(schema.inferredFrom).toMatchObject({ path: 'flights.parquet', rows: 3_000_000 });
    const [delay] = checksOf('delay').filter(({ kind, severity }) => kind === 'range' && severity === 'error');
    // Below the early arrivals there are (to -87) and above the faults (-212 and less); no limit for late ones.
    expect(delay).toMatchObject({ kind: 'range', min: expect.any(Number) });
    const { min = 0 } = delay as { min?: number };
    expect(min).toBeLessThan(-87);
    expect(min).toBeGreaterThan(-212);
    expect(delay).not.toHaveProperty('max');
    expect(checksOf('distance').find(({ severity, kind }) => kind === 'range' && severity === 'error')).toMatchObject({
      min: 0,
    });
    expect(checksOf('date')).toContainEqual(
      expect.objectContaining({ min: '2001-01-01', below: '2001-07-01', severity: 'error' }),
    );
    expect(checksOf('origin').find(({ kind }) => kind === 'allowed')).toMatchObject({ severity: 'warning' });
  });

  it('hold three impossible delays, six rows of July and 382 copies, and no other fault', async () => {
    const report = await test.quality.validate(test.at('flights.parquet'), { schema });
    expect(report).toMatchObject({ rows: 3_000_000, failedRows: 9, warnedRows: 382, passed: false });
    const broken = report.rules.filter(({ failedRows, passed }) => failedRows > 0 || !passed);
    expect(broken.map(({ rule, severity, failedRows }) => [rule, severity, failedRows])).toEqual([
      ['date.range', 'error', 6],
      ['delay.range', 'error', 3],
      ['table.unique-rows.warning', 'warning', 382],
    ]);
    const delays = broken.find(({ rule }) => rule === 'delay.range');
    expect(delays?.examples.map(({ row, values }) => [row, values.delay])).toEqual([
      [515_377, -212],
      [869_088, -953],
      [949_801, -1116],
    ]);
    expect(delays?.words).toBe('delay is at least -140: 3 of 3,000,000 rows break it, with -1116 to -212.');
  });

  it('of the first two months give the same limits, which later months keep', async () => {
    const months = async (name: string, from: string, until: string) => {
      const { sql } = await test.tables.from(FLIGHTS_FILE);
      const file = `${test.folder}/${name}.parquet`;
      await test.tables.writeParquet(
        `select * from ${sql} where date >= timestamp ${quoteText(from)} and date < timestamp ${quoteText(until)}`,
        file,
      );
      await test.add(`${name}.parquet`, { file });
      return test.at(`${name}.parquet`);
    };
    const early = await months('early', '2001-01-01', '2001-03-01');
    const times = [{ column: 'date', from: '2001-01-01' }];
    const learned = await test.quality.inferSchema(early, { times });
    const report = await test.quality.validate(early, { schema: learned });
    expect(report).toMatchObject({ rows: 966_409, failedRows: 3 });
    const late = await months('late', '2001-03-01', '2001-07-01');
    const later = await test.quality.validate(late, { schema: learned });
    expect(later).toMatchObject({ passed: true, failedRows: 0 });
    expect(later.rules.find(({ rule }) => rule === 'origin.allowed.warning')?.passed).toBe(true);
  });

  it('are set apart and split without leaking', async () => {
    const { clean, quarantine } = await test.quality.quarantine(
      { ...test.at('flights.parquet'), schema, branch: 'main' },
      'user:ann',
    );
    expect([clean?.rows, quarantine?.rows]).toEqual([2_999_991, 9]);
    const split = await test.quality.splitByTime(
      {
        ...test.at('clean/flights.parquet'),
        timeColumn: 'date',
        shares: { train: 0.6, validation: 0.2 },
        branch: 'main',
        outPrefix: 'splits',
      },
      'user:ann',
    );
    const [train, validation, last] = split.parts;
    expect((train?.rows ?? 0) + (validation?.rows ?? 0) + (last?.rows ?? 0)).toBe(2_999_991);
    expect((train?.rows ?? 0) / 2_999_991).toBeCloseTo(0.6, 4);
    expect(train?.toMs).toBeLessThan(validation?.fromMs ?? 0);
    expect(validation?.toMs).toBeLessThan(last?.fromMs ?? 0);
    expect(last?.toMs).toBeLessThan(Date.UTC(2001, 6, 1));
  });
});
