import type { Message } from '../message.ts';

/** Times and durations as protobuf writes them in JSON: `2026-03-01T12:00:00.500Z`, `1.5s`. */

export function timestampText(ms: number): string {
  return new Date(ms).toISOString();
}

export function durationText(ms: number): string {
  return `${ms / 1000}s`;
}

/** Ms since the epoch, also from a number; undefined when absent. */
export function timeIn(message: Message, name: string): number | undefined {
  const value = message.raw(name);
  const ms = typeof value === 'string' ? Date.parse(value) : message.integer(name);
  if (ms === undefined) return undefined;
  if (!(Math.abs(ms) <= 8.64e15)) throw message.invalidValue(name, 'It must be a time such as 2026-03-01T12:00:00Z.');
  return Math.floor(ms);
}

/** Ms; undefined when absent. */
export function durationIn(message: Message, name: string): number | undefined {
  const value = message.text(name);
  if (value === undefined) return undefined;
  const seconds = /^(-?\d{1,12}(?:\.\d{1,9})?)s$/.exec(value)?.[1];
  if (seconds === undefined) throw message.invalidValue(name, 'It must be a duration such as 1.5s.');
  return Math.round(Number(seconds) * 1000);
}
