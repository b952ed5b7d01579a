import { compareValues, type Field, type FieldValue, fieldsOf, numberIn, parseOrder } from '#platform/search';
import { trackingErrors } from '../errors.ts';
import { sortHits } from './order.ts';
import type { RunSearch, RunSelection } from './run-search.ts';
import { type CellValue, valuesOf } from './run-table.ts';
import { type Selection, selectRows } from './select.ts';
import { nameOf, runField, runFilter, runOrders } from './vocabulary.ts';

export interface RunGroupsRequest extends RunSelection {
  readonly groupBy: readonly string[];
  readonly measures: readonly string[];
  /** `count desc`, `params.depth`, `mean metrics.auc desc`; the largest first if left out. */
  readonly orderBy?: string;
  readonly offset?: number;
  readonly limit?: number;
}

/** What numbers amount to; null where there are none. */
interface Measure {
  readonly count: number;
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

interface RunGroup {
  readonly values: readonly CellValue[];
  readonly count: number;
  readonly measures: readonly Measure[];
}

export interface RunGroups {
  readonly total: number;
  readonly totalRuns: number;
  readonly groups: readonly RunGroup[];
}

const DEFAULT_GROUPS = 100;

/** Runs that agree in some fields, with what their numbers amount to. */
export async function groupRuns(search: RunSearch, request: RunGroupsRequest): Promise<RunGroups> {
  const { filter = '', lifecycle = 'active', offset = 0, limit = DEFAULT_GROUPS } = request;
  const selection: Selection = { lifecycle, condition: runFilter(filter) };
  const groupBy = request.groupBy.map(runField);
  const measures = request.measures.map(runField);
  const compare = groupOrder(request.orderBy, groupBy, measures);
  const fields = [...groupBy, ...measures, ...(selection.condition ? fieldsOf(selection.condition) : [])];
  return search.look(await search.experimentsOf(request.experiments), fields, (tables) => {
    const rows = tables.map((table) => selectRows(table, selection));
    const hits = sortHits(tables, rows, [], Number.POSITIVE_INFINITY);
    const parted = groupsOf(
      groupBy.map((field) => valuesOf(hits, field)),
      hits.rowOf.length,
    );
    const numbers = measures.map((field) => valuesOf(hits, field).map(numberOf));
    const groups = parted.map(({ values, members }) => ({
      values,
      count: members.length,
      measures: numbers.map((own) => measureOf(members, own)),
    }));
    return {
      total: groups.length,
      totalRuns: hits.rowOf.length,
      groups: groups.toSorted(compare).slice(offset, offset + limit),
    };
  });
}

/** Parts hits by what they hold in some fields, in the order in which the parts are met. */
export function groupsOf(
  columns: readonly (readonly CellValue[])[],
  count: number,
): { readonly values: readonly CellValue[]; readonly members: readonly number[] }[] {
  const groups = new Map<string, { values: CellValue[]; members: number[] }>();
  for (let hit = 0; hit < count; hit++) {
    const values = columns.map((column) => column[hit] ?? null);
    // Text and number of the same look are told apart by their quotes; NaN is the same as NaN.
    const name = values.map((value) => (typeof value === 'number' ? String(value) : JSON.stringify(value))).join();
    const known = groups.get(name);
    if (known) known.members.push(hit);
    else groups.set(name, { values, members: [hit] });
  }
  return [...groups.values()];
}

function numberOf(value: CellValue): number | undefined {
  const number = typeof value === 'string' ? numberIn(value) : (value ?? undefined);
  return number === undefined || Number.isNaN(number) ? undefined : number;
}

function measureOf(members: readonly number[], numbers: readonly (number | undefined)[]): Measure {
  let count = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const member of members) {
    const number = numbers[member];
    if (number === undefined) continue;
    count += 1;
    sum += number;
    min = Math.min(min, number);
    max = Math.max(max, number);
  }
  return count === 0 ? { count, mean: null, min: null, max: null } : { count, mean: sum / count, min, max };
}

const NUMBER = { entity: 'measures', key: '', type: 'number' } as const;

/** How groups are sorted. @throws TRACKING_FILTER_INVALID for what is no column of the request */
function groupOrder(
  orderBy: string | undefined,
  groupBy: readonly Field[],
  measures: readonly Field[],
): (a: RunGroup, b: RunGroup) => number {
  const parts = /^\s*(count|mean|min|max)\b(.*)$/is.exec(orderBy ?? 'count desc');
  const what = parts?.[1]?.toLowerCase() ?? '';
  const rest = parts?.[2] ?? '';
  if (what === 'count') {
    const { descending } = parseOrder(`count${rest}`, COUNT);
    return (a, b) => (descending ? b.count - a.count : a.count - b.count);
  }
  const text = what === '' ? (orderBy ?? '') : rest;
  const [order] = runOrders([text], 'ignore');
  const wanted = order ? nameOf(order.field) : '';
  const places = what === '' ? groupBy : measures;
  const place = places.findIndex((field) => nameOf(field) === wanted);
  if (!order || place < 0) {
    const problem = `it is none of ${what === '' ? 'groupBy' : 'measures'}`;
    throw trackingErrors.TRACKING_FILTER_INVALID({ text, at: 0, problem, reason: { kind: 'clause', found: text } });
  }
  const part = what as 'mean' | 'min' | 'max';
  const valueIn = (group: RunGroup): FieldValue | undefined =>
    (what === '' ? group.values[place] : group.measures[place]?.[part]) ?? undefined;
  const field = what === '' ? order.field : NUMBER;
  return (a, b) => compareValues(valueIn(a), valueIn(b), field, order.descending) || b.count - a.count;
}

const COUNT = {
  entities: { count: { words: ['count'], keys: { count: { key: 'count', type: 'number' } } } },
  bare: 'count',
  refuse: trackingErrors.TRACKING_FILTER_INVALID,
} as const;
