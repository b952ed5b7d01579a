import type { Field } from '#platform/search';
import type { Database } from '#platform/sql';
import { readBases, readCells, readChanges, readMark, type Wanted } from '../store/search.ts';
import { emptyColumn, RunColumns, storedFieldsFor } from './run-columns.ts';
import { nameOf } from './vocabulary.ts';

/** Runs read at once: SQLite reads in this thread, so a part must not take long. */
const CHUNK = { sqlite: 2000, postgres: 20_000 } as const;
export const DEFAULT_COLUMN_BYTES = 192 * 1024 * 1024;

/**
 * Columns of runs in memory, by experiment, read when first asked for. Before every look they are brought up to date:
 * the database tells which runs changed since the last, and of those the loaded columns are read again. So a look sees
 * everything that was committed before it. What was not used for longest goes when there is too much.
 */
export class ColumnStore {
  readonly #database: Database;
  readonly #limitBytes: number;
  readonly #tables = new Map<number, RunColumns>();
  #mark: number | undefined;
  #tick = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(database: Database, limitBytes: number = DEFAULT_COLUMN_BYTES) {
    this.#database = database;
    this.#limitBytes = limitBytes;
  }

  get sizeBytes(): number {
    return [...this.#tables.values()].reduce((sum, table) => sum + table.sizeBytes, 0);
  }

  /**
   * Looks at the runs of experiments, with these fields loaded and everything committed seen. `look` must not wait: while
   * it runs nothing changes.
   */
  look<Result>(
    experiments: readonly number[],
    fields: readonly Field[],
    look: (tables: readonly RunColumns[]) => Result,
  ): Promise<Result> {
    const looked = this.#last.then(async () => {
      this.#tick += 1;
      await this.#refresh().catch((error: unknown) => {
        // Half brought up to date is worse than nothing.
        this.#tables.clear();
        this.#mark = undefined;
        throw error;
      });
      const needed = storedFieldsFor(fields);
      const tables: RunColumns[] = [];
      for (const experiment of experiments) tables.push(await this.#loaded(experiment, needed));
      const result = look(tables);
      this.#makeRoom();
      return result;
    });
    this.#last = looked.catch(() => undefined);
    return looked;
  }

  async #refresh(): Promise<void> {
    if (this.#mark === undefined) {
      this.#mark = await readMark(this.#database);
      return;
    }
    if (this.#tables.size === 0) return;
    const { mark, changes } = await readChanges(this.#database, this.#mark);
    const dirty = new Map<RunColumns, string[]>();
    for (const table of this.#tables.values()) {
      const changed: string[] = [];
      for (const { id, base } of changes) {
        if (base?.experiment !== table.experiment) table.remove(id);
        else if (table.put(base)) changed.push(id);
      }
      if (changed.length > 0) dirty.set(table, changed);
    }
    for (const [table, ids] of dirty) await this.#reread(table, ids);
    this.#mark = mark;
  }

  async #reread(table: RunColumns, ids: readonly string[]): Promise<void> {
    const wanted = wantedOf(table.storedFields);
    if (wanted.size === 0) return;
    const limit = CHUNK[this.#database.dialect];
    for (let start = 0; start < ids.length; start += limit) {
      const chunk = ids.slice(start, start + limit);
      table.replaceCells(chunk, await readCells(this.#database, chunk, wanted));
      if (chunk.length === limit) await turn();
    }
  }

  async #loaded(experiment: number, fields: readonly Field[]): Promise<RunColumns> {
    let table = this.#tables.get(experiment);
    if (!table) {
      table = await this.#loadTable(experiment);
      this.#tables.set(experiment, table);
    }
    const missing = table.missing(fields);
    if (missing.length > 0) await this.#loadColumns(table, missing);
    table.use(fields, this.#tick);
    return table;
  }

  async #loadTable(experiment: number): Promise<RunColumns> {
    const table = new RunColumns(experiment, this.#tick);
    const limit = CHUNK[this.#database.dialect];
    for (let after = ''; ; ) {
      const bases = await readBases(this.#database, experiment, after, limit);
      for (const base of bases) table.put(base);
      const last = bases.at(-1);
      if (last === undefined || bases.length < limit) return table;
      after = last.id;
      await turn();
    }
  }

  async #loadColumns(table: RunColumns, fields: readonly Field[]): Promise<void> {
    const columns = new Map(fields.map((field) => [nameOf(field), emptyColumn(field)]));
    const limit = CHUNK[this.#database.dialect];
    const wanted = wantedOf(fields);
    for (let start = 0; start < table.rows; start += limit) {
      const ids = Array.from({ length: Math.min(limit, table.rows - start) }, (_, i) => table.ids.get(start + i));
      for (const { run, entity, key, value } of await readCells(this.#database, ids, wanted)) {
        columns.get(`${entity}.${key}`)?.column.put(start + run, value);
      }
      if (ids.length === limit) await turn();
    }
    table.addColumns([...columns.values()]);
  }

  /** Lets go of what was not used for longest, but of nothing that the last look used. */
  #makeRoom(): void {
    let size = this.sizeBytes;
    if (size <= this.#limitBytes) return;
    const columns = [...this.#tables.values()].flatMap((table) =>
      table.weights().map((weight) => ({ table, ...weight })),
    );
    for (const { table, name, lastUse, sizeBytes } of columns.sort((a, b) => a.lastUse - b.lastUse)) {
      if (size <= this.#limitBytes || lastUse === this.#tick) break;
      table.drop(name);
      size -= sizeBytes;
    }
    for (const table of [...this.#tables.values()].sort((a, b) => a.lastUse - b.lastUse)) {
      if (size <= this.#limitBytes || table.lastUse === this.#tick) break;
      this.#tables.delete(table.experiment);
      size -= table.sizeBytes;
    }
  }
}

function wantedOf(fields: readonly Field[]): Wanted {
  const wanted = new Map<string, string[]>();
  for (const { entity, key } of fields) {
    const keys = wanted.get(entity) ?? [];
    wanted.set(entity, keys);
    keys.push(key);
  }
  return wanted;
}

/** Lets others have a turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
