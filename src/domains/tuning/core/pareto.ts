import type { Direction } from '#contract';

/** Items that no other beats: none is at least as good in every objective and better in one. */
export function paretoFront<Item extends { readonly values: readonly number[] | null }>(
  items: readonly Item[],
  directions: readonly Direction[],
): Item[] {
  return items.filter((item) => !items.some((other) => dominates(other.values ?? [], item.values ?? [], directions)));
}

function dominates(a: readonly number[], b: readonly number[], directions: readonly Direction[]): boolean {
  let better = false;
  for (const [index, direction] of directions.entries()) {
    const sign = direction === 'maximize' ? -1 : 1;
    const [own, others] = [sign * (a[index] ?? 0), sign * (b[index] ?? 0)];
    if (own > others) return false;
    if (own < others) better = true;
  }
  return better;
}
