const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Milliseconds since the epoch of ISO 8601 text, in UTC when it names no zone, or of a number that is taken as such.
 * Undefined for anything else, such as a day no calendar has.
 */
export function parseInstant(value: string | number): number | undefined {
  if (typeof value === 'number') return Math.abs(value) <= 8.64e15 ? Math.floor(value) : undefined;
  const match = ISO.exec(value.trim());
  if (!match) return undefined;
  const text = value.trim().replace(' ', 'T');
  const ms = Date.parse(text.includes('T') && match[1] === undefined ? `${text}Z` : text);
  // Date.parse takes February 30th for March 2nd.
  const day = Number(text.slice(8, 10));
  const named = new Date(Date.parse(`${text.slice(0, 10)}T00:00:00Z`)).getUTCDate();
  return Number.isNaN(ms) || named !== day ? undefined : ms;
}
