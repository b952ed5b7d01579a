import type { Field, FieldValue } from '#platform/search';
import type { RunLifecycle } from '../model.ts';
import type { Cell, RunBase } from '../store/search.ts';
import { type Column, NumberColumn, type StoredColumn, TextColumn, TextsColumn } from './column.ts';
import { RunIds } from './run-ids.ts';
import { StandingOrders } from './standing-order.ts';
import { nameOf } from './vocabulary.ts';

const GONE = 0;
const ACTIVE = 1;
const DELETED = 2;

/** Fields that are not read but follow from what is there. */
const DERIVED = new Set(['attributes.id', 'attributes.experiment', 'attributes.startedAt', 'attributes.duration']);

/** The runs of one experiment, a row each, with those columns that somebody asked for. */
export class RunColumns {
  readonly experiment: number;
  readonly ids = new RunIds();
  /** Changes with everything that changes here. */
  version = 0;
  lastUse = 0;
  /** Tells this table from an earlier one of the same experiment. */
  readonly born: number;
  experimentName = '';
  readonly #startedAt = new NumberColumn();
  readonly #stored = new Map<string, { readonly field: Field; readonly column: StoredColumn; lastUse: number }>();
  readonly orders = new StandingOrders(this);
  #lifecycles = new Uint8Array(64);
  #revisions = new Float64Array(64);

  #children: { readonly version: number; readonly lifecycle: string; readonly counts: Map<string, number> } | undefined;

  constructor(experiment: number, born: number) {
    this.experiment = experiment;
    this.born = born;
  }

  /** Rows there are, those of runs that are gone included. */
  get rows(): number {
    return this.ids.count;
  }

  get sizeBytes(): number {
    let size =
      this.ids.sizeBytes + this.#lifecycles.byteLength + this.#revisions.byteLength + this.#startedAt.sizeBytes;
    size += this.orders.sizeBytes;
    for (const { column } of this.#stored.values()) size += column.sizeBytes;
    return size;
  }

  /** Marks the rows of a lifecycle. */
  marks(lifecycle: RunLifecycle | 'all'): Uint8Array {
    const wanted = lifecycle === 'active' ? ACTIVE : DELETED;
    const marks = new Uint8Array(this.rows);
    for (let row = 0; row < marks.length; row++) {
      const own = this.#lifecycles[row];
      marks[row] = own !== GONE && (lifecycle === 'all' || own === wanted) ? 1 : 0;
    }
    return marks;
  }

  revisionAt(row: number): number {
    return this.#revisions[row] as number;
  }

  /** False for a run that is gone. */
  isThere(row: number): boolean {
    return this.#lifecycles[row] !== GONE;
  }

  lifecycleAt(row: number): RunLifecycle {
    return this.#lifecycles[row] === DELETED ? 'deleted' : 'active';
  }

  startedAt(row: number): number {
    return this.#startedAt.get(row) ?? 0;
  }

  /** Fields among these that are not loaded. */
  missing(fields: readonly Field[]): Field[] {
    return fields.filter((field) => !DERIVED.has(nameOf(field)) && !this.#stored.has(nameOf(field)));
  }

  /** A column that is loaded, or derived. */
  column(field: Field): Column {
    const name = nameOf(field);
    const stored = this.#stored.get(name);
    if (stored) return stored.column;
    if (name === 'attributes.startedAt') return this.#startedAt;
    if (name === 'attributes.duration') return this.#derived((row) => this.#duration(row));
    if (name === 'attributes.experiment') return this.#derived(() => this.experimentName);
    return this.#derived((row) => this.ids.get(row));
  }

  use(fields: readonly Field[], tick: number): void {
    this.lastUse = tick;
    for (const field of fields) {
      const stored = this.#stored.get(nameOf(field));
      if (stored) stored.lastUse = tick;
    }
  }

  /** Adds columns with what their cells hold. */
  addColumns(columns: readonly LoadedColumn[]): void {
    for (const { field, column } of columns) this.#stored.set(nameOf(field), { field, column, lastUse: 0 });
  }

  /** Fields of every stored column. */
  get storedFields(): readonly Field[] {
    return [...this.#stored.values()].map(({ field }) => field);
  }

  /** Adds a run, or notes how it is now. @returns whether it was not known so */
  put({ id, lifecycle, revision, startedAtMs }: RunBase): boolean {
    const known = this.ids.find(id);
    if (known !== undefined && this.#revisions[known] === revision && this.#lifecycles[known] !== GONE) return false;
    const row = known ?? this.ids.add(id);
    if (row >= this.#lifecycles.length) this.#grow();
    this.#lifecycles[row] = lifecycle === 'active' ? ACTIVE : DELETED;
    this.#revisions[row] = revision;
    this.#startedAt.put(row, startedAtMs);
    this.orders.changed(row);
    this.version += 1;
    return true;
  }

  /** Forgets a run that is gone or belongs to another experiment now. */
  remove(id: string): void {
    const row = this.ids.find(id);
    if (row === undefined || this.#lifecycles[row] === GONE) return;
    this.#lifecycles[row] = GONE;
    this.orders.changed(row);
    this.version += 1;
  }

  /** Puts what runs hold now in the place of what they held. */
  replaceCells(ids: readonly string[], cells: readonly Cell[]): void {
    const rows = ids.map((id) => this.ids.find(id));
    for (const row of rows) if (row !== undefined) this.orders.changed(row);
    for (const { column } of this.#stored.values()) {
      for (const row of rows) if (row !== undefined) column.clear(row);
    }
    for (const { run, entity, key, value } of cells) {
      const row = rows[run];
      if (row !== undefined) this.#stored.get(`${entity}.${key}`)?.column.put(row, value);
    }
    this.version += 1;
  }

  /** How many runs of a lifecycle are part of each run, by its id; the column of parents must be loaded. */
  childCounts(lifecycle: RunLifecycle | 'all'): ReadonlyMap<string, number> {
    const known = this.#children;
    if (known?.version === this.version && known.lifecycle === lifecycle) return known.counts;
    const counts = new Map<string, number>();
    const parents = this.#stored.get('attributes.parent')?.column;
    const marks = this.marks(lifecycle);
    for (let row = 0; row < marks.length; row++) {
      const parent = marks[row] === 1 ? parents?.get(row) : undefined;
      if (typeof parent === 'string') counts.set(parent, (counts.get(parent) ?? 0) + 1);
    }
    this.#children = { version: this.version, lifecycle, counts };
    return counts;
  }

  /** Stored columns with when they were last used and what they weigh. */
  weights(): { readonly name: string; readonly lastUse: number; readonly sizeBytes: number }[] {
    return [...this.#stored].map(([name, { column, lastUse }]) => ({ name, lastUse, sizeBytes: column.sizeBytes }));
  }

  drop(name: string): void {
    this.#stored.delete(name);
  }

  #derived(get: (row: number) => FieldValue | undefined): Column {
    return { get, sizeBytes: 0 };
  }

  #duration(row: number): number | undefined {
    const endedAt = this.#stored.get('attributes.endedAt')?.column.get(row);
    return typeof endedAt === 'number' ? endedAt - this.startedAt(row) : undefined;
  }

  #grow(): void {
    const lifecycles = new Uint8Array(this.#lifecycles.length * 2);
    lifecycles.set(this.#lifecycles);
    this.#lifecycles = lifecycles;
    const revisions = new Float64Array(this.#revisions.length * 2);
    revisions.set(this.#revisions);
    this.#revisions = revisions;
  }
}

/** A column being loaded. */
export interface LoadedColumn {
  readonly field: Field;
  readonly column: StoredColumn;
}

/** An empty column for a field. */
export function emptyColumn(field: Field): LoadedColumn {
  if (field.entity === 'datasets' || field.entity === 'inputs') return { field, column: new TextsColumn() };
  const numeric = field.type === 'number' || field.type === 'time';
  return { field, column: numeric ? new NumberColumn() : new TextColumn() };
}

/** What must be loaded to know the fields. */
export function storedFieldsFor(fields: readonly Field[]): Field[] {
  const needed = new Map<string, Field>();
  for (const field of fields) {
    const stored: Field =
      nameOf(field) === 'attributes.duration' ? { entity: 'attributes', key: 'endedAt', type: 'time' } : field;
    needed.set(nameOf(stored), stored);
  }
  return [...needed.values()];
}
