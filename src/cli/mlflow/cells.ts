import type { Cell, Row } from './query.ts';

/** Rows by what stands in a column. */
export function grouped(rows: readonly Row[], column: string): Map<string, Row[]> {
  return Map.groupBy(rows, (row) => text(row[column]));
}

/** Texts of two columns, by the first. */
export function pairs(rows: readonly Row[] = [], key: string, value: string): Record<string, string> {
  return Object.fromEntries(rows.map((row) => [text(row[key]), text(row[value])]));
}

export function text(cell: Cell | undefined): string {
  return cell === null || cell === undefined ? '' : String(cell);
}

export function textOrNull(cell: Cell | undefined): string | null {
  return text(cell) === '' ? null : text(cell);
}
