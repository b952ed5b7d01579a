/** A line: values along ascending x. */
export interface Run {
  readonly xs: readonly number[];
  /** May be NaN, which is passed over. */
  readonly ys: readonly number[];
}

export interface Band {
  readonly x: readonly number[];
  /** Mean over the lines, each by the mean of its own values near x. */
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Whether a place sums up several x. */
  readonly summedUp: boolean;
}

interface Place {
  sum: number;
  lines: number;
  low: number;
  high: number;
}

/**
 * Lines as one band. With few enough different x there is a place for each; else the x between the least and the
 * greatest are parted evenly, and a place tells of its part.
 */
export function makeBand(lines: readonly Run[], maxPlaces: number): Band {
  const distinct = new Set<number>();
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const { xs } of lines) {
    for (const x of xs) {
      if (distinct.size <= maxPlaces) distinct.add(x);
      least = Math.min(least, x);
      greatest = Math.max(greatest, x);
    }
  }
  const summedUp = distinct.size > maxPlaces;
  const width = (greatest - least) / maxPlaces;
  const placeOf = summedUp ? (x: number) => Math.min(maxPlaces - 1, Math.floor((x - least) / width)) : (x: number) => x;
  const places = new Map<number, Place>();
  for (const line of lines) addLine(places, line, placeOf);
  const sorted = [...places].sort(([a], [b]) => a - b);
  return {
    x: sorted.map(([place]) => (summedUp ? least + (place + 0.5) * width : place)),
    mean: sorted.map(([, { sum, lines: count }]) => sum / count),
    low: sorted.map(([, { low }]) => low),
    high: sorted.map(([, { high }]) => high),
    summedUp,
  };
}

function addLine(places: Map<number, Place>, { xs, ys }: Run, placeOf: (x: number) => number): void {
  for (let start = 0; start < xs.length; ) {
    const at = placeOf(xs[start] as number);
    const part = { sum: 0, count: 0, low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
    let end = start;
    for (; end < xs.length && placeOf(xs[end] as number) === at; end++) {
      const y = ys[end] as number;
      if (Number.isNaN(y)) continue;
      part.sum += y;
      part.count += 1;
      part.low = Math.min(part.low, y);
      part.high = Math.max(part.high, y);
    }
    start = end;
    if (part.count === 0) continue;
    const place = places.get(at) ?? { sum: 0, lines: 0, low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
    places.set(at, place);
    place.sum += part.sum / part.count;
    place.lines += 1;
    place.low = Math.min(place.low, part.low);
    place.high = Math.max(place.high, part.high);
  }
}
