import { servingErrors } from '../errors.ts';
import type { ModelRow, Signature, SignatureColumn } from '../model.ts';
import { parseTime } from './event-time.ts';

/** A checked row: what the model is given, and the same values as JSON text for the log. */
export interface CheckedRow {
  readonly values: ModelRow;
  /** A JSON object in the order of the signature; timestamps as ms, missing values as null. */
  readonly featuresJson: string;
}

/** Checks rows against a signature; made once per endpoint and version. */
export interface RowReader {
  /** @throws SERVING_ROW_INVALID naming row, column and what was expected */
  read(row: Readonly<Record<string, unknown>>, rowIndex: number): CheckedRow;
}

/** float32 holds no number beyond this; it would reach the model as infinity. */
const MAX_FLOAT32 = 3.4028234663852886e38;

export function rowReader(signature: Signature): RowReader {
  const columns = signature.inputs.map((column, index) => ({
    ...column,
    prefix: `${index === 0 ? '{' : ','}${JSON.stringify(column.name)}:`,
  }));
  const known = new Set(columns.map(({ name }) => name));
  return {
    read(row, rowIndex) {
      const values: (string | number)[] = [];
      let json = '';
      let present = 0;
      for (const column of columns) {
        const value = row[column.name];
        if (value === undefined || value === null) {
          values.push(missing(column, row, rowIndex));
          if (value === null || Object.hasOwn(row, column.name)) present++;
          json += `${column.prefix}null`;
          continue;
        }
        present++;
        if (column.type === 'string') {
          if (typeof value !== 'string') throw wrong(column, rowIndex, value);
          values.push(value);
          json += column.prefix + JSON.stringify(value);
        } else {
          const number = column.type === 'number' ? finite(value) : parseTime(value);
          if (number === undefined) throw wrong(column, rowIndex, value);
          values.push(number);
          json += column.prefix + number;
        }
      }
      if (Object.keys(row).length !== present) throw unknownColumn(row, rowIndex, known);
      return { values, featuresJson: columns.length === 0 ? '{}' : `${json}}` };
    },
  };
}

/** A row that the signature accepts, for warming up, forms and documentation. */
export function exampleRow(signature: Signature): Record<string, string | number> {
  const value = { string: 'text', number: 1, timestamp: '2001-01-01T12:00:00Z' } as const;
  return Object.fromEntries(signature.inputs.map(({ name, type }) => [name, value[type]]));
}

function finite(value: unknown): number | undefined {
  return typeof value === 'number' && value <= MAX_FLOAT32 && value >= -MAX_FLOAT32 ? value : undefined;
}

function missing(column: SignatureColumn, row: Readonly<Record<string, unknown>>, rowIndex: number): string | number {
  // There is no timestamp that a model could take for a missing one.
  if (column.nullable && column.type !== 'timestamp') return column.type === 'string' ? '' : Number.NaN;
  const problem = row[column.name] === null ? 'is null' : 'is missing';
  throw servingErrors.SERVING_ROW_INVALID({
    row: rowIndex,
    column: column.name,
    expected: expectation(column),
    problem,
  });
}

function wrong(column: SignatureColumn, rowIndex: number, value: unknown) {
  const shown = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  const problem = `is ${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}`;
  return servingErrors.SERVING_ROW_INVALID({
    row: rowIndex,
    column: column.name,
    expected: expectation(column),
    problem,
  });
}

function unknownColumn(row: Readonly<Record<string, unknown>>, rowIndex: number, known: ReadonlySet<string>) {
  const column = Object.keys(row).find((name) => !known.has(name)) ?? '';
  return servingErrors.SERVING_ROW_INVALID({
    row: rowIndex,
    column: column.slice(0, 128),
    expected: `only ${[...known].join(', ')}`,
    problem: 'is not a column of this endpoint',
  });
}

function expectation({ type, nullable }: SignatureColumn): string {
  const text = {
    string: 'a string',
    number: 'a finite number',
    timestamp: 'ISO 8601 text or whole ms since the epoch',
  }[type];
  return nullable && type !== 'timestamp' ? `${text} or null` : text;
}
