import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { RunPoints } from '#contract';
import { client } from '../../../app/client.ts';

/** Which runs charts draw: those that are selected, else the first of the table. */
export interface RunSet {
  readonly experiments: readonly string[];
  readonly filter?: string;
  readonly orderBy: readonly string[];
  /** Ids, none for those of the filter. */
  readonly selected: readonly string[];
}

/** A filter holds so many ids. */
export const MAX_SELECTED = 250;
/** Lines that can still be told apart, when none were chosen. */
const FIRST_LINES = 20;

export function selectionOf({ experiments, filter, orderBy, selected }: RunSet, needed?: string) {
  const ids = selected.slice(0, MAX_SELECTED).map((id) => `'${id}'`);
  const parts = [
    ids.length > 0 ? `id in (${ids.join(', ')})` : filter === undefined ? undefined : `(${filter})`,
    needed === undefined ? undefined : `${needed} is not null`,
  ].filter((part) => part !== undefined);
  return {
    experiments: [...experiments],
    ...(parts.length > 0 ? { filter: parts.join(' and ') } : {}),
    orderBy: [...orderBy],
  };
}

/** Columns of many runs as points; only of runs that have `needed`. */
export function usePoints(set: RunSet, columns: readonly string[], limit: number, needed?: string) {
  const body = { ...selectionOf(set, needed), columns: [...columns], limit };
  return useQuery({
    queryKey: ['tracking', 'points', body],
    queryFn: () => client.tracking.runPoints({ body }),
    placeholderData: keepPreviousData,
  });
}

/** Ids of the runs whose lines are drawn, and how many there are. */
export function useLineRuns(set: RunSet, metric: string) {
  const limit = set.selected.length > 0 ? MAX_SELECTED : FIRST_LINES;
  const body = { ...selectionOf(set, `metrics.${quoted(metric)}`), columns: [], limit };
  return useQuery({
    queryKey: ['tracking', 'line-runs', body],
    queryFn: async () => {
      const { total, runs } = await client.tracking.runTable({ body });
      return { total, runs: runs.map(({ id, status }) => ({ id, status })) };
    },
    placeholderData: keepPreviousData,
  });
}

/** Those of some metrics that changed during one of the first runs; nothing until it is known. */
export function useChanging(set: RunSet, metrics: readonly string[], enabled: boolean): readonly string[] | undefined {
  const columns = metrics.flatMap((key) => [`minima.${quoted(key)}`, `maxima.${quoted(key)}`]);
  const body = { ...selectionOf(set), columns, limit: FIRST_LINES };
  const answer = useQuery({
    queryKey: ['tracking', 'changing', body],
    queryFn: () => client.tracking.runPoints({ body }),
    enabled: enabled && metrics.length > 0,
  });
  if (metrics.length === 0 || answer.isError) return metrics;
  const values = answer.data?.columns.map(valuesAt);
  return values && metrics.filter((_, i) => values[2 * i]?.some((least, run) => least !== values[2 * i + 1]?.[run]));
}

function quoted(key: string): string {
  return `\`${key.replaceAll('`', '``')}\``;
}

/** A column of points as what a chart can place: numbers, or texts. */
export function valuesAt(column: RunPoints['columns'][number] | undefined): readonly (number | string | null)[] {
  if (column === undefined) return [];
  if (column.kind === 'category')
    return column.codes.map((code) => (code === null ? null : (column.categories[code] ?? null)));
  return column.numbers.map((number) => {
    const value = number === null ? Number.NaN : Number(number);
    return Number.isFinite(value) ? value : null;
  });
}
