const DIGITS = 1 << 16;

/**
 * Sorts places by digits of 16 bits, the least one first; places of the same digits stay in their order. Time grows with
 * the places, whatever their order.
 *
 * @param digitAt the n-th digit of a place, counted from the least
 * @source D. E. Knuth, The Art of Computer Programming 3, 5.2.5 (least-significant-digit-first radix sort)
 */
export function radixSort(
  places: Int32Array,
  digits: number,
  digitAt: (place: number, n: number) => number,
): Int32Array {
  let from = places.slice();
  let to = new Int32Array(places.length);
  const starts = new Int32Array(DIGITS);
  const own = new Uint16Array(places.length);
  for (let n = 0; n < digits; n++) {
    starts.fill(0);
    for (let i = 0; i < from.length; i++) {
      const digit = digitAt(from[i] as number, n);
      own[i] = digit;
      starts[digit] = (starts[digit] as number) + 1;
    }
    // All agree in this digit: nothing would move.
    if (from.length === 0 || starts[own[0] as number] === from.length) continue;
    let start = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const count = starts[digit] as number;
      starts[digit] = start;
      start += count;
    }
    for (let i = 0; i < from.length; i++) {
      const digit = own[i] as number;
      to[starts[digit] as number] = from[i] as number;
      starts[digit] = (starts[digit] as number) + 1;
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Sorts places by their numbers, which are not NaN, the least first; those of the same number stay in their order. */
export function sortByNumber(places: Int32Array, numberAt: (place: number) => number): Int32Array {
  const numbers = Float64Array.from(places, (place) => numberAt(place) + 0);
  const words = new Uint16Array(numbers.buffer);
  // The bits of a double grow with it once those of negative ones are turned around.
  for (let i = 0; i < numbers.length; i++) {
    const top = words[4 * i + 3] as number;
    if (top & 0x8000) {
      for (let word = 4 * i; word < 4 * i + 4; word++) words[word] = ~(words[word] as number);
    } else words[4 * i + 3] = top | 0x8000;
  }
  const order = radixSort(
    Int32Array.from(places, (_, i) => i),
    4,
    (i, n) => words[4 * i + n] as number,
  );
  return order.map((i) => places[i] as number);
}
