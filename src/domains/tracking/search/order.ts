import { type Field, type FieldValue, numberIn, type Order } from '#platform/search';
import { TextColumn } from './column.ts';
import type { RunColumns } from './run-columns.ts';

/** Runs of several experiments, in an order. */
export interface Hits {
  readonly tables: readonly RunColumns[];
  /** Of each hit the index of its table, and its row there. */
  readonly tableOf: Int32Array;
  readonly rowOf: Int32Array;
}

/** Values come first, then params that are no numbers, then NaN, then what has none: whichever way they are sorted. */
const VALUE = 0;
const OTHER_TEXT = 1;
const NAN = 2;
const MISSING = 3;

/** What hits are sorted by: the class first, then the number, which is turned around where the order descends. */
interface Keys {
  readonly classes: Uint8Array;
  readonly numbers: Float64Array;
}

/**
 * The first `count` of runs by some orders; those that agree in all of them come newest first, then by id.
 *
 * @param rows of each table those that are meant
 */
export function sortHits(
  tables: readonly RunColumns[],
  rows: readonly Int32Array[],
  orders: readonly Order[],
  count: number,
): Hits {
  const all = joined(tables, rows);
  const total = all.rowOf.length;
  const keys = orders.map((order) => keysOf(all, order));
  const started = new Float64Array(total);
  for (let hit = 0; hit < total; hit++) started[hit] = tableAt(all, hit).startedAt(all.rowOf[hit] as number);
  const compare = (a: number, b: number): number => {
    for (const { classes, numbers } of keys) {
      const difference = (classes[a] as number) - (classes[b] as number);
      if (difference !== 0) return difference;
      const left = numbers[a] as number;
      const right = numbers[b] as number;
      if (left !== right) return left < right ? -1 : 1;
    }
    const newer = (started[b] as number) - (started[a] as number);
    return newer !== 0 ? newer : compareIds(all, a, b);
  };
  const wanted = Math.min(count, total);
  const order = wanted <= total / 8 ? firstOf(total, wanted, compare) : sorted(total, compare);
  const tableOf = new Int32Array(wanted);
  const rowOf = new Int32Array(wanted);
  for (let i = 0; i < wanted; i++) {
    tableOf[i] = all.tableOf[order[i] as number] as number;
    rowOf[i] = all.rowOf[order[i] as number] as number;
  }
  return { tables, tableOf, rowOf };
}

export function tableAt({ tables, tableOf }: Hits, hit: number): RunColumns {
  return tables[tableOf[hit] as number] as RunColumns;
}

function joined(tables: readonly RunColumns[], rows: readonly Int32Array[]): Hits {
  const total = rows.reduce((sum, { length }) => sum + length, 0);
  const tableOf = new Int32Array(total);
  const rowOf = new Int32Array(total);
  let next = 0;
  rows.forEach((own, table) => {
    tableOf.fill(table, next, next + own.length);
    rowOf.set(own, next);
    next += own.length;
  });
  return { tables, tableOf, rowOf };
}

function compareIds(hits: Hits, a: number, b: number): number {
  const [left, right] = [tableAt(hits, a), tableAt(hits, b)];
  const [leftRow, rightRow] = [hits.rowOf[a] as number, hits.rowOf[b] as number];
  if (left === right) return left.ids.compare(leftRow, rightRow);
  return left.ids.get(leftRow) < right.ids.get(rightRow) ? -1 : 1;
}

function sorted(total: number, compare: (a: number, b: number) => number): Int32Array {
  return Int32Array.from({ length: total }, (_, i) => i).sort(compare);
}

/** The first few without sorting all: a heap whose top is the last of the best so far. */
function firstOf(total: number, count: number, compare: (a: number, b: number) => number): Int32Array {
  const heap = new Int32Array(count);
  let size = 0;
  const sink = (start: number) => {
    const moved = heap[start] as number;
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && compare(heap[child + 1] as number, heap[child] as number) > 0) child += 1;
      if (compare(heap[child] as number, moved) <= 0) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = moved;
  };
  for (let hit = 0; hit < total && count > 0; hit++) {
    if (size < count) {
      heap[size++] = hit;
      if (size === count) for (let at = (size >> 1) - 1; at >= 0; at--) sink(at);
    } else if (compare(hit, heap[0] as number) < 0) {
      heap[0] = hit;
      sink(0);
    }
  }
  return heap.sort(compare);
}

function keysOf(hits: Hits, { field, descending }: Order): Keys {
  const total = hits.rowOf.length;
  const keys: Keys = { classes: new Uint8Array(total).fill(MISSING), numbers: new Float64Array(total) };
  const columns = hits.tables.map((table) => table.column(field));
  const isNumeric = field.type === 'number' || field.type === 'time';
  if (isNumeric) {
    for (let hit = 0; hit < total; hit++) {
      const value = columns[hits.tableOf[hit] as number]?.get(hits.rowOf[hit] as number);
      if (typeof value !== 'number') continue;
      keys.classes[hit] = Number.isNaN(value) ? NAN : VALUE;
      keys.numbers[hit] = Number.isNaN(value) ? 0 : descending ? -value : value;
    }
    return keys;
  }
  const [only] = columns;
  if (columns.length === 1 && only instanceof TextColumn) {
    const { ranks, isNumber } = ranksOf(only, field);
    for (let hit = 0; hit < total; hit++) {
      const code = only.codeAt(hits.rowOf[hit] as number);
      if (code >= 0) setText(keys, hit, ranks[code] as number, isNumber[code] === 1, field, descending);
    }
    return keys;
  }
  const texts = Array.from({ length: total }, (_, hit) =>
    leastText(columns[hits.tableOf[hit] as number]?.get(hits.rowOf[hit] as number)),
  );
  const distinct = [...new Set(texts)].filter((text) => text !== undefined).sort(textOrder(field));
  const rankOf = new Map(distinct.map((text, rank) => [text, rank]));
  texts.forEach((text, hit) => {
    if (text === undefined) return;
    setText(keys, hit, rankOf.get(text) ?? 0, isParamNumber(text, field), field, descending);
  });
  return keys;
}

function setText(keys: Keys, hit: number, rank: number, isNumber: boolean, field: Field, descending: boolean): void {
  keys.classes[hit] = field.type === 'param' && !isNumber ? OTHER_TEXT : VALUE;
  keys.numbers[hit] = descending ? -rank : rank;
}

function leastText(value: FieldValue | readonly FieldValue[] | undefined): string | undefined {
  if (typeof value !== 'object') return value === undefined ? undefined : String(value);
  return value.map(String).sort()[0];
}

interface Ranks {
  /** How many texts of the column they tell of. */
  readonly count: number;
  /** Codes in the order of their texts. */
  readonly sorted: readonly number[];
  /** The place of each code in that order. */
  readonly ranks: Int32Array;
  /** 1 where the text of a param is a number. */
  readonly isNumber: Uint8Array;
}

const known = new WeakMap<TextColumn, Ranks>();

/** The order of the texts of a column; kept, and only new texts are sorted in. */
function ranksOf(column: TextColumn, field: Field): Ranks {
  const { texts } = column;
  const before = known.get(column);
  if (before?.count === texts.length) return before;
  const compareTexts = textOrder(field);
  const compare = (a: number, b: number) => compareTexts(texts[a] as string, texts[b] as string);
  const start = before?.count ?? 0;
  const fresh = Array.from({ length: texts.length - start }, (_, i) => start + i).sort(compare);
  const order = merged(before?.sorted ?? [], fresh, compare);
  const ranks = new Int32Array(texts.length);
  order.forEach((code, rank) => {
    ranks[code] = rank;
  });
  const isNumber = Uint8Array.from(texts, (text) => (isParamNumber(text, field) ? 1 : 0));
  const now = { count: texts.length, sorted: order, ranks, isNumber };
  known.set(column, now);
  return now;
}

function merged(a: readonly number[], b: readonly number[], compare: (a: number, b: number) => number): number[] {
  const result: number[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const fromA = j >= b.length || (i < a.length && compare(a[i] as number, b[j] as number) <= 0);
    result.push((fromA ? a[i++] : b[j++]) as number);
  }
  return result;
}

function isParamNumber(text: string, field: Field): boolean {
  return field.type === 'param' && numberIn(text) !== undefined;
}

/** Texts by code unit; params that are numbers first, by their number. */
function textOrder(field: Field): (a: string, b: string) => number {
  const byText = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1);
  if (field.type !== 'param') return byText;
  return (a, b) => {
    const [left, right] = [numberIn(a), numberIn(b)];
    if (left === undefined || right === undefined) {
      return left === right ? byText(a, b) : left === undefined ? 1 : -1;
    }
    return left - right || byText(a, b);
  };
}
