import { join } from 'node:path';
import type { SplitPart } from '#contract';
import { quoteName, type Tables } from '#platform/table';
import { dataTypeOf, isTime } from '../core/quality/data-type.ts';
import { parseInstant } from '../core/quality/instant.ts';
import { wholeMilliseconds } from '../core/quality/sql-text.ts';
import { qualityErrors } from './errors.ts';
import { columnOf, type OpenTable } from './open-table.ts';

export interface SplitChoice {
  readonly timeColumn: string;
  readonly boundaries?: { readonly validationFrom: string | number; readonly testFrom: string | number };
  readonly shares?: { readonly train: number; readonly validation: number };
}

interface Boundaries {
  readonly validationFromMs: number;
  readonly testFromMs: number;
}

export interface WrittenPart extends Omit<SplitPart, 'path' | 'sizeBytes'> {
  readonly file: string;
}

const PARTS = ['train', 'validation', 'test'] as const;

/**
 * Writes the parts of a table to a folder. Rows are compared by whole milliseconds, so rows of one time are always in
 * one part, and what was written is read back before it is answered.
 *
 * @throws DATA_QUALITY_SPLIT_INVALID, DATA_QUALITY_SPLIT_EMPTY, DATA_QUALITY_COLUMN_UNKNOWN, DATA_QUALITY_COLUMN_UNFIT
 */
export async function writeParts(
  table: OpenTable,
  tables: Tables,
  choice: SplitChoice,
  to: { readonly folder: string; readonly path: string },
): Promise<Boundaries & { readonly parts: readonly WrittenPart[] }> {
  const { path } = to;
  const time = await timeOf(table, path, choice.timeColumn);
  const boundaries = choice.boundaries ? given(choice.boundaries) : await byShares(table, time, choice.shares);
  const { validationFromMs, testFromMs } = boundaries;
  const conditions = {
    train: `${time} < ${validationFromMs}`,
    validation: `${time} >= ${validationFromMs} and ${time} < ${testFromMs}`,
    test: `${time} >= ${testFromMs}`,
  };
  await assertNoneEmpty(table, path, time, conditions);
  const parts: WrittenPart[] = [];
  for (const name of PARTS) {
    const file = join(to.folder, `${name}.parquet`);
    await table.session.writeParquet(`select * from ${table.sql} where ${conditions[name]}`, file);
    const [seen = {}] = await tables.query(
      `select count(*) as n, min(${time}) as lo, max(${time}) as hi from ${(await tables.from(file)).sql}`,
    );
    parts.push({ name, file, rows: Number(seen.n), fromMs: Number(seen.lo), toMs: Number(seen.hi) });
  }
  assertNoLeakage(parts, table.rowCount);
  return { ...boundaries, parts };
}

/** SQL of the time in whole ms. */
async function timeOf(table: OpenTable, path: string, column: string): Promise<string> {
  const found = columnOf(table, path, column);
  const unfit = (problem: string) => qualityErrors.DATA_QUALITY_COLUMN_UNFIT({ path, column, problem });
  if (!isTime(dataTypeOf(found.type))) throw unfit(`it holds ${found.type}, not dates or timestamps`);
  const name = quoteName(column);
  const [row] = await table.session.query(
    `select count(*) filter (${name} is null or not isfinite(${name})) as n from ${table.sql}`,
  );
  const missing = Number(row?.n ?? 0);
  if (missing > 0) throw unfit(`${missing} of ${table.rowCount} rows have no time; quarantine them first`);
  return wholeMilliseconds(name);
}

function given(boundaries: NonNullable<SplitChoice['boundaries']>): Boundaries {
  const read = (name: string, value: string | number) => {
    const ms = parseInstant(value);
    if (ms !== undefined) return ms;
    throw qualityErrors.DATA_QUALITY_SPLIT_INVALID({ problem: `${name} is "${value}", which is no time` });
  };
  const validationFromMs = read('validationFrom', boundaries.validationFrom);
  const testFromMs = read('testFrom', boundaries.testFrom);
  if (validationFromMs < testFromMs) return { validationFromMs, testFromMs };
  throw qualityErrors.DATA_QUALITY_SPLIT_INVALID({ problem: 'validationFrom is not before testFrom' });
}

/** The times whose rows before them come nearest to the shares; each part gets at least one time. */
async function byShares(table: OpenTable, time: string, shares: SplitChoice['shares']): Promise<Boundaries> {
  const invalid = (problem: string) => qualityErrors.DATA_QUALITY_SPLIT_INVALID({ problem });
  if (!shares) throw invalid('neither boundaries nor shares are given');
  if (shares.train + shares.validation >= 1) throw invalid('the shares of train and validation leave nothing for test');
  const { session, rowCount } = table;
  await session.run(
    `create or replace temp table split_times as
     select t, sum(n) over (order by t) - n as earlier, row_number() over (order by t) as place
     from (select ${time} as t, count(*) as n from ${table.sql} group by all)`,
  );
  const [counted] = await session.query('select count(*) as n from split_times');
  const times = Number(counted?.n ?? 0);
  if (times < PARTS.length) throw invalid(`there are only ${times} different times, and three parts need three`);
  const nearest = async (share: number, after: number, upTo: number) => {
    const [row] = await session.query(
      `select t, place from split_times where place > ${after} and place <= ${upTo}
       order by abs(earlier - ${share * rowCount}::double), t limit 1`,
    );
    return { ms: Number(row?.t), place: Number(row?.place) };
  };
  const validation = await nearest(shares.train, 1, times - 1);
  const test = await nearest(shares.train + shares.validation, validation.place, times);
  return { validationFromMs: validation.ms, testFromMs: test.ms };
}

async function assertNoneEmpty(
  table: OpenTable,
  path: string,
  time: string,
  conditions: Readonly<Record<(typeof PARTS)[number], string>>,
): Promise<void> {
  const counts = PARTS.map((name) => `count(*) filter (${conditions[name]}) as ${name}`).join(', ');
  const [row = {}] = await table.session.query(
    `select ${counts}, min(${time}) as lo, max(${time}) as hi from ${table.sql}`,
  );
  const parts = PARTS.filter((name) => Number(row[name]) === 0);
  if (parts.length === 0) return;
  throw qualityErrors.DATA_QUALITY_SPLIT_EMPTY({ path, parts, fromMs: Number(row.lo), toMs: Number(row.hi) });
}

/** A defect of this program, not of the data: it must never happen, and never go unnoticed. */
function assertNoLeakage(parts: readonly WrittenPart[], rowCount: number): void {
  const total = parts.reduce((sum, { rows }) => sum + rows, 0);
  const rising = parts.every((part, i) => i === 0 || (parts[i - 1]?.toMs ?? Number.NaN) < part.fromMs);
  if (total !== rowCount || !rising) throw new Error(`a split by time leaked: ${JSON.stringify(parts)}`);
}
