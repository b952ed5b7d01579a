import type { FrozenColumn } from '../model.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The watched value of a number or of an instant (ms since the epoch, read in UTC). */
export function derived(derive: FrozenColumn['derive'], value: number): number {
  switch (derive) {
    case 'value':
      return value;
    case 'hour':
      return Math.floor(modulo(value, DAY_MS) / HOUR_MS);
    case 'weekday':
      // The first day of the epoch was a Thursday.
      return modulo(Math.floor(value / DAY_MS) + 4, 7);
  }
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
