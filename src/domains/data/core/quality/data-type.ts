import type { DataType } from '#contract';

/** A column as a file has it. */
export interface FileColumn {
  readonly name: string;
  /** SQL type, e.g. BIGINT. */
  readonly type: string;
}

/** The type of a column in the words of schemas, from its SQL type. */
export function dataTypeOf(sqlType: string): DataType {
  if (/^U?(TINY|SMALL|BIG|HUGE)INT$|^U?INTEGER$/.test(sqlType)) return 'integer';
  if (/^(FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(sqlType)) return 'number';
  if (/^(VARCHAR|UUID|ENUM\(.*\))$/.test(sqlType)) return 'string';
  if (sqlType === 'BOOLEAN') return 'boolean';
  if (sqlType === 'DATE') return 'date';
  if (sqlType.startsWith('TIMESTAMP')) return 'timestamp';
  return 'other';
}

/** True for types whose values have a distance: numbers, dates and times. */
export function isMeasured(type: DataType): boolean {
  return type === 'integer' || type === 'number' || isTime(type);
}

export function isTime(type: DataType): boolean {
  return type === 'date' || type === 'timestamp';
}

/** True for SQL types that can hold NaN and infinities. */
export function isFloating(sqlType: string): boolean {
  return sqlType === 'FLOAT' || sqlType === 'DOUBLE';
}

/** A name that no column has, the wished one if it is free. */
export function freeName(wished: string, columns: readonly FileColumn[]): string {
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()));
  let name = wished;
  for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${wished}_${n}`;
  return name;
}
