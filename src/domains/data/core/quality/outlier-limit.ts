/** The outer end of a column's values on one side, for deciding whether a few of them stand apart. */
export interface Tail {
  /** Rows with a value in the whole column. */
  readonly rows: number;
  readonly median: number;
  /** Quartile on this side. */
  readonly quartile: number;
  /** Distance between the quartiles. */
  readonly interquartileRange: number;
  /** Quantiles on this side beyond which lie the shares `innerShare` and `outerShare` of the rows. */
  readonly inner: number;
  readonly innerShare: number;
  readonly outer: number;
  readonly outerShare: number;
  /** Different values with their rows, the outermost first. */
  readonly extremes: readonly { readonly value: number; readonly rows: number }[];
}

export interface OutlierLimit {
  /** A round value between those that stand apart and the others. */
  readonly limit: number;
  /** Rows beyond it. */
  readonly rows: number;
}

/** Chance, for one tail, of taking honest values for outliers. */
const FALSE_ALARM = 0.01;

/** Shares of the rows at which a tail is measured: 1 % and 0.1 %, or more when that would be fewer than ten rows. */
export function tailShares(rows: number): { readonly innerShare: number; readonly outerShare: number } | undefined {
  if (rows < 100) return undefined;
  const outerShare = Math.max(0.001, 10 / rows);
  return { outerShare, innerShare: Math.min(0.25, 10 * outerShare) };
}

/**
 * Finds values that are too far out to belong to a column's tail, however heavy that is. All of these must hold:
 *
 * 1. They lie beyond Tukey's far-out fence, three interquartile ranges outside of the quartile (Tukey 1977).
 * 2. They are few: at most half of the outer share, so that they cannot have shaped the measured tail themselves.
 * 3. A gap divides them from the rest that the tail does not explain. The tail is taken as a power law of the distance
 *    from the median, with the exponent that its two quantiles show. Then the ratio of the k-th and the next distance
 *    exceeds r with probability r^(-k * exponent) (Rényi's representation of order statistics); the gap counts when
 *    that is below 1 % divided by the number of gaps looked at. A power law is the heaviest tail in use, so lighter
 *    ones are judged too mildly, never too harshly. Equal values count once: an honest value is often repeated.
 *
 * Long delays of a flight pass, since each is only a little longer than the next; a delay of -1116 minutes does not.
 */
export function outlierLimit(tail: Tail): OutlierLimit | undefined {
  const distance = (value: number) => Math.abs(value - tail.median);
  const inner = distance(tail.inner);
  if (inner === 0) return undefined;
  const exponent = Math.log(tail.innerShare / tail.outerShare) / Math.log(distance(tail.outer) / inner);
  const fence = distance(tail.quartile) + 3 * tail.interquartileRange;
  const mostRows = Math.floor((tail.outerShare * tail.rows) / 2);
  const gaps = Math.max(1, Math.min(mostRows, tail.extremes.length));
  let rows = 0;
  let found: OutlierLimit | undefined;
  for (const [index, { value, rows: more }] of tail.extremes.entries()) {
    const nextValue = tail.extremes[index + 1]?.value;
    rows += more;
    if (nextValue === undefined || rows > mostRows || distance(value) <= fence) break;
    const ratio = distance(value) / distance(nextValue);
    if (ratio ** (-(index + 1) * exponent) >= FALSE_ALARM / gaps) continue;
    // The geometric middle leaves as much room to the honest values as to the outliers.
    const middle = Math.sqrt(distance(value) * distance(nextValue));
    const sign = value < tail.median ? -1 : 1;
    found = { limit: roundBetween(tail.median + sign * middle, value, nextValue), rows };
  }
  return found;
}

/** The value with the fewest digits, at least two, that still lies strictly between the bounds. */
function roundBetween(value: number, a: number, b: number): number {
  for (let digits = 2; digits <= 15; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (rounded > Math.min(a, b) && rounded < Math.max(a, b)) return rounded;
  }
  return value;
}

/** A round value half as far again from the median as the most extreme value seen. */
export function roomBeyond(extreme: number, median: number): number {
  const limit = median + 1.5 * (extreme - median);
  if (limit === 0 || !Number.isFinite(limit)) return limit;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(limit))) - 1);
  const rounded = extreme < median ? Math.floor(limit / unit) * unit : Math.ceil(limit / unit) * unit;
  return Number(rounded.toPrecision(2));
}
