import { quantileOfSorted } from '#platform/stats';
import type { FrozenColumn } from '../model.ts';

/** Bins of a numeric column: as many as make a shift of a twentieth of the rows visible. */
const NUMERIC_BINS = 20;

/** Inner edges at the quantiles of ascending values, none twice, none that would leave the first bin empty. */
export function quantileEdges(sorted: ArrayLike<number>): number[] {
  const edges: number[] = [];
  for (let i = 1; i < NUMERIC_BINS; i++) {
    const edge = quantileOfSorted(sorted, i / NUMERIC_BINS);
    if (edge > (edges.at(-1) ?? sorted[0] ?? Number.NaN)) edges.push(edge);
  }
  return edges;
}

/** The bin of a value: how many edges are at or below it. */
export function binOf(edges: readonly number[], value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What a bin is called. */
export function binName(column: FrozenColumn, bin: number): string {
  if (column.kind === 'category') return column.categories[bin] ?? 'all others';
  const [low, high] = [column.edges[bin - 1], column.edges[bin]];
  if (low === undefined) return high === undefined ? 'all' : `below ${short(high)}`;
  return high === undefined ? `${short(low)} and above` : `${short(low)} to below ${short(high)}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/**
 * Puts frozen bins together until a window of `rows` rows expects at least ten in each: neighbours for numbers, the
 * rarest for categories. It looks at the reference alone, so the bins of two windows of one size are the same, and a
 * window of 200 rows is judged as soundly as one of 100,000.
 *
 * @returns for each frozen bin its group, 0 upwards
 */
export function groupBins(
  column: Pick<FrozenColumn, 'kind' | 'counts'>,
  rows: number,
): { readonly group: Int32Array; readonly groups: number } {
  const total = column.counts.reduce((sum, count) => sum + count, 0);
  const least = (LEAST_EXPECTED * total) / rows;
  const group = new Int32Array(column.counts.length);
  return {
    group,
    groups: column.kind === 'numeric' ? neighbours(column.counts, least, group) : rarest(column.counts, least, group),
  };
}

const LEAST_EXPECTED = 10;

function neighbours(counts: readonly number[], least: number, group: Int32Array): number {
  let groups = 0;
  let gathered = 0;
  counts.forEach((count, bin) => {
    group[bin] = groups;
    gathered += count;
    if (gathered < least) return;
    groups++;
    gathered = 0;
  });
  // What is left over at the top joins the last full group.
  if (gathered > 0 || group.at(-1) === groups) {
    group.forEach((value, bin) => {
      if (value === groups) group[bin] = Math.max(0, groups - 1);
    });
  }
  return Math.max(1, groups);
}

function rarest(counts: readonly number[], least: number, group: Int32Array): number {
  let groups = 0;
  const rare: number[] = [];
  // The last bin already is a rest, so the rare ones join it.
  counts.forEach((count, bin) => {
    if (count >= least && bin < counts.length - 1) group[bin] = groups++;
    else rare.push(bin);
  });
  for (const bin of rare) group[bin] = groups;
  return groups + 1;
}

/** Counts of frozen bins, added up by group. */
export function addUp(counts: ArrayLike<number>, group: Int32Array, groups: number): Float64Array {
  const sums = new Float64Array(groups);
  for (let bin = 0; bin < group.length; bin++) {
    const at = group[bin] ?? 0;
    sums[at] = (sums[at] ?? 0) + (counts[bin] ?? 0);
  }
  return sums;
}
