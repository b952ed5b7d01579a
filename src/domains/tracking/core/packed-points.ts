/** Points of a series as columns, in the order of step, time, value (NaN as 0), NaN last. */
export interface Points {
  readonly count: number;
  readonly steps: Float64Array;
  /** Ms since the epoch. */
  readonly times: Float64Array;
  /** May be NaN or infinite. */
  readonly values: Float64Array;
}

const VERSION = 1;
const HEADER_BYTES = 8;
/** How a column of whole numbers is written. */
const EVEN = 0;
const NEAR = 1;
const FAR = 2;
const MAX_INT32 = 2 ** 31 - 1;

export function makePoints(count: number): Points {
  return { count, steps: new Float64Array(count), times: new Float64Array(count), values: new Float64Array(count) };
}

/**
 * Packs points: a version, how steps and times are written, the count, then steps, times and values, all little-endian.
 * Numbers that grow evenly are two numbers, such that lie near the first are 32-bit differences from it, others are
 * doubles.
 */
export function packPoints({ count, steps, times, values }: Points): Uint8Array {
  const parts = [packNumbers(steps), packNumbers(times)];
  const header = new Uint8Array(HEADER_BYTES);
  const kinds = parts.map(({ kind }) => kind);
  header.set([VERSION, kinds[0] ?? FAR, kinds[1] ?? FAR]);
  new DataView(header.buffer).setUint32(4, count, true);
  return joined([header, ...parts.map(({ bytes }) => bytes), bytesOf(values)]);
}

/** @throws RangeError when it was packed by a later version */
export function unpackPoints(packed: Uint8Array): Points {
  // A copy that starts at a multiple of eight, where arrays of doubles must.
  const bytes = new Uint8Array(packed);
  const [version, stepKind, timeKind] = bytes;
  if (version !== VERSION) throw new RangeError(`points of version ${version} cannot be read`);
  const count = new DataView(bytes.buffer).getUint32(4, true);
  const steps = unpackNumbers(bytes, HEADER_BYTES, stepKind ?? FAR, count);
  const times = unpackNumbers(bytes, steps.end, timeKind ?? FAR, count);
  return {
    count,
    steps: steps.numbers,
    times: times.numbers,
    values: new Float64Array(bytes.buffer, times.end, count),
  };
}

function packNumbers(numbers: Float64Array): { kind: number; bytes: Uint8Array } {
  const first = numbers[0] ?? 0;
  const pace = (numbers[1] ?? first) - first;
  if (numbers.every((number, i) => number === first + i * pace)) {
    return { kind: EVEN, bytes: bytesOf(Float64Array.of(first, pace)) };
  }
  const isNear = numbers.every((number) => Number.isInteger(number) && Math.abs(number - first) <= MAX_INT32);
  if (!isNear) return { kind: FAR, bytes: bytesOf(numbers) };
  // An even count, so that what follows starts at a multiple of eight.
  const offsets = new Int32Array(numbers.length + (numbers.length % 2));
  numbers.forEach((number, i) => {
    offsets[i] = number - first;
  });
  return { kind: NEAR, bytes: joined([bytesOf(Float64Array.of(first)), bytesOf(offsets)]) };
}

function unpackNumbers(bytes: Uint8Array, at: number, kind: number, count: number) {
  const buffer = bytes.buffer as ArrayBuffer;
  if (kind === FAR) return { numbers: new Float64Array(buffer, at, count), end: at + count * 8 };
  const numbers = new Float64Array(count);
  const [first = 0] = new Float64Array(buffer, at, 1);
  if (kind === EVEN) {
    const [pace = 0] = new Float64Array(buffer, at + 8, 1);
    for (let i = 0; i < count; i++) numbers[i] = first + i * pace;
    return { numbers, end: at + 16 };
  }
  const offsets = new Int32Array(buffer, at + 8, count);
  for (let i = 0; i < count; i++) numbers[i] = first + (offsets[i] as number);
  return { numbers, end: at + 8 + (count + (count % 2)) * 4 };
}

function bytesOf(array: Float64Array | Int32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The order of points of a series, which is that of the database's key. */
function comparePoints(a: Points, i: number, b: Points, j: number): number {
  return (
    (a.steps[i] as number) - (b.steps[j] as number) ||
    (a.times[i] as number) - (b.times[j] as number) ||
    compareValues(a.values[i] as number, b.values[j] as number)
  );
}

function compareValues(a: number, b: number): number {
  const [left, right] = [Number.isNaN(a) ? 0 : a, Number.isNaN(b) ? 0 : b];
  if (left !== right) return left < right ? -1 : 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** Puts points in their order, each once. */
export function sortPoints(points: Points): Points {
  let at = 1;
  while (at < points.count && comparePoints(points, at - 1, points, at) < 0) at += 1;
  if (at >= points.count) return points;
  const order = Array.from({ length: points.count }, (_, i) => i);
  order.sort((i, j) => comparePoints(points, i, points, j));
  const sorted = makePoints(points.count);
  let count = 0;
  order.forEach((from, i) => {
    if (i > 0 && comparePoints(points, order[i - 1] as number, points, from) === 0) return;
    copyPoint(points, from, sorted, count++);
  });
  return slicePoints(sorted, 0, count);
}

function copyPoint(from: Points, i: number, to: Points, j: number): void {
  to.steps[j] = from.steps[i] as number;
  to.times[j] = from.times[i] as number;
  to.values[j] = from.values[i] as number;
}

/** All points of all, each once. */
export function mergeAll(parts: readonly Points[]): Points {
  if (parts.length <= 1) return parts[0] ?? makePoints(0);
  const middle = parts.length >> 1;
  return mergePoints(mergeAll(parts.slice(0, middle)), mergeAll(parts.slice(middle)));
}

/** Points one after the other. */
export function joinPoints(parts: readonly Points[]): Points {
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  const whole = makePoints(parts.reduce((sum, { count }) => sum + count, 0));
  let at = 0;
  for (const { count, steps, times, values } of parts) {
    whole.steps.set(steps, at);
    whole.times.set(times, at);
    whole.values.set(values, at);
    at += count;
  }
  return whole;
}

/** All points of both, each once. */
export function mergePoints(a: Points, b: Points): Points {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  if (comparePoints(a, a.count - 1, b, 0) < 0) return joinPoints([a, b]);
  if (comparePoints(b, b.count - 1, a, 0) < 0) return joinPoints([b, a]);
  const merged = makePoints(a.count + b.count);
  let [i, j, count] = [0, 0, 0];
  const take = (from: Points, index: number) => copyPoint(from, index, merged, count++);
  while (i < a.count || j < b.count) {
    const order = i >= a.count ? 1 : j >= b.count ? -1 : comparePoints(a, i, b, j);
    if (order <= 0) take(a, i++);
    else take(b, j++);
    if (order === 0) j += 1;
  }
  return slicePoints(merged, 0, count);
}

export function slicePoints({ steps, times, values }: Points, start: number, end: number): Points {
  return {
    count: end - start,
    steps: steps.slice(start, end),
    times: times.slice(start, end),
    values: values.slice(start, end),
  };
}
