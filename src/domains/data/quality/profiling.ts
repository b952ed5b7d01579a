import type { ColumnProfile, TableProfile } from '#contract';
import type { Cell, Row, Session } from '#platform/table';
import { readingOf } from '../core/quality/column-reading.ts';
import { dataTypeOf, type FileColumn, isFloating, isMeasured, isTime } from '../core/quality/data-type.ts';
import {
  histogramEdges,
  histogramSql,
  PROBABILITIES,
  type ProfiledColumn,
  quantilesSql,
  singlePassSql,
  valueCountsSql,
} from '../core/quality/profile-sql.ts';
import * as sql from '../core/quality/sql-text.ts';
import type { OpenTable } from './open-table.ts';
import { repeatedRows } from './repeated-rows.ts';

const TOP_VALUES = 20;
/** Integers with more different values than this are measures, whose most frequent ones tell little. */
const FEW_VALUES = 100;

type Profiled = Pick<TableProfile, 'rows' | 'duplicateRows' | 'surplusRows' | 'columns'>;

/**
 * Profiles a table: one pass for what adds up, then for each column its value counts, from which distinct values,
 * quantiles, the histogram and the most frequent values follow exactly.
 */
export async function profileTable(table: OpenTable): Promise<Profiled> {
  const { session } = table;
  const profiled = table.columns.map(profiledColumn);
  const [figures = {}] = await session.query(singlePassSql(table.sql, profiled));
  const columns: ColumnProfile[] = [];
  for (const [i, column] of table.columns.entries()) {
    const plan = profiled[i] ?? profiledColumn(column);
    columns.push(await profileColumn(session, { table, column, plan, figures, index: i }));
  }
  const repeated = await repeatedRows(table, {
    columns: table.columns.map(({ name }) => sql.name(name)),
    table: 'profile_repeated',
  });
  return { rows: table.rowCount, duplicateRows: repeated.copies, surplusRows: repeated.surplus, columns };
}

/** A column with its value as profiles and schemas see it: what is NaN or infinite is missing. */
export function profiledColumn(column: FileColumn): ProfiledColumn {
  const raw = sql.name(column.name);
  const value = isFloating(column.type)
    ? `case when isfinite(${raw}) then ${raw} end`
    : (readingOf(column).value ?? raw);
  return { name: column.name, type: dataTypeOf(column.type), value };
}

async function profileColumn(
  session: Session,
  of: {
    readonly table: OpenTable;
    readonly column: FileColumn;
    readonly plan: ProfiledColumn;
    readonly figures: Row;
    readonly index: number;
  },
): Promise<ColumnProfile> {
  const { table, column, plan, figures, index } = of;
  const { type } = plan;
  const count = Number(figures[`c${index}`]);
  const empty = { mean: null, std: null, quantiles: [], histogram: null, top: [], lengths: null };
  const facts = { name: column.name, type, storedAs: column.type, count, missing: table.rowCount - count };
  const scalar = (key: string) => toScalar(figures[`${key}${index}`]);
  if (count === 0) return { ...facts, distinct: 0, min: null, max: null, ...empty };
  await session.run(`create or replace temp table value_counts as ${valueCountsSql(table.sql, plan)}`);
  const [distinctRow] = await session.query('select count(*) as n from value_counts');
  const distinct = Number(distinctRow?.n);
  const measured = isMeasured(type);
  const common = { ...facts, distinct, min: scalar('lo'), max: scalar('hi'), ...empty };
  if (type === 'other') return common;
  const frequent = !measured || (type === 'integer' && distinct <= FEW_VALUES);
  const top = frequent ? await topValues(session) : [];
  if (!measured) return { ...common, top, lengths: type === 'string' ? lengthsOf(figures, index) : null };
  const number = (key: string) => Number(figures[`${key}${index}`]);
  const quantiles = await quantilesOf(session, PROBABILITIES);
  const range = { min: number('lo'), max: number('hi'), low: quantiles.at(0) ?? 0, high: quantiles.at(-1) ?? 0 };
  return {
    ...common,
    min: range.min,
    max: range.max,
    mean: number('mean'),
    std: isTime(type) || figures[`sd${index}`] === null ? null : number('sd'),
    quantiles: PROBABILITIES.map((probability, i) => ({ probability, value: quantiles[i] ?? 0 })),
    histogram: await histogramOf(session, histogramEdges(range, type === 'integer')),
    top,
  };
}

/** Quantiles of the column whose value counts are at hand. */
export async function quantilesOf(session: Session, probabilities: readonly number[]): Promise<readonly number[]> {
  const [row = {}] = await session.query(quantilesSql('value_counts', probabilities));
  return probabilities.map((_, i) => Number(row[`q${i}`]));
}

async function topValues(session: Session): Promise<ColumnProfile['top']> {
  const rows = await session.query(`select v, n from value_counts order by n desc, v limit ${TOP_VALUES}`);
  return rows.map(({ v, n }) => ({ value: toScalar(v), count: Number(n) }));
}

async function histogramOf(session: Session, edges: readonly number[]): Promise<ColumnProfile['histogram']> {
  const rows = await session.query(histogramSql('value_counts', edges));
  const counts = new Map(rows.map(({ b, n }) => [Number(b), Number(n)]));
  return { edges: [...edges], counts: Array.from({ length: edges.length - 1 }, (_, bin) => counts.get(bin) ?? 0) };
}

function lengthsOf(figures: Row, index: number) {
  const number = (key: string) => Number(figures[`${key}${index}`]);
  return { min: number('lenlo'), max: number('lenhi'), mean: number('len') };
}

function toScalar(cell: Cell | undefined): string | number | boolean | null {
  return cell === undefined ? null : typeof cell === 'object' && cell !== null ? JSON.stringify(cell) : cell;
}
