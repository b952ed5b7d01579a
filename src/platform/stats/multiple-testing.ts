/**
 * p-values adjusted so that rejecting those at or below q keeps the expected share of false rejections at q
 * (Benjamini and Hochberg, 1995). In the order given; NaN stays NaN and does not count as a test.
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const order = pValues.flatMap((p, index) => (Number.isNaN(p) ? [] : [{ p, index }])).sort((a, b) => b.p - a.p);
  const adjusted = pValues.map(() => Number.NaN);
  let least = 1;
  order.forEach(({ p, index }, fromTop) => {
    least = Math.min(least, (p * order.length) / (order.length - fromTop));
    adjusted[index] = least;
  });
  return adjusted;
}
