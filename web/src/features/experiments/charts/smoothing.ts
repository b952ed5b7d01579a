/**
 * The exponential moving average of a series: `weight` of the average before stays in the next. The first values are
 * weighed up, so that it starts at the first value and not near 0 (as Adam does with its moments; Kingma and Ba, 2015).
 * Gaps stay gaps and are passed over.
 */
export function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let average = 0;
  let known = 0;
  return values.map((value) => {
    if (value === null) return null;
    average = weight * average + (1 - weight) * value;
    known += 1;
    return average / (1 - weight ** known);
  });
}
