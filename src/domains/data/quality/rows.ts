import type { RowPage } from '#contract';
import { quoteName } from '#platform/table';
import { readingOf } from '../core/quality/column-reading.ts';
import { ConditionError, compileCondition } from '../core/quality/condition.ts';
import { dataTypeOf } from '../core/quality/data-type.ts';
import { toCells } from './cells.ts';
import { qualityErrors } from './errors.ts';
import type { OpenTable } from './open-table.ts';

/** A page of rows in the order of the file. @throws DATA_QUALITY_CONDITION_INVALID */
export async function readRows(
  table: OpenTable,
  query: { readonly offset: number; readonly limit: number; readonly where?: string },
): Promise<RowPage> {
  const { session, position, numbered } = table;
  const { offset, limit, where } = query;
  const columns = table.columns.map(({ name, type }) => ({ name, type: dataTypeOf(type) }));
  if (where === undefined || where.trim() === '') {
    const page = `${position} >= ${offset} and ${position} < ${offset + limit}`;
    const rows = await session.query(`select * from ${numbered} where ${page} order by ${position}`);
    return { columns, offset, rows: rows.map((row) => toCells(row, table)), matching: table.rowCount };
  }
  const condition = compiled(table, where);
  const rows = await session.query(
    `select * from ${numbered} where ${condition} order by ${position} limit ${limit} offset ${offset}`,
  );
  const [counted] = await session.query(`select count(*) as n from ${table.sql} where ${condition}`);
  return { columns, offset, rows: rows.map((row) => toCells(row, table)), matching: Number(counted?.n ?? 0) };
}

function compiled(table: OpenTable, condition: string): string {
  try {
    return compileCondition(condition, table.columns, (column) => readingOf(column).value ?? quoteName(column.name));
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    const { message: problem, position } = error;
    throw qualityErrors.DATA_QUALITY_CONDITION_INVALID({ condition, problem, position });
  }
}
