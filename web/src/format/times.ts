const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A point in time to the minute, in UTC and saying so: `2001-03-14 06:30 UTC`. */
export function instant(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A point in time to the second: `2001-03-14 06:30:05 UTC`. */
export function preciseInstant(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A UTC day: `2001-03-14`. */
export function day(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

const DAY_AND_MONTH = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** A tick of a time axis, in UTC: `Apr 17`, within a day `06:30`, within a minute `06:30:15`. The name of the axis says the year. */
export function timeTick(atMs: number): string {
  if (atMs % DAY_MS === 0) return DAY_AND_MONTH.format(atMs);
  return new Date(atMs).toISOString().slice(11, atMs % MINUTE_MS === 0 ? 16 : 19);
}

/** What the ticks of a time axis leave out: `2001, UTC`, or `2001 to 2002, UTC`. */
export function timeAxisName(timesMs: readonly number[]): string {
  if (timesMs.length === 0) return 'UTC';
  const years = timesMs.map((atMs) => new Date(atMs).getUTCFullYear());
  const [first, last] = [Math.min(...years), Math.max(...years)];
  return first === last ? `${first}, UTC` : `${first} to ${last}, UTC`;
}

/** A span of time in its natural unit: `640 µs`, `1.5 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. */
export function span(durationMs: number): string {
  if (durationMs < 0) return `−${span(-durationMs)}`;
  if (durationMs < 1) return `${trimmed(durationMs * 1000)} µs`;
  if (durationMs < 1000) return `${trimmed(durationMs)} ms`;
  if (durationMs < MINUTE_MS) return `${trimmed(durationMs / 1000)} s`;
  if (durationMs < HOUR_MS) return pair(durationMs, [MINUTE_MS, 'min'], [1000, 's']);
  if (durationMs < DAY_MS) return pair(durationMs, [HOUR_MS, 'h'], [MINUTE_MS, 'min']);
  return pair(durationMs, [DAY_MS, 'd'], [HOUR_MS, 'h']);
}

function pair(durationMs: number, large: readonly [number, string], small: readonly [number, string]): string {
  const rounded = Math.round(durationMs / small[0]) * small[0];
  const whole = Math.floor(rounded / large[0]);
  const rest = Math.round((rounded - whole * large[0]) / small[0]);
  return rest === 0 ? `${whole} ${large[1]}` : `${whole} ${large[1]} ${rest} ${small[1]}`;
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)));
}
