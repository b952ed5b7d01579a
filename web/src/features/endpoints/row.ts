import type { SignatureColumn } from '#contract';

/** A value as the text of an input field: times as ISO 8601 text, nothing for null. */
export function textOf(value: unknown, type: SignatureColumn['type']): string {
  if (value === null || value === undefined) return '';
  if (type === 'timestamp' && typeof value === 'number') return new Date(value).toISOString().replace('.000Z', 'Z');
  return String(value);
}

/**
 * The row that the texts of a form say. What does not parse is sent as it was typed, so that it is the server that
 * refuses it, in its own words. An empty field of a nullable column is null.
 */
export function parseRow(
  columns: readonly SignatureColumn[],
  texts: Readonly<Record<string, string>>,
): Record<string, string | number | null> {
  return Object.fromEntries(
    columns.map((column) => [column.name, parseText(column, (texts[column.name] ?? '').trim())]),
  );
}

function parseText(column: SignatureColumn, text: string): string | number | null {
  if (text === '' && column.nullable) return null;
  if (column.type === 'string' || text === '') return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}
