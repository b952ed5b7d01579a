import { type Condition, type Field, matcher, type Order } from '#platform/search';
import type { RunLifecycle } from '../model.ts';
import type { Column } from './column.ts';
import { sortByNumber } from './radix.ts';
import type { RunIds } from './run-ids.ts';
import { nameOf } from './vocabulary.ts';

/** Rows from which it is worth while to keep runs in order. */
export const STANDING_FROM = 50_000;
/** Rows that are looked at one by one before all are looked at together, which is faster a row. */
const MAX_STEPS = 20_000;
const MAX_CHANGED_SHARE = 1 / 50;
const MAX_ORDERS = 8;

/** Runs, a row each. */
interface Table {
  readonly rows: number;
  readonly ids: RunIds;
  column(field: Field): Column;
  startedAt(row: number): number;
  isThere(row: number): boolean;
  lifecycleAt(row: number): RunLifecycle;
}

/** Which of them are meant. */
interface Wanted {
  readonly lifecycle: RunLifecycle | 'all';
  readonly condition: Condition | undefined;
}

/** The runs of a table in an order, as they were once, and which have changed since. */
interface StandingOrder {
  readonly rows: Int32Array;
  readonly changed: Set<number>;
  /** By which it was sorted: another column of the same field may hold something else. */
  readonly column: Column | undefined;
}

/**
 * Runs kept in some orders, so that the first of them are found without a look at all. What has changed since a table
 * was sorted is looked at as well; when that is much it is sorted anew.
 */
export class StandingOrders {
  readonly #table: Table;
  readonly #orders = new Map<string, StandingOrder>();
  #byId: Int32Array | undefined;

  constructor(table: Table) {
    this.#table = table;
  }

  get sizeBytes(): number {
    let size = this.#byId?.byteLength ?? 0;
    for (const { rows, changed } of this.#orders.values()) size += rows.byteLength + changed.size * 40;
    return size;
  }

  /** Notes that a run is not what it was. */
  changed(row: number): void {
    for (const [name, { rows, changed }] of this.#orders) {
      changed.add(row);
      if (changed.size > Math.max(1000, rows.length * MAX_CHANGED_SHARE)) this.#orders.delete(name);
    }
  }

  /**
   * Rows among which are the first `count` that meet a selection, in no order; undefined when they are not found this
   * way.
   */
  first(selection: Wanted, orders: readonly Order[], count: number): Int32Array | undefined {
    const [order] = orders;
    if (orders.length > 1 || (order && order.field.type !== 'number' && order.field.type !== 'time')) return undefined;
    const { rows, changed } = this.#standing(order);
    const holds = rowTest(this.#table, selection);
    const found: number[] = [];
    for (let i = 0; i < rows.length && found.length < count; i++) {
      if (i === MAX_STEPS) return undefined;
      const row = rows[i] as number;
      if (!changed.has(row) && holds(row)) found.push(row);
    }
    for (const row of changed) if (holds(row)) found.push(row);
    return Int32Array.from(found);
  }

  #standing(order: Order | undefined): StandingOrder {
    const name = order ? `${nameOf(order.field)} ${order.descending}` : '';
    const column = order && this.#table.column(order.field);
    const known = this.#orders.get(name);
    this.#orders.delete(name);
    // A derived column is made for each look; what it holds changes with its row.
    const usable = known && (known.column === column || order?.field.key === 'duration');
    const now = usable ? known : { rows: this.#sorted(column, order), changed: new Set<number>(), column };
    this.#orders.set(name, now);
    // The order of a map is that of insertion: at its start is what was asked for longest ago.
    for (const oldest of this.#orders.keys()) {
      if (this.#orders.size <= MAX_ORDERS) break;
      this.#orders.delete(oldest);
    }
    return now;
  }

  /** Every row, by an order, then newest first, then by id. */
  #sorted(column: Column | undefined, order: Order | undefined): Int32Array {
    const table = this.#table;
    if (this.#byId?.length !== table.rows) this.#byId = table.ids.sorted();
    const newest = sortByNumber(this.#byId, (row) => -table.startedAt(row));
    if (!column || !order) return newest;
    const values = new Float64Array(table.rows);
    const isThere = new Uint8Array(table.rows);
    for (let row = 0; row < table.rows; row++) {
      const value = column.get(row);
      if (typeof value !== 'number') continue;
      isThere[row] = Number.isNaN(value) ? 2 : 1;
      values[row] = order.descending ? -value : value;
    }
    const numbers = sortByNumber(
      newest.filter((row) => isThere[row] === 1),
      (row) => values[row] as number,
    );
    const all = new Int32Array(table.rows);
    all.set(numbers);
    all.set(
      newest.filter((row) => isThere[row] === 2),
      numbers.length,
    );
    const missing = newest.filter((row) => isThere[row] === 0);
    all.set(missing, all.length - missing.length);
    return all;
  }
}

function rowTest(table: Table, { lifecycle, condition }: Wanted): (row: number) => boolean {
  const isMeant = (row: number) => table.isThere(row) && (lifecycle === 'all' || table.lifecycleAt(row) === lifecycle);
  if (!condition) return isMeant;
  const columns = new Map<Field, Column>();
  const columnOf = (field: Field) => {
    const known = columns.get(field);
    if (known) return known;
    const column = table.column(field);
    columns.set(field, column);
    return column;
  };
  const holds = matcher(condition);
  let at = 0;
  const lookup = (field: Field) => columnOf(field).get(at);
  return (row) => {
    at = row;
    return isMeant(row) && holds(lookup);
  };
}
