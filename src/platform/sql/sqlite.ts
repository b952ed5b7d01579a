import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import type { Database, Sql, SqlValue } from './sql.ts';

/**
 * Opens SQLite through `node:sqlite`: write-ahead log, foreign keys on, one writer (this process).
 * A committed transaction survives the death of the process; `synchronous=NORMAL` may lose the last ones when the
 * whole machine loses power.
 *
 * @param file a path, created with its folder when missing, or `:memory:`
 */
export async function openSqlite(file: string): Promise<Database> {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
  const connection = new DatabaseSync(file, { timeout: 10_000 });
  connection.exec(
    'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-16000',
  );
  // Every 16 MB of log instead of 4: a checkpoint waits for the disk, and writes a page that changed often only once.
  connection.exec('PRAGMA wal_autocheckpoint=4000');
  const prepared = new PreparedStatements(connection);
  const kysely = new Kysely<unknown>({
    dialect: new SqliteDialect({ database: asBetterSqlite(connection, prepared) }),
  });
  const database = new SqliteDatabase(kysely, connection, prepared);
  return database;
}

/** Rows that one statement writes; what is left over is written row by row. */
const ROWS_TOGETHER = 8;

class SqliteSql implements Sql {
  readonly dialect = 'sqlite';
  protected readonly kysely: Kysely<unknown>;
  protected readonly prepared: PreparedStatements;

  constructor(kysely: Kysely<unknown>, prepared: PreparedStatements) {
    this.kysely = kysely;
    this.prepared = prepared;
  }

  tables<Tables>(): Kysely<Tables> {
    // The builder only builds text; which tables exist is known to the domain that owns them.
    return this.kysely as unknown as Kysely<Tables>;
  }

  async insertRows(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
    options?: { readonly onConflict?: 'error' | 'ignore' },
  ): Promise<number> {
    const verb = options?.onConflict === 'ignore' ? 'insert or ignore' : 'insert';
    const into = `${verb} into "${table}" (${columns.map((name) => `"${name}"`).join(', ')}) values `;
    const marks = `(${columns.map(() => '?').join(', ')})`;
    let written = 0;
    let next = 0;
    if (rows.length >= ROWS_TOGETHER) {
      const { statement } = this.prepared.get(into + new Array<string>(ROWS_TOGETHER).fill(marks).join(', '));
      for (; next + ROWS_TOGETHER <= rows.length; next += ROWS_TOGETHER) {
        const values: SqlValue[] = [];
        for (let at = next; at < next + ROWS_TOGETHER; at++) {
          const row = rows[at] as readonly SqlValue[];
          for (let column = 0; column < row.length; column++) values.push(row[column] as SqlValue);
        }
        written += Number(statement.run(...values).changes);
      }
    }
    if (next === rows.length) return written;
    const { statement } = this.prepared.get(into + marks);
    for (; next < rows.length; next++) written += Number(statement.run(...(rows[next] as readonly SqlValue[])).changes);
    return written;
  }
}

class SqliteDatabase extends SqliteSql implements Database {
  readonly #connection: DatabaseSync;

  constructor(kysely: Kysely<unknown>, connection: DatabaseSync, prepared: PreparedStatements) {
    super(kysely, prepared);
    this.#connection = connection;
  }

  override insertRows(...parameters: Parameters<Sql['insertRows']>): Promise<number> {
    return this.transaction((tx) => tx.insertRows(...parameters));
  }

  transaction<Result>(work: (tx: Sql) => Promise<Result>): Promise<Result> {
    return this.kysely.transaction().execute((tx) => work(new SqliteSql(tx, this.prepared)));
  }

  async close(): Promise<void> {
    await this.kysely.destroy();
    if (this.#connection.isOpen) this.#connection.close();
  }
}

interface Prepared {
  readonly statement: StatementSync;
  /** Whether it answers with rows. Asked once: what the statement says of its columns is built anew at each call. */
  readonly reader: boolean;
}

/** Prepared statements by their text, the least recently used dropped first. */
class PreparedStatements {
  readonly #connection: DatabaseSync;
  readonly #byText = new Map<string, Prepared>();

  constructor(connection: DatabaseSync) {
    this.#connection = connection;
  }

  get(text: string): Prepared {
    const known = this.#byText.get(text);
    if (known) {
      this.#byText.delete(text);
      this.#byText.set(text, known);
      return known;
    }
    const statement = this.#connection.prepare(text);
    const prepared = { statement, reader: statement.columns().length > 0 };
    this.#byText.set(text, prepared);
    if (this.#byText.size > 200) {
      const oldest = this.#byText.keys().next().value;
      if (oldest !== undefined) this.#byText.delete(oldest);
    }
    return prepared;
  }
}

/** Kysely's SQLite driver speaks to better-sqlite3's shape; `node:sqlite` differs only in how it names things. */
function asBetterSqlite(connection: DatabaseSync, prepared: PreparedStatements) {
  return {
    close: () => {
      if (connection.isOpen) connection.close();
    },
    prepare: (text: string) => {
      const { statement, reader } = prepared.get(text);
      return {
        reader,
        all: (parameters: readonly unknown[]) => statement.all(...(parameters as SqlValue[])),
        run: (parameters: readonly unknown[]) => statement.run(...(parameters as SqlValue[])),
        iterate: (parameters: readonly unknown[]) => statement.iterate(...(parameters as SqlValue[])),
      };
    },
  };
}
