import { keepPreviousData, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { CellValue, RunGroups, RunTableRequest, RunTableRow } from '#contract';
import { client } from '../../../app/client.ts';
import { measuresOf } from './columns.ts';
import { type Branch, type Place, placeAt, rowsIn } from './tree.ts';

/** Which runs a table shows, and in which order. */
export interface RunsShown {
  readonly experiments: readonly string[];
  readonly filter?: string;
  readonly orderBy: readonly string[];
  readonly within: readonly Condition[];
  readonly groupBy: readonly string[];
  /** Runs that are part of others are folded in below them. */
  readonly nested: boolean;
}

export type Condition = NonNullable<RunTableRequest['within']>[number];
type Group = RunGroups['groups'][number];

/** What a line of the table holds; a run that is not loaded yet is missing. */
export type Line =
  | { readonly kind: 'group'; readonly place: Place; readonly group: Group; readonly isOpen: boolean }
  | { readonly kind: 'run'; readonly place: Place; readonly run: LoadedRun | undefined; readonly isOpen: boolean };

export interface LoadedRun extends RunTableRow {
  /** The value of a column that was asked for. */
  get(column: string): CellValue | undefined;
}

interface Opened {
  readonly source: string;
  readonly parent: string;
  readonly index: number;
  readonly within: readonly Condition[];
  /** How many rows there are until it is known. */
  readonly estimate: number;
}

const ROOT = 'all';
const BLOCK = 100;
/** The server tells of so many groups at once. */
const MAX_GROUPS = 1000;
const KEEP_MS = 60_000;

/** The rows of a table of runs, loaded as they come into view. */
export function useRows(shown: RunsShown, columns: readonly string[], range: readonly [first: number, last: number]) {
  const selection = JSON.stringify(shown);
  const [opened, setOpened] = useState<{ readonly of: string; readonly list: readonly Opened[] }>({
    of: selection,
    list: [],
  });
  const list = opened.of === selection ? opened.list : [];
  const known = useRef(new Map<string, readonly LoadedRun[]>());
  const totals = useRef(new Map<string, number>());
  const grouped = shown.groupBy.length > 0;
  const queries = useQueryClient();

  const groups = useQuery({
    queryKey: ['tracking', 'run-groups', selection, columns],
    queryFn: () => client.tracking.groupRuns({ body: groupsAsked(shown, columns) }),
    enabled: grouped,
    placeholderData: keepPreviousData,
  });
  const groupRows = grouped ? (groups.data?.groups ?? []) : [];

  const withinOf = (source: string): readonly Condition[] =>
    list.find((one) => one.source === source)?.within ?? (shown.nested ? [{ column: 'parent', value: null }] : []);
  const block = (source: string, number: number) => {
    const body = {
      experiments: [...shown.experiments],
      ...(shown.filter === undefined ? {} : { filter: shown.filter }),
      orderBy: [...shown.orderBy],
      columns: [...columns],
      within: [...shown.within, ...withinOf(source)],
      offset: number * BLOCK,
      limit: BLOCK,
    };
    return {
      queryKey: ['tracking', 'run-table', body],
      queryFn: () => client.tracking.runTable({ body }),
      gcTime: KEEP_MS,
      // The event stream tells when runs change; a row that is scrolled back to is still good.
      staleTime: KEEP_MS,
    };
  };

  // The first block of every source tells how many rows it has.
  const sources = [...(grouped ? [] : [ROOT]), ...list.map(({ source }) => source)];
  const heads = useQueries({ queries: sources.map((source) => block(source, 0)) });
  heads.forEach((head, i) => {
    const source = sources[i] as string;
    if (!head.data) return;
    totals.current.set(source, head.data.total);
    known.current.set(`${source} 0`, loaded(head.data.runs, columns));
  });

  const branchOf = (source: string, count: number): Branch => ({
    source,
    count,
    open: list
      .filter((one) => one.parent === source)
      .map((one) => ({
        index: placeOfOpened(one, groupRows, known.current),
        branch: branchOf(one.source, totals.current.get(one.source) ?? one.estimate),
      }))
      .filter(({ index }) => index >= 0),
  });
  const root = branchOf(ROOT, grouped ? groupRows.length : (totals.current.get(ROOT) ?? 0));
  const total = rowsIn(root);

  const wanted = useMemo(() => {
    const blocks = new Map<string, readonly [string, number]>();
    for (let row = Math.max(0, range[0]); row <= Math.min(range[1], total - 1); row++) {
      const place = placeAt(root, row);
      if (!place || (grouped && place.source === ROOT)) continue;
      const number = Math.floor(place.index / BLOCK);
      if (number > 0) blocks.set(`${place.source} ${number}`, [place.source, number]);
    }
    return [...blocks.values()];
  }, [range[0], range[1], total, root, grouped]);
  const blocks = useQueries({ queries: wanted.map(([source, number]) => block(source, number)) });
  blocks.forEach(({ data }, i) => {
    const [source, number] = wanted[i] as readonly [string, number];
    if (data) known.current.set(`${source} ${number}`, loaded(data.runs, columns));
  });

  // What stood elsewhere in another order is not shown in this one, once this one has begun to arrive.
  const rootIsFresh = grouped ? !groups.isPlaceholderData : heads[0]?.data !== undefined;
  useEffect(() => {
    if (!rootIsFresh) return;
    for (const name of known.current.keys()) if (!name.endsWith(' 0')) known.current.delete(name);
    void selection;
  }, [selection, rootIsFresh]);

  const lineAt = (row: number): Line | undefined => {
    const place = placeAt(root, row);
    if (!place) return undefined;
    if (grouped && place.source === ROOT) {
      const group = groupRows[place.index];
      return group && { kind: 'group', place, group, isOpen: list.some(({ source }) => source === sourceOf(group)) };
    }
    const run = known.current.get(`${place.source} ${Math.floor(place.index / BLOCK)}`)?.[place.index % BLOCK];
    return { kind: 'run', place, run, isOpen: list.some(({ source }) => source === run?.id) };
  };

  const toggle = (line: Line) => {
    const source = line.kind === 'group' ? sourceOf(line.group) : line.run?.id;
    if (source === undefined) return;
    const isOpen = list.some((one) => one.source === source);
    const kept = isOpen ? withoutBranch(list, source) : list;
    const added = isOpen ? [] : [openedBy(line, source, shown)];
    setOpened({ of: selection, list: [...kept, ...added] });
  };

  const failed = [groups, ...heads, ...blocks].find(({ error }) => error !== null)?.error ?? undefined;
  return {
    total,
    lineAt,
    toggle,
    /** Runs that match, were nothing folded in. */
    totalRuns: grouped ? groups.data?.totalRuns : totals.current.get(ROOT),
    totalGroups: grouped ? groups.data?.total : undefined,
    isLoading: grouped ? groups.data === undefined && !groups.error : heads[0]?.isPending === true && total === 0,
    /** What is shown belongs to what was asked before. */
    isOld: !rootIsFresh,
    error: failed,
    retry: () => void queries.invalidateQueries({ queryKey: ['tracking'] }),
  };
}

function groupsAsked(shown: RunsShown, columns: readonly string[]) {
  // A condition that groups cannot be asked with stands in the filter.
  const missing = shown.within.filter(({ value }) => value === null).map(({ column }) => `${column} is null`);
  const filter = [...missing, ...(shown.filter === undefined ? [] : [`(${shown.filter})`])].join(' and ');
  const [order] = shown.orderBy.filter((one) => !one.startsWith('tags.trimtab.'));
  const [, column = '', word = 'asc'] = /^(.*) (asc|desc)$/.exec(order ?? '') ?? [];
  const measures = measuresOf(columns);
  const orderBy = shown.groupBy.includes(column)
    ? order
    : measures.includes(column)
      ? `${word === 'desc' ? 'max' : 'min'} ${column} ${word}`
      : undefined;
  return {
    experiments: [...shown.experiments],
    ...(filter === '' ? {} : { filter }),
    groupBy: [...shown.groupBy],
    measures,
    ...(orderBy === undefined ? {} : { orderBy }),
    limit: MAX_GROUPS,
  };
}

function sourceOf(group: Group): string {
  return JSON.stringify(group.values);
}

function openedBy(line: Line, source: string, shown: RunsShown): Opened {
  const { source: parent, index } = line.place;
  if (line.kind === 'group') {
    const within = shown.groupBy.map((column, i) => ({ column, value: line.group.values[i] ?? null }));
    return { source, parent, index, within, estimate: line.group.count };
  }
  const within = [{ column: 'parent', value: source }];
  return { source, parent, index, within, estimate: line.run?.children ?? 0 };
}

/** Where a row that is folded out stands now, which may have changed since it was. */
function placeOfOpened(
  { source, parent, index }: Opened,
  groups: readonly Group[],
  known: ReadonlyMap<string, readonly LoadedRun[]>,
): number {
  if (groups.length > 0 && parent === ROOT) return groups.findIndex((group) => sourceOf(group) === source);
  for (const [name, runs] of known) {
    if (!name.startsWith(`${parent} `)) continue;
    const at = runs.findIndex(({ id }) => id === source);
    if (at >= 0) return Number(name.slice(parent.length + 1)) * BLOCK + at;
  }
  return index;
}

function withoutBranch(list: readonly Opened[], source: string): readonly Opened[] {
  const below = list.filter(({ parent }) => parent === source).map((one) => one.source);
  return below.reduce(
    withoutBranch,
    list.filter((one) => one.source !== source),
  );
}

const loadedRows = new WeakMap<readonly RunTableRow[], readonly LoadedRun[]>();

function loaded(runs: readonly RunTableRow[], columns: readonly string[]): readonly LoadedRun[] {
  const ready = loadedRows.get(runs);
  if (ready) return ready;
  const places = new Map(columns.map((column, i) => [column, i]));
  const made = runs.map((run) => ({ ...run, get: (column: string) => run.values[places.get(column) ?? -1] }));
  loadedRows.set(runs, made);
  return made;
}
