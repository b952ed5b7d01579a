import { type Field, type FieldValue, fieldsOf, numberIn } from '#platform/search';
import type { RunLifecycle, RunState } from '../model.ts';
import { type Hits, sortHits, tableAt } from './order.ts';
import type { RunColumns } from './run-columns.ts';
import type { RunSearch, RunSelection } from './run-search.ts';
import { type Selection, selectRows } from './select.ts';
import { runField, runFilter, runOrders } from './vocabulary.ts';

/** What a cell of a table shows; several texts of a run are joined by commas. */
export type CellValue = FieldValue | null;

export interface RunTableRequest extends RunSelection {
  readonly orderBy?: readonly string[];
  readonly columns: readonly string[];
  /** Only runs that hold exactly these values; null: that lack them. */
  readonly within?: readonly { readonly column: string; readonly value: CellValue }[];
  readonly offset?: number;
  readonly limit?: number;
}

export interface RunTableRow {
  readonly id: string;
  readonly name: string;
  readonly experiment: string;
  readonly status: RunState;
  readonly lifecycle: RunLifecycle;
  readonly parent: string | null;
  /** Runs of the same lifecycle that are part of it. */
  readonly children: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly values: readonly CellValue[];
}

export interface RunTable {
  readonly total: number;
  readonly runs: readonly RunTableRow[];
}

export interface RunPointsRequest extends RunSelection {
  readonly orderBy?: readonly string[];
  readonly columns: readonly string[];
  readonly limit?: number;
}

export type PointsColumn =
  | { readonly column: string; readonly kind: 'number'; readonly numbers: readonly (number | null)[] }
  | {
      readonly column: string;
      readonly kind: 'category';
      readonly categories: readonly string[];
      readonly codes: readonly (number | null)[];
    };

export interface RunPoints {
  readonly total: number;
  readonly runs: readonly string[];
  readonly columns: readonly PointsColumn[];
}

const NAME = runField('name');
const STATUS = runField('status');
const PARENT = runField('parent');
const ENDED_AT = runField('endedAt');
/** Sorted selections kept, so that a table that is scrolled is sorted once. */
const KEPT_ORDERS = 8;
const DEFAULT_POINTS = 10_000;
const DEFAULT_ROWS = 100;

interface KeptOrder {
  readonly versions: string;
  readonly hits: Hits;
}

/** Rows of tables and points of charts, from the columns that searches look at. */
export function createRunTable(search: RunSearch) {
  const kept = new Map<string, KeptOrder>();

  /** Every run of a selection in an order, sorted anew only when something changed. */
  function sortedOf(name: string, tables: readonly RunColumns[], sort: () => Hits): Hits {
    const versions = tables.map((table) => `${table.experiment}:${table.born}.${table.version}`).join(' ');
    const known = kept.get(name);
    kept.delete(name);
    const hits = known?.versions === versions ? known.hits : sort();
    kept.set(name, { versions, hits });
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_ORDERS) break;
      kept.delete(oldest);
    }
    return hits;
  }

  async function runTable(request: RunTableRequest): Promise<RunTable> {
    const { filter = '', orderBy = [], lifecycle = 'active', offset = 0, limit = DEFAULT_ROWS } = request;
    const within = (request.within ?? []).map(({ column, value }) => ({ field: runField(column), value }));
    const selection: Selection = { lifecycle, condition: runFilter(filter), within };
    const orders = runOrders(orderBy, 'ignore');
    const columns = request.columns.map(runField);
    const fields = [
      ...[NAME, STATUS, PARENT, ENDED_AT, ...columns],
      ...orders.map(({ field }) => field),
      ...within.map(({ field }) => field),
      ...(selection.condition ? fieldsOf(selection.condition) : []),
    ];
    const name = JSON.stringify([filter, orderBy, lifecycle, within]);
    return search.look(await search.experimentsOf(request.experiments), fields, (tables) => {
      const hits = sortedOf(name, tables, () => {
        const rows = tables.map((table) => selectRows(table, selection));
        return sortHits(tables, rows, orders, Number.POSITIVE_INFINITY);
      });
      const total = hits.rowOf.length;
      const shown = Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, i) => offset + i);
      return { total, runs: shown.map((hit) => rowAt(hits, hit, columns, lifecycle)) };
    });
  }

  async function runPoints(request: RunPointsRequest): Promise<RunPoints> {
    const { filter = '', orderBy = [], lifecycle = 'active', limit = DEFAULT_POINTS } = request;
    const selection: Selection = { lifecycle, condition: runFilter(filter) };
    const orders = runOrders(orderBy, 'ignore');
    const columns = request.columns.map(runField);
    const fields = [
      ...columns,
      ...orders.map(({ field }) => field),
      ...(selection.condition ? fieldsOf(selection.condition) : []),
    ];
    return search.look(await search.experimentsOf(request.experiments), fields, (tables) => {
      const rows = tables.map((table) => selectRows(table, selection));
      const hits = sortHits(tables, rows, orders, limit);
      return {
        total: rows.reduce((sum, { length }) => sum + length, 0),
        runs: Array.from(hits.rowOf, (row, hit) => tableAt(hits, hit).ids.get(row)),
        columns: columns.map((field, i) => pointsOf(request.columns[i] as string, valuesOf(hits, field), field)),
      };
    });
  }

  return { runTable, runPoints };
}

function rowAt(hits: Hits, hit: number, columns: readonly Field[], lifecycle: RunLifecycle | 'all'): RunTableRow {
  const table = tableAt(hits, hit);
  const row = hits.rowOf[hit] as number;
  const id = table.ids.get(row);
  const parent = table.column(PARENT).get(row);
  const endedAt = table.column(ENDED_AT).get(row);
  return {
    id,
    name: String(table.column(NAME).get(row) ?? ''),
    experiment: table.experimentName,
    // Only the run store writes the status, and only from the typed model.
    status: table.column(STATUS).get(row) as RunState,
    lifecycle: table.lifecycleAt(row),
    parent: typeof parent === 'string' ? parent : null,
    children: table.childCounts(lifecycle).get(id) ?? 0,
    startedAtMs: table.startedAt(row),
    endedAtMs: typeof endedAt === 'number' ? endedAt : null,
    values: columns.map((field) => shownValue(table.column(field).get(row))),
  };
}

function shownValue(value: FieldValue | readonly FieldValue[] | undefined): CellValue {
  if (value === undefined) return null;
  return typeof value === 'object' ? value.join(', ') : value;
}

/** What each hit holds in a field. */
export function valuesOf(hits: Hits, field: Field): CellValue[] {
  const columns = hits.tables.map((table) => table.column(field));
  return Array.from(hits.rowOf, (row, hit) => shownValue(columns[hits.tableOf[hit] as number]?.get(row)));
}

/** Values as numbers where all of them are, params too; as categories else. */
export function pointsOf(column: string, values: readonly CellValue[], field: Field): PointsColumn {
  if (field.type === 'number' || field.type === 'time') {
    return { column, kind: 'number', numbers: values.map((value) => (typeof value === 'number' ? value : null)) };
  }
  if (field.type === 'param') {
    const numbers = values.map((value) => (value === null ? null : numberIn(String(value))));
    if (numbers.every((number) => number !== undefined) && numbers.some((number) => number !== null)) {
      return { column, kind: 'number', numbers };
    }
  }
  const texts = values.map((value) => (value === null ? null : String(value)));
  const categories = [...new Set(texts)].filter((text) => text !== null).sort();
  const codeOf = new Map(categories.map((text, code) => [text, code]));
  return {
    column,
    kind: 'category',
    categories,
    codes: texts.map((text) => (text === null ? null : (codeOf.get(text) ?? null))),
  };
}
