import type { Clock } from './clock.ts';
import type { Rng } from './rng.ts';

/**
 * A new identifier: 32 lower-case hex digits, a UUID version 7 without its dashes (RFC 9562).
 * Ids made later sort later, to the millisecond.
 */
export function newId(clock: Clock, rng: Rng): string {
  const time = clock.now().toString(16).padStart(12, '0');
  const hex = (digits: number) =>
    rng
      .int(16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  const variant = (8 + rng.int(4)).toString(16);
  return `${time}7${hex(3)}${variant}${hex(3)}${hex(6)}${hex(6)}`;
}
