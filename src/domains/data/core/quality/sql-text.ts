/** The little SQL that rules and conditions are turned into. Every name and text in it goes through these. */

export function name(column: string): string {
  return `"${column.replaceAll('"', '""')}"`;
}

export function text(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`;
  // A zero byte would end the statement for the engine.
  return quoted.includes('\0') ? `(${quoted.replaceAll('\0', "' || chr(0) || '")})` : quoted;
}

/** A number as a literal, exact: whole numbers as such, others as DOUBLE. */
export function number(value: number): string {
  return Number.isSafeInteger(value) ? `(${value})` : `(${value}::double)`;
}

/** An instant, ms since the epoch, as a TIMESTAMP. */
export function timestamp(ms: number): string {
  return `make_timestamp(${Math.floor(ms * 1000)})`;
}

/** A column of dates or times as TIMESTAMP, whatever it is in the file; UTC. */
export function asTimestamp(column: string): string {
  return `cast(${column} as timestamp)`;
}

/** ms since the epoch, whole, of an expression of dates or times. */
export function wholeMilliseconds(expression: string): string {
  return `cast(floor(epoch_us(${asTimestamp(expression)}) / 1000.0) as bigint)`;
}
