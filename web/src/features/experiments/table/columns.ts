import type { CellValue, ColumnKeys } from '#contract';
import { metricText, paramText } from '../../../format/metrics.ts';
import { instant, span } from '../../../format/times.ts';

/** What a column belongs to; `attributes` are what every run has. */
export type ColumnKind = 'metrics' | 'minima' | 'maxima' | 'params' | 'tags' | 'attributes';

/** What every run has, with the headers of their columns. */
export const ATTRIBUTES: Readonly<Record<string, string>> = {
  status: 'State',
  startedAt: 'Started',
  endedAt: 'Ended',
  duration: 'Took',
  createdBy: 'By',
  user: 'User',
  codeCommit: 'Code commit',
  parent: 'Part of',
  id: 'Id',
};

const KEYED: ReadonlySet<string> = new Set(['metrics', 'minima', 'maxima', 'params', 'tags']);
/** Columns that are shown until others are chosen. */
const AT_FIRST = 4;

/** `metrics.valid.auc` as its kind and its key; keys may stand in back-quotes. */
export function splitColumn(column: string): { readonly kind: ColumnKind; readonly key: string } {
  const dot = column.indexOf('.');
  const kind = column.slice(0, dot);
  if (dot < 0 || !KEYED.has(kind)) return { kind: 'attributes', key: column };
  const key = column.slice(dot + 1);
  const quoted = key.length > 1 && key.startsWith('`') && key.endsWith('`');
  return { kind: kind as ColumnKind, key: quoted ? key.slice(1, -1).replaceAll('``', '`') : key };
}

/** The name of a column as the server spells it: keys with unusual signs stand in back-quotes. */
export function columnName(kind: ColumnKind, key: string): string {
  if (kind === 'attributes') return key;
  if (/^[\p{L}\p{N}_.\-/:]+$/u.test(key)) return `${kind}.${key}`;
  return `${kind}.\`${key.replaceAll('`', '``')}\``;
}

/** What stands above a column. */
export function headerOf(column: string): string {
  const { kind, key } = splitColumn(column);
  if (kind === 'attributes') return ATTRIBUTES[key] ?? key;
  if (kind === 'minima') return `${key}, least`;
  return kind === 'maxima' ? `${key}, greatest` : key;
}

export function isNumeric(column: string): boolean {
  const { kind, key } = splitColumn(column);
  return kind === 'metrics' || kind === 'minima' || kind === 'maxima' || (kind === 'attributes' && key === 'duration');
}

const WIDTHS_PX: Readonly<Record<string, number>> = {
  startedAt: 178,
  endedAt: 178,
  status: 122,
  duration: 104,
  id: 270,
};

/** Width of a column, CSS pixels: enough for its header, within bounds. */
export function widthOf(column: string): number {
  return WIDTHS_PX[column] ?? Math.max(96, Math.min(200, 42 + 7 * headerOf(column).length));
}

/** A cell as people read it; nothing where the run lacks it. */
export function cellText(column: string, value: CellValue | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  const { kind, key } = splitColumn(column);
  if (kind === 'params') return paramText(String(value));
  if (kind === 'tags') return String(value);
  if (kind !== 'attributes') return metricText(value as number);
  if (typeof value !== 'number') return value;
  return key === 'duration' ? span(value) : instant(value);
}

/** What a table shows until columns are chosen: the metrics and params that most runs have, and times. */
export function firstColumns(keys: ColumnKeys['keys']): readonly string[] {
  const common = (kind: 'metrics' | 'params') =>
    keys
      .filter((one) => one.kind === kind && !one.key.startsWith('system/'))
      .toSorted((a, b) => b.runs - a.runs)
      .slice(0, AT_FIRST)
      .map(({ column }) => column);
  return ['status', ...common('metrics'), ...common('params'), 'startedAt', 'duration'];
}

const MAX_MEASURES = 50;

/** Columns that may hold numbers, whose mean, least and greatest a group of runs tells. */
export function measuresOf(columns: readonly string[]): string[] {
  return columns.filter((one) => isNumeric(one) || splitColumn(one).kind === 'params').slice(0, MAX_MEASURES);
}
