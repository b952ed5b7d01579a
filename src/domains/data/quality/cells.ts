import type { RowPage } from '#contract';
import type { Cell, Row } from '#platform/table';
import type { OpenTable } from './open-table.ts';

/** A row of `numbered` as an answer holds it: its place in the file, and values that JSON can say. */
export function toCells(row: Row, table: OpenTable): RowPage['rows'][number] {
  const positionName = table.position.slice(1, -1).replaceAll('""', '"');
  const values = table.columns.map(({ name }) => [name, toScalar(row[name])] as const);
  return { row: Number(row[positionName]), values: Object.fromEntries(values) };
}

function toScalar(cell: Cell | undefined): string | number | boolean | null {
  if (cell === undefined || cell === null) return null;
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : String(cell);
  return typeof cell === 'object' ? JSON.stringify(cell) : cell;
}
