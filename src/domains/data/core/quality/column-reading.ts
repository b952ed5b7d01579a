import type { DataType } from '#contract';
import { dataTypeOf, type FileColumn, isFloating, isTime } from './data-type.ts';
import * as sql from './sql-text.ts';

/** How a column of a file is read as the type its schema declares. */
export interface ColumnReading {
  /**
   * The value, missing where it is NaN, a time beyond the calendar, or not of the declared type; undefined when no row
   * can be read so.
   */
  readonly value: string | undefined;
  /** True for rows whose value is not of the declared type; undefined when the file's own type rules that out. */
  readonly mismatch: string | undefined;
  /** The value to write to a file of the declared type; NaN and infinities are kept. */
  readonly output: string;
}

/** True when every value of a file's type is one of the declared type as it stands. */
export function isReadDirectly(declared: DataType, actual: DataType): boolean {
  return (
    declared === actual ||
    (declared === 'number' && actual === 'integer') ||
    (declared === 'timestamp' && actual === 'date')
  );
}

/** @param declared the type in the schema; the file's own when left out */
export function readingOf(column: FileColumn, declared: DataType = dataTypeOf(column.type)): ColumnReading {
  const raw = sql.name(column.name);
  const actual = dataTypeOf(column.type);
  if (isReadDirectly(declared, actual)) {
    const output = declared === 'timestamp' && actual === 'date' ? sql.asTimestamp(raw) : raw;
    return { value: plainValue(column, raw), mismatch: undefined, output };
  }
  if (actual === 'string') return fromText(raw, declared);
  if (declared === 'integer' && actual === 'number') {
    const double = `cast(${raw} as double)`;
    const value = `try_cast(${double} as bigint)`;
    const fraction = `${double} is distinct from floor(${double})`;
    const mismatch = `(${raw} is not null and not isnan(${double}) and (${value} is null or ${fraction}))`;
    return { value: `case when not ${mismatch} then ${value} end`, mismatch, output: value };
  }
  if (declared === 'date' && actual === 'timestamp') {
    const value = `cast(${sql.asTimestamp(raw)} as date)`;
    const mismatch = `(cast(${value} as timestamp) <> ${sql.asTimestamp(raw)})`;
    return { value: `case when not ${mismatch} then ${value} end`, mismatch, output: value };
  }
  return { value: undefined, mismatch: `(${raw} is not null)`, output: raw };
}

function plainValue(column: FileColumn, raw: string): string {
  const type = dataTypeOf(column.type);
  if (isFloating(column.type)) return withoutNan(raw);
  if (isTime(type)) return `case when isfinite(${raw}) then ${raw} end`;
  return type === 'string' && column.type !== 'VARCHAR' ? `cast(${raw} as varchar)` : raw;
}

function fromText(raw: string, declared: DataType): ColumnReading {
  const unreadable = (value: string) => `(${raw} is not null and ${value} is null)`;
  const readable = (value: string): ColumnReading => ({ value, mismatch: unreadable(value), output: value });
  switch (declared) {
    case 'integer': {
      // A cast would round: 1.5 is no whole number.
      const double = `try_cast(${raw} as double)`;
      return readable(`case when ${double} = floor(${double}) then try_cast(${raw} as bigint) end`);
    }
    case 'number': {
      const double = `try_cast(${raw} as double)`;
      return { value: withoutNan(double), mismatch: unreadable(double), output: double };
    }
    case 'boolean':
      return readable(`try_cast(${raw} as boolean)`);
    case 'date':
      return readable(`try_cast(${raw} as date)`);
    case 'timestamp':
      return readable(`coalesce(try_cast(${raw} as timestamp), cast(try_cast(${raw} as timestamptz) as timestamp))`);
    default:
      return { value: undefined, mismatch: `(${raw} is not null)`, output: raw };
  }
}

function withoutNan(expression: string): string {
  return `case when not isnan(${expression}) then ${expression} end`;
}

/** The SQL type of a column once it is read as declared. */
export function sqlTypeOfDeclared(declared: DataType): string {
  return SQL_TYPES[declared];
}

const SQL_TYPES = {
  integer: 'BIGINT',
  number: 'DOUBLE',
  string: 'VARCHAR',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  other: 'BLOB',
} as const;
