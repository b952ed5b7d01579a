import type { DataType } from '#contract';
import { isMeasured, isTime } from './data-type.ts';
import * as sql from './sql-text.ts';

/** Probabilities whose quantiles a profile holds. */
export const PROBABILITIES: readonly number[] = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

const BINS = 30;

/** A column to profile: its type in the words of schemas, and its value as SQL, missing where it is NaN or infinite. */
export interface ProfiledColumn {
  readonly name: string;
  readonly type: DataType;
  readonly value: string;
}

/**
 * Figures of all columns that one pass over the table gives: `n`, and for column i `c{i}` values, `lo{i}`, `hi{i}`,
 * `mean{i}`, `sd{i}` of measures, `len…{i}` of text.
 */
export function singlePassSql(source: string, columns: readonly ProfiledColumn[]): string {
  const figures = columns.flatMap((column, i) => {
    const value = asNumber(column);
    const always = [`count(${column.value}) as c${i}`];
    if (column.type === 'other') return always;
    always.push(`min(${value}) as lo${i}`, `max(${value}) as hi${i}`);
    if (isMeasured(column.type)) {
      always.push(`avg(${value}) as mean${i}`, `stddev_samp(cast(${value} as double)) as sd${i}`);
    }
    if (column.type === 'string') {
      const length = `length(${column.value})`;
      always.push(`min(${length}) as lenlo${i}`, `max(${length}) as lenhi${i}`, `avg(${length}) as len${i}`);
    }
    return always;
  });
  return `select count(*) as n${figures.map((figure) => `, ${figure}`).join('')} from ${source}`;
}

/** The value as a number where it is a measure: times as ms since the epoch. */
function asNumber(column: ProfiledColumn): string {
  return isTime(column.type) ? sql.wholeMilliseconds(column.value) : column.value;
}

/** Different values `v` of a column with their rows `n`: most of a profile follows from this smaller table. */
export function valueCountsSql(source: string, column: ProfiledColumn): string {
  const value = asNumber(column);
  return `select ${value} as v, count(*) as n from ${source} where ${value} is not null group by all`;
}

/** Exact quantiles `q0`, `q1`, … by value counts: the smallest value with at least that share of the rows at or below it. */
export function quantilesSql(valueCounts: string, probabilities: readonly number[]): string {
  const quantiles = probabilities.map((p, i) => `min(v) filter (upto >= ceil(${p} * total - 1e-9)) as q${i}`);
  const running = `select v, sum(n) over (order by v rows unbounded preceding) as upto, sum(n) over () as total from ${valueCounts}`;
  return `select ${quantiles.join(', ')} from (${running})`;
}

/**
 * Edges of a histogram: bins of equal width between two quantiles, and one more on each side for what lies beyond, so
 * that a few wild values do not flatten the rest to a single bar. Bins of integers hold equally many integers.
 */
export function histogramEdges(
  range: { readonly min: number; readonly max: number; readonly low: number; readonly high: number },
  whole: boolean,
): readonly number[] {
  const { min, max, low, high } = range;
  if (low === high) return outer(min, [low, low + 1], max);
  const width = whole ? Math.ceil((high - low + 1) / BINS) : (high - low) / BINS;
  const bins = whole ? Math.ceil((high - low + 1) / width) : BINS;
  const edges = Array.from({ length: bins + 1 }, (_, i) => (i === bins && !whole ? high : low + i * width));
  return outer(min, edges, max);
}

function outer(min: number, edges: readonly number[], max: number): readonly number[] {
  const last = edges.at(-1) ?? max;
  const rising = [...(min < (edges[0] ?? min) ? [min] : []), ...edges, ...(max > last ? [max] : [])];
  return rising.filter((edge, i) => i === 0 || edge > (rising[i - 1] ?? edge));
}

/** Rows a bin, `b` counted from 0, by value counts. */
export function histogramSql(valueCounts: string, edges: readonly number[]): string {
  const inner = edges.slice(1, -1).map((edge) => sql.number(edge));
  const bin = inner.length === 0 ? '0' : inner.map((edge) => `cast(v >= ${edge} as integer)`).join(' + ');
  return `select ${bin} as b, sum(n) as n from ${valueCounts} group by all order by b`;
}
