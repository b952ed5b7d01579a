import type { ExperimentColumns, Run } from '#contract';
import { metricText, paramText } from '../../format/metrics.ts';

/** Columns that are shown until others are chosen. */
const AT_FIRST: Readonly<Record<string, number>> = { metrics: 4, params: 4 };

/** Every column that can be chosen, as `metrics.auc`, the ones most runs have first. */
export function choicesOf(known: ExperimentColumns): { readonly group: string; readonly items: readonly string[] }[] {
  const kinds = ['metrics', 'params', 'tags'] as const;
  return kinds.flatMap((kind) => {
    const keys = known[kind].toSorted((a, b) => b.runs - a.runs || a.key.localeCompare(b.key, 'en'));
    return keys.length === 0 ? [] : [{ group: kind, items: keys.map(({ key }) => `${kind}.${key}`) }];
  });
}

/** The columns chosen, or some metrics and params when none are. */
export function shownColumns(known: ExperimentColumns, chosen: readonly string[] | undefined): readonly string[] {
  if (chosen) return chosen;
  return choicesOf(known).flatMap(({ group, items }) => items.slice(0, AT_FIRST[group] ?? 0));
}

/** A column of a run as text; nothing when the run lacks it. */
export function cellOf(run: Run, column: string): string | undefined {
  const [kind, key] = splitColumn(column);
  if (kind === 'params') return paramText(run.params[key]);
  if (kind === 'tags') return run.tags[key];
  const metric = run.metrics.find((one) => one.key === key);
  return metric && metricText(metric.value);
}

/** `metrics.valid.auc` as its kind and its key. */
export function splitColumn(column: string): readonly [kind: string, key: string] {
  const dot = column.indexOf('.');
  return [column.slice(0, dot), column.slice(dot + 1)];
}

/** What the server sorts by: keys stand in back-quotes, as they may hold any sign. */
export function orderBy(sort: string | undefined, descending: boolean): string[] {
  if (sort === undefined) return [];
  const [kind, key] = splitColumn(sort);
  return [`${sort.includes('.') ? `${kind}.\`${key}\`` : sort} ${descending ? 'desc' : 'asc'}`];
}
