import { learningErrors } from '../errors.ts';

/** A column of numbers; NaN is missing. */
interface NumericColumn {
  readonly type: 'number';
  readonly values: Float64Array;
}

/** A column of text: a code per row into `categories`, -1 is missing. */
interface CategoryColumn {
  readonly type: 'string';
  readonly codes: Int32Array;
  readonly categories: readonly string[];
}

/** A column of instants, ms since the epoch, UTC; NaN is missing. */
interface TimestampColumn {
  readonly type: 'timestamp';
  readonly values: Float64Array;
}

export type Column = NumericColumn | CategoryColumn | TimestampColumn;

/** A table in memory, column by column. */
export interface Frame {
  readonly rowCount: number;
  readonly columns: Readonly<Record<string, Column>>;
}

/** @throws LEARNING_COLUMN_UNKNOWN */
export function columnOf(frame: Frame, name: string): Column {
  const column = frame.columns[name];
  if (!column) throw learningErrors.LEARNING_COLUMN_UNKNOWN({ column: name, known: Object.keys(frame.columns) });
  return column;
}

/** The numbers of a numeric or timestamp column. @throws LEARNING_COLUMN_TYPE for text */
export function numbersOf(frame: Frame, name: string): Float64Array {
  const column = columnOf(frame, name);
  if (column.type !== 'string') return column.values;
  throw learningErrors.LEARNING_COLUMN_TYPE({ column: name, type: 'string', expected: 'a number or a timestamp' });
}

/** The frame of the given rows, in their order. */
export function takeRows(frame: Frame, rows: ArrayLike<number>): Frame {
  const columns = Object.entries(frame.columns).map(([name, column]) => [name, takeColumn(column, rows)] as const);
  return { rowCount: rows.length, columns: Object.fromEntries(columns) };
}

function takeColumn(column: Column, rows: ArrayLike<number>): Column {
  if (column.type === 'string') {
    const codes = Int32Array.from(rows, (row) => column.codes[row] as number);
    return { type: 'string', codes, categories: column.categories };
  }
  return { type: column.type, values: Float64Array.from(rows, (row) => column.values[row] as number) };
}

/** Builds a text column from values; null is missing. */
function categoryColumn(values: readonly (string | null)[]): CategoryColumn {
  const codeOf = new Map<string, number>();
  const codes = Int32Array.from(values, (value) => {
    if (value === null) return -1;
    const known = codeOf.get(value);
    if (known !== undefined) return known;
    codeOf.set(value, codeOf.size);
    return codeOf.size - 1;
  });
  return { type: 'string', codes, categories: [...codeOf.keys()] };
}

/** Builds a frame from rows of plain values, typed by a signature; missing and null values are missing. */
export function frameFromRows(
  rows: readonly Readonly<Record<string, string | number | null | undefined>>[],
  types: Readonly<Record<string, Column['type']>>,
): Frame {
  const columns = Object.entries(types).map(([name, type]) => {
    const values = rows.map((row) => row[name] ?? null);
    if (type === 'string') return [name, categoryColumn(values.map((v) => (v === null ? null : String(v))))] as const;
    return [name, { type, values: Float64Array.from(values, (v) => (v === null ? Number.NaN : Number(v))) }] as const;
  });
  return { rowCount: rows.length, columns: Object.fromEntries(columns) };
}

/** Rows of a frame as plain values, missing as null; timestamps as ms. */
export function frameToRows(frame: Frame): Record<string, string | number | null>[] {
  const entries = Object.entries(frame.columns);
  return Array.from({ length: frame.rowCount }, (_, row) =>
    Object.fromEntries(entries.map(([name, column]) => [name, valueAt(column, row)])),
  );
}

function valueAt(column: Column, row: number): string | number | null {
  if (column.type === 'string') return column.categories[column.codes[row] as number] ?? null;
  const value = column.values[row] as number;
  return Number.isNaN(value) ? null : value;
}
