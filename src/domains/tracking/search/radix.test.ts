import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sortByNumber } from './radix.ts';

it('sorts numbers of every kind as comparison does, and leaves equal ones in their order', () => {
  const numbers = fc.array(
    fc.oneof(
      fc.double({ noNaN: true }),
      fc.constantFrom(0, -0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, -Number.MAX_VALUE),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(numbers, (values) => {
      const places = Int32Array.from(values, (_, i) => values.length - 1 - i);
      const expected = [...places].sort((a, b) => {
        const [left, right] = [values[a] as number, values[b] as number];
        return left === right ? b - a : left < right ? -1 : 1;
      });
      expect([...sortByNumber(places, (place) => values[place] as number)]).toEqual(expected);
    }),
  );
});
