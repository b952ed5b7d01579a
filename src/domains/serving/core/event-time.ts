const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
/** The range of ECMAScript dates, ms. */
const MAX_MS = 8.64e15;

/**
 * Milliseconds since the epoch of a timestamp, or undefined when it is none. Text is ISO 8601, UTC unless it names a
 * zone; a number is whole ms since the epoch. Dates that do not exist (30 February) are refused.
 */
export function parseTime(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) <= MAX_MS ? value : undefined;
  if (typeof value !== 'string') return undefined;
  return parseUtcSeconds(value) ?? parseIso(value);
}

/** `2001-03-01T10:30:00Z`, the usual form, without a regular expression; undefined for any other. */
function parseUtcSeconds(text: string): number | undefined {
  if (text.length !== 20 || text[19] !== 'Z' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':')
    return undefined;
  if (text[4] !== '-' || text[7] !== '-') return undefined;
  const [h, m, s] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)];
  const midnight = midnightOf(twoDigits(text, 0) * 100 + twoDigits(text, 2), twoDigits(text, 5), twoDigits(text, 8));
  if (midnight === undefined || !(h < 24 && m < 60 && s < 60)) return undefined;
  return midnight + h * 3_600_000 + m * 60_000 + s * 1000;
}

/** NaN when a character is no digit. */
function twoDigits(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - 48, text.charCodeAt(at + 1) - 48];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function parseIso(value: string): number | undefined {
  const match = ISO.exec(value);
  if (!match) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  if (h > 23 || m > 59 || s > 59) return undefined;
  const midnight = midnightOf(Number(year), Number(month), Number(day));
  const offset = offsetMs(zone);
  if (midnight === undefined || offset === undefined) return undefined;
  return midnight + h * 3_600_000 + m * 60_000 + s * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3)) - offset;
}

/** Days before each month of a year that begins in March, so that a leap day comes last. */
const DAYS_BEFORE = [306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275];
const DAYS_IN = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_DAY = 719_468;

/** Undefined for a day that does not exist. Counts the days of the proleptic Gregorian calendar, as `Date` does. */
function midnightOf(year: number, month: number, day: number): number | undefined {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = month === 2 && leap ? 29 : DAYS_IN[month - 1];
  if (length === undefined || !(day >= 1 && day <= length && year >= 0)) return undefined;
  const from = month < 3 ? year - 1 : year;
  const leapDays = Math.floor(from / 4) - Math.floor(from / 100) + Math.floor(from / 400);
  return (from * 365 + leapDays + (DAYS_BEFORE[month - 1] as number) + day - 1 - EPOCH_DAY) * 86_400_000;
}

function offsetMs(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3_600_000 + minutes * 60_000);
}
