import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSchema } from '#contract';
import { type Database, migrate, openDatabase } from '#platform/sql';
import type { Frame, Row } from '#platform/table';
import { compileCondition } from '../core/quality/condition.ts';
import { openTestQuality, QUALITY_TEST_MIGRATIONS } from './testing.ts';

/** Laws that hold for every table, tried on many. */

let database: Database;
let test: Awaited<ReturnType<typeof openTestQuality>>;
beforeAll(async () => {
  database = await openDatabase('sqlite::memory:');
  await migrate(database, QUALITY_TEST_MIGRATIONS);
  test = await openTestQuality(database);
});
afterAll(async () => {
  await test.close();
  await database.close();
});

const cell = fc.record({
  n: fc.option(fc.integer({ min: -5, max: 5 }), { nil: Number.NaN, freq: 5 }),
  t: fc.integer({ min: 0, max: 12 }).map((hour) => hour * 3_600_000),
  s: fc.option(fc.constantFrom('a', 'b', "c'"), { nil: undefined, freq: 5 }),
});
const rows = fc.array(cell, { minLength: 1, maxLength: 60 });

const CATEGORIES = ['a', 'b', "c'"];

async function commitTable(name: string, cells: readonly { n: number; t: number; s: string | undefined }[]) {
  const frame: Frame = {
    rowCount: cells.length,
    columns: {
      n: { type: 'number', values: Float64Array.from(cells, ({ n }) => n) },
      t: { type: 'timestamp', values: Float64Array.from(cells, ({ t }) => t) },
      s: {
        type: 'string',
        codes: Int32Array.from(cells, ({ s }) => (s === undefined ? -1 : CATEGORIES.indexOf(s))),
        categories: CATEGORIES,
      },
    },
  };
  const file = join(test.folder, `${name}.parquet`);
  await test.tables.writeFrame(frame, file, {});
  await test.add(`${name}.parquet`, { file });
  return file;
}

async function rowsOf(path: string, columns: string): Promise<readonly Row[]> {
  const file = await test.data.localFile(test.repository, 'main', path);
  try {
    return await test.tables.query(`select ${columns} from ${(await test.tables.from(file.path)).sql}`);
  } finally {
    file.release();
  }
}

const severity = fc.constantFrom('error', 'warning') as fc.Arbitrary<'error' | 'warning'>;
const schema: fc.Arbitrary<DataSchema> = fc
  .record({
    min: fc.integer({ min: -5, max: 5 }),
    nulls: severity,
    allowed: fc.subarray(CATEGORIES, { minLength: 1 }),
    keep: fc.constantFrom('first', 'none') as fc.Arbitrary<'first' | 'none'>,
    repeated: severity,
    unique: fc.boolean(),
    condition: fc.constantFrom("s = 'a' or n > 0", "n * 2 < 4 and not (s = 'b')", "t >= '1970-01-01 03:00'"),
    tolerated: fc.constantFrom(0, 0.2),
  })
  .map(({ min, nulls, allowed, keep, repeated, unique, condition, tolerated }) => ({
    name: 'law',
    extraColumns: 'allow',
    columns: [
      {
        name: 'n',
        type: 'number',
        required: true,
        checks: [
          { kind: 'range', min, severity: 'error', maxFailedFraction: tolerated },
          { kind: 'not-null', severity: nulls },
          ...(unique ? [{ kind: 'unique', severity: 'error' } as const] : []),
        ],
      },
      { name: 't', type: 'timestamp', required: true, checks: [] },
      { name: 's', type: 'string', required: true, checks: [{ kind: 'allowed', values: allowed, severity: 'error' }] },
    ],
    rules: [
      { kind: 'unique-rows', keep, severity: repeated },
      { kind: 'condition', name: 'c', condition, severity: 'error' },
    ],
  }));

describe('quarantine', () => {
  it('puts every row in exactly one of its two files, and the clean one passes what moved the others', async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(rows, schema, async (cells, chosen) => {
        const name = `q${n++}`;
        await commitTable(name, cells);
        const place = test.at(`${name}.parquet`);
        const result = await test.quality.quarantine({ ...place, schema: chosen, branch: 'main' }, 'user:ann');
        const { report, clean, quarantine } = result;
        const source = await rowsOf(`${name}.parquet`, 'row_number() over () - 1 as p, n, epoch_ms(t) as t, s');
        const failed = quarantine ? await rowsOf(quarantine.path, '_row as p, n, epoch_ms(t) as t, s, _reasons') : [];
        const kept = clean ? await rowsOf(clean.path, 'n, epoch_ms(t) as t, s') : [];
        const failedAt = new Set(failed.map(({ p }) => p));
        expect(failed).toHaveLength(report.failedRows);
        expect(failed.map(({ _reasons, ...row }) => row)).toEqual(source.filter(({ p }) => failedAt.has(p ?? null)));
        expect(kept).toEqual(source.filter(({ p }) => !failedAt.has(p ?? null)).map(({ p, ...row }) => row));
        const rules = new Map(report.rules.map((rule) => [rule.rule, rule]));
        for (const { _reasons } of failed) {
          const reasons = String(_reasons).split('; ');
          expect(reasons.every((id) => rules.get(id)?.severity === 'error' && !rules.get(id)?.passed)).toBe(true);
        }
        for (const [id, rule] of rules) {
          if (rule.passed || rule.severity !== 'error') continue;
          expect(failed.filter(({ _reasons }) => String(_reasons).split('; ').includes(id))).toHaveLength(
            rule.failedRows,
          );
        }
        expect(report.passed).toBe(report.failedRows === 0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a split by time', () => {
  it('loses no row and lets none of a later part be before one of an earlier', async () => {
    let n = 0;
    const share = fc.double({ min: 0.05, max: 0.9, noNaN: true });
    await fc.assert(
      fc.asyncProperty(rows, share, share, async (cells, train, part) => {
        const times = [...new Set(cells.map(({ t }) => t))];
        const name = `s${n++}`;
        await commitTable(name, cells);
        const split = test.quality.splitByTime(
          {
            ...test.at(`${name}.parquet`),
            timeColumn: 't',
            shares: { train, validation: (1 - train) * part },
            branch: 'main',
            outPrefix: name,
          },
          'user:ann',
        );
        if (times.length < 3) {
          await expect(split).rejects.toMatchObject({ code: 'DATA_QUALITY_SPLIT_INVALID' });
          return;
        }
        const { parts } = await split;
        const read = [];
        for (const { path } of parts) read.push(await rowsOf(path, 'n, epoch_ms(t) as t, s'));
        const sorted = (list: readonly Row[]) => list.map((row) => JSON.stringify(row)).sort();
        expect(sorted(read.flat())).toEqual(sorted(await rowsOf(`${name}.parquet`, 'n, epoch_ms(t) as t, s')));
        for (const [i, part] of read.entries()) {
          const inPart = part.map(({ t }) => Number(t));
          expect([Math.min(...inPart), Math.max(...inPart)]).toEqual([parts[i]?.fromMs, parts[i]?.toMs]);
          const later = read[i + 1]?.map(({ t }) => Number(t)) ?? [Number.POSITIVE_INFINITY];
          expect(Math.max(...inPart)).toBeLessThan(Math.min(...later));
        }
      }),
      { numRuns: 40 },
    );
  });
});

type Truth = boolean | null;
interface Values {
  readonly n: number | null;
  readonly s: string | null;
}
interface Sample {
  readonly text: string;
  readonly of: (row: Values) => Truth;
}

describe('a condition', () => {
  it('selects the rows that three-valued logic selects', async () => {
    const compare = (text: string, test: (n: number) => boolean): Sample => ({
      text,
      of: ({ n }) => (n === null ? null : test(n)),
    });
    const leaf: fc.Arbitrary<Sample> = fc.oneof(
      fc.integer({ min: -5, max: 5 }).map((k) => compare(`n < ${k}`, (n) => n < k)),
      fc.integer({ min: -5, max: 5 }).map((k) => compare(`n * 2 - 1 >= ${k}`, (n) => n * 2 - 1 >= k)),
      fc.integer({ min: -5, max: 5 }).map((k) => compare(`n not between ${k} and 3`, (n) => n < k || n > 3)),
      fc.constant<Sample>({ text: 'n is null', of: ({ n }) => n === null }),
      fc.constant<Sample>({ text: "s in ('a', 'c''')", of: ({ s }) => (s === null ? null : s !== 'b') }),
      fc.constant<Sample>({ text: "s != 'b'", of: ({ s }) => (s === null ? null : s !== 'b') }),
    );
    const and = (a: Truth, b: Truth): Truth =>
      a === false || b === false ? false : a === null || b === null ? null : true;
    const not = (a: Truth): Truth => (a === null ? null : !a);
    const { tree } = fc.letrec<{ tree: Sample }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc
          .tuple(tie('tree'), tie('tree'))
          .map(([a, b]) => ({ text: `(${a.text} and ${b.text})`, of: (r: Values) => and(a.of(r), b.of(r)) })),
        fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => ({
          text: `(${a.text} OR ${b.text})`,
          of: (r: Values) => not(and(not(a.of(r)), not(b.of(r)))),
        })),
        tie('tree').map((a) => ({ text: `not (${a.text})`, of: (r: Values) => not(a.of(r)) })),
      ),
    }));
    const values = [null, -5, -1, 0, 1, 2, 3, 5].flatMap((n) => [null, 'a', 'b', "c'"].map((s) => ({ n, s })));
    const literal = (value: string | number | null) =>
      typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : value;
    const table = `(values ${values.map(({ n, s }) => `(${literal(n)}, ${literal(s)})`).join(', ')}) t(n, s)`;
    const columns = [
      { name: 'n', type: 'INTEGER' },
      { name: 's', type: 'VARCHAR' },
    ];
    await fc.assert(
      fc.asyncProperty(tree, async ({ text, of }) => {
        const found = await test.tables.query(`select n, s from ${table} where ${compileCondition(text, columns)}`);
        expect(found).toEqual(values.filter((row) => of(row) === true));
      }),
      { numRuns: 200 },
    );
  });
});
