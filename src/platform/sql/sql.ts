import type { Kysely } from 'kysely';

/** What a column can hold on both dialects. */
export type SqlValue = string | number | Uint8Array | null;

/** A database, or one open transaction on it. */
export interface Sql {
  readonly dialect: 'sqlite' | 'postgres';

  /** The query builder, typed by the caller's own tables. */
  tables<Tables>(): Kysely<Tables>;

  /**
   * Writes many rows fast, with one prepared statement (SQLite) or one array parameter per column (PostgreSQL).
   * Call it inside a transaction when the rows belong to a larger change; alone it is atomic by itself.
   *
   * @param rows each row in the order of `columns`
   * @returns how many rows were written; with `onConflict: 'ignore'` existing keys are left alone and not counted
   */
  insertRows(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
    options?: { readonly onConflict?: 'error' | 'ignore' },
  ): Promise<number>;
}

/** A database that can open transactions. SQLite runs one at a time; PostgreSQL runs READ COMMITTED. */
export interface Database extends Sql {
  /** Runs `work` in one transaction: all of it is kept, or, when it throws, none. Do not nest. */
  transaction<Result>(work: (tx: Sql) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}
