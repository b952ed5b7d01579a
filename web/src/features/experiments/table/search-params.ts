import { type ChartSpec, readCharts } from '../charts/chart-specs.ts';

/** What is open on the page of an experiment, as its address says it. */
export interface RunsSearch {
  readonly filter?: string;
  readonly columns?: readonly string[];
  /** `metrics.auc desc, startedAt asc`. */
  readonly sort?: string;
  readonly group?: readonly string[];
  readonly nested?: boolean;
  readonly archived?: boolean;
  readonly selected?: readonly string[];
  readonly show?: 'charts';
  readonly charts?: readonly ChartSpec[];
  /** Id of a saved view that this began as. */
  readonly view?: string;
}

/** So many runs are named in the address; more are kept while the page is open, and in saved views. */
export const MAX_SELECTED_IN_ADDRESS = 200;
const MAX_GROUPS = 3;

/** Reads an address; what cannot be read is left out. */
export function readRunsSearch(search: Readonly<Record<string, unknown>>): RunsSearch {
  return {
    filter: text(search.filter),
    columns: texts(search.columns),
    sort: text(search.sort),
    group: texts(search.group)?.slice(0, MAX_GROUPS),
    nested: search.nested === true ? true : undefined,
    archived: search.archived === true ? true : undefined,
    selected: texts(search.selected),
    show: search.show === 'charts' ? 'charts' : undefined,
    charts: readCharts(search.charts),
    view: text(search.view),
  };
}

function text(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}
