import { type Command, InvalidArgumentError } from 'commander';

/** Parsers of what stands on a command line. What they refuse is wrong usage, exit code 2. */

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function positiveNumber(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return number;
}

/** A date or time in UTC, as ms since the epoch. */
export function timeOf(text: string): number {
  const ms = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('It must be a date, such as 2001-03-05 or 2001-03-05T12:00:00Z.');
  return ms;
}

/** An age such as `30d`, `12h` or `90m`, in ms. */
export function ageOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})([dhms])$/.exec(text) ?? [];
  const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 }[unit ?? ''];
  if (unitMs === undefined)
    throw new InvalidArgumentError('It must be a number of days, hours or minutes: 30d, 12h, 90m.');
  return Number(count) * unitMs;
}

/** One of some words. */
export function oneOf<Word extends string>(...words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw new InvalidArgumentError(`It must be one of ${words.join(', ')}.`);
    return found;
  };
}

/** `name=value`, with the value as it stands. */
export function pairOf(given: string, command: Command): [name: string, value: string] {
  const equals = given.indexOf('=');
  if (equals > 0) return [given.slice(0, equals), given.slice(equals + 1)];
  return command.error(`error: "${given}" is no name=value`);
}

/** `version:delays/1` of `delays/1`. */
export function versionRef(text: string): string {
  return text.startsWith('version:') ? text : `version:${text}`;
}
