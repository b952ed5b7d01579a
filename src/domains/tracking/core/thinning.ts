import type { Points } from './packed-points.ts';

/**
 * Thins a series while its points pass by: neighbours share a bucket, and of each bucket the least and the greatest
 * value stay, in their order, so that no peak is lost. The first and the last point always stay. NaN stays only where a
 * bucket holds nothing else. Memory is that of the result.
 */
export class Thinning {
  readonly #total: number;
  readonly #maxPoints: number;
  readonly #buckets: number;
  readonly #steps: number[] = [];
  readonly #times: number[] = [];
  readonly #values: number[] = [];
  #bucket = -1;
  #least: Kept | undefined;
  #greatest: Kept | undefined;

  /**
   * @param total how many points the series has
   * @param maxPoints how many may stay, at least 4
   */
  constructor(total: number, maxPoints: number) {
    this.#total = total;
    this.#maxPoints = maxPoints;
    // Two points go to the ends; every bucket between them may give two.
    this.#buckets = Math.floor((maxPoints - 2) / 2);
  }

  /** Points that share a bucket, about. */
  get bucketSize(): number {
    return this.#total <= this.#maxPoints ? 1 : this.#total / this.#buckets;
  }

  /** Adds points of which the first is the `start`-th of the series. */
  addAll(points: Points, start: number): void {
    for (let i = 0; i < points.count; i++) this.add(points, i, start + i);
  }

  /** Adds the `i`-th of some points, which is the `index`-th of the series. */
  add(points: Points, i: number, index: number): void {
    const step = points.steps[i] as number;
    const time = points.times[i] as number;
    const value = points.values[i] as number;
    if (this.#total <= this.#maxPoints || index === 0 || index === this.#total - 1) {
      this.#close();
      this.#keep({ step, time, value, index });
      return;
    }
    const bucket = Math.floor(((index - 1) * this.#buckets) / (this.#total - 2));
    if (bucket !== this.#bucket) this.#close();
    this.#bucket = bucket;
    const { value: least = Number.NaN } = this.#least ?? {};
    const { value: greatest = Number.NaN } = this.#greatest ?? {};
    if (this.#least === undefined || value < least || (Number.isNaN(least) && !Number.isNaN(value))) {
      this.#least = { step, time, value, index };
    }
    if (this.#greatest === undefined || value > greatest || (Number.isNaN(greatest) && !Number.isNaN(value))) {
      this.#greatest = { step, time, value, index };
    }
  }

  points(): Points {
    this.#close();
    return {
      count: this.#values.length,
      steps: Float64Array.from(this.#steps),
      times: Float64Array.from(this.#times),
      values: Float64Array.from(this.#values),
    };
  }

  #close(): void {
    const [least, greatest] = [this.#least, this.#greatest];
    if (least && greatest) {
      if (least.index === greatest.index) this.#keep(least);
      else for (const kept of least.index < greatest.index ? [least, greatest] : [greatest, least]) this.#keep(kept);
    }
    this.#least = this.#greatest = undefined;
  }

  #keep({ step, time, value }: Kept): void {
    this.#steps.push(step);
    this.#times.push(time);
    this.#values.push(value);
  }
}

interface Kept {
  readonly step: number;
  readonly time: number;
  readonly value: number;
  readonly index: number;
}

/** Points of a block of an outline. */
export const OUTLINE_BLOCK = 128;

/**
 * Of every block of {@link OUTLINE_BLOCK} points the least and the greatest, and the two ends of all, with the place of
 * each: enough to thin by, where a bucket holds some blocks.
 */
export function outlineOf(points: Points): { readonly points: Points; readonly places: Float64Array } {
  const places: number[] = [];
  for (let start = 0; start < points.count; start += OUTLINE_BLOCK) {
    const end = Math.min(start + OUTLINE_BLOCK, points.count);
    let least = start;
    let greatest = start;
    for (let i = start + 1; i < end; i++) {
      if (isLess(points.values[i] as number, points.values[least] as number)) least = i;
      if (isLess(-(points.values[i] as number), -(points.values[greatest] as number))) greatest = i;
    }
    places.push(...new Set([least, greatest]));
  }
  const kept = [...new Set([0, ...places, points.count - 1])].sort((a, b) => a - b);
  const pick = (column: Float64Array) => Float64Array.from(kept, (place) => column[place] as number);
  return {
    points: { count: kept.length, steps: pick(points.steps), times: pick(points.times), values: pick(points.values) },
    places: Float64Array.from(kept),
  };
}

/** NaN is greater than everything, so that it stays only where nothing else is. */
function isLess(a: number, b: number): boolean {
  return a < b || (Number.isNaN(b) && !Number.isNaN(a));
}
