import { type FrozenColumn, PREDICTION, type PredictedRow } from '../model.ts';
import { binOf } from './bins.ts';
import { derived } from './derive.ts';

/** How far outside the reference a number must lie to be called out of range, in widths of its range. */
const RANGE_MARGIN = 0.5;
const KEPT_UNSEEN = 1000;

/** What one column of a window holds, ready to be compared. */
export interface ColumnSample {
  readonly column: FrozenColumn;
  /** Rows with a value. */
  readonly rows: number;
  readonly counts: Float64Array;
  /** Numeric: the values. */
  readonly values: ArrayLike<number> | undefined;
  readonly missing: number;
  readonly wrongType: number;
  readonly outOfRange: number;
  /** Rows with a category the reference never had, by category; at most {@link KEPT_UNSEEN} categories are told apart. */
  readonly unseen: ReadonlyMap<string, number>;
  readonly unseenRows: number;
}

/** Gathers the rows of a window column by column; a row costs one look-up and one addition a column. */
export class WindowSample {
  rows = 0;
  readonly #columns: readonly Gathered[];

  constructor(columns: readonly FrozenColumn[]) {
    this.#columns = columns.map((column) => (column.kind === 'numeric' ? new Numbers(column) : new Categories(column)));
  }

  add(rows: readonly PredictedRow[]): void {
    this.rows += rows.length;
    for (const gathered of this.#columns) {
      const { from } = gathered.column;
      for (const row of rows) gathered.add(from === PREDICTION ? row.prediction : row.features[from]);
    }
  }

  /** The gathered columns. */
  columns(): readonly ColumnSample[] {
    return this.#columns;
  }
}

/** The bin of a logged value, -1 when it has none: missing, of the wrong type, or not a number. */
export function binsOf(column: FrozenColumn): (value: unknown) => number {
  if (column.kind === 'numeric') {
    const { edges, derive } = column;
    return (value) => (typeof value === 'number' && Number.isFinite(value) ? binOf(edges, derived(derive, value)) : -1);
  }
  const bins = new Map(column.categories.map((category, bin) => [category, bin]));
  const rest = column.categories.length;
  return (value) => (typeof value === 'string' && value !== '' ? (bins.get(value) ?? rest) : -1);
}

interface Gathered extends ColumnSample {
  add(value: unknown): void;
}

class Numbers implements Gathered {
  readonly column: Extract<FrozenColumn, { kind: 'numeric' }>;
  readonly counts: Float64Array;
  readonly values: number[] = [];
  readonly unseen = new Map<string, number>();
  readonly unseenRows = 0;
  missing = 0;
  wrongType = 0;
  outOfRange = 0;
  readonly #low: number;
  readonly #high: number;

  constructor(column: Extract<FrozenColumn, { kind: 'numeric' }>) {
    this.column = column;
    this.counts = new Float64Array(column.edges.length + 1);
    // What moves on by its nature, as time does, has no range to leave.
    const margin = column.comparable ? RANGE_MARGIN * (column.max - column.min) : Number.POSITIVE_INFINITY;
    this.#low = column.min - margin;
    this.#high = column.max + margin;
  }

  get rows(): number {
    return this.values.length;
  }

  add(value: unknown): void {
    if (value === null || value === undefined || Number.isNaN(value)) {
      this.missing++;
    } else if (typeof value !== 'number' || !Number.isFinite(value)) {
      this.wrongType++;
    } else {
      const watched = derived(this.column.derive, value);
      if (watched < this.#low || watched > this.#high) this.outOfRange++;
      const bin = binOf(this.column.edges, watched);
      this.counts[bin] = (this.counts[bin] ?? 0) + 1;
      this.values.push(watched);
    }
  }
}

class Categories implements Gathered {
  readonly column: Extract<FrozenColumn, { kind: 'category' }>;
  readonly counts: Float64Array;
  readonly values = undefined;
  readonly unseen = new Map<string, number>();
  readonly outOfRange = 0;
  rows = 0;
  unseenRows = 0;
  missing = 0;
  wrongType = 0;
  readonly #bins: ReadonlyMap<string, number>;
  readonly #known: ReadonlySet<string> | undefined;

  constructor(column: Extract<FrozenColumn, { kind: 'category' }>) {
    this.column = column;
    this.counts = new Float64Array(column.categories.length + 1);
    this.#bins = new Map(column.categories.map((category, bin) => [category, bin]));
    this.#known = column.others ? new Set(column.others) : undefined;
  }

  add(value: unknown): void {
    if (value === null || value === undefined || value === '') {
      this.missing++;
    } else if (typeof value !== 'string') {
      this.wrongType++;
    } else {
      const bin = this.#bins.get(value) ?? this.column.categories.length;
      this.counts[bin] = (this.counts[bin] ?? 0) + 1;
      this.rows++;
      if (bin === this.column.categories.length && this.#known && !this.#known.has(value)) this.#noteUnseen(value);
    }
  }

  #noteUnseen(value: string): void {
    this.unseenRows++;
    const before = this.unseen.get(value);
    if (before !== undefined || this.unseen.size < KEPT_UNSEEN) this.unseen.set(value, (before ?? 0) + 1);
  }
}
