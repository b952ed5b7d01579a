import { Kysely, PostgresDialect, sql } from 'kysely';
import type { Database, Sql, SqlValue } from './sql.ts';
import { WideIntegers } from './wide-integers.ts';

const INT8 = 20;
const NUMERIC = 1700;

/**
 * Opens PostgreSQL through `pg`, imported only when used. `bigint` comes back as a number: our bigints are
 * milliseconds, counts and sizes, all below 2^53.
 */
export async function openPostgres(url: string): Promise<Database> {
  const { default: pg } = await import('pg');
  const types = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format),
  };
  const pool = new pg.Pool({ connectionString: url, max: 10, types: types as typeof pg.types });
  // A connection that dies while idle is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => undefined);
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }), plugins: [new WideIntegers()] });
  return new PostgresDatabase(kysely, new Map());
}

class PostgresSql implements Sql {
  readonly dialect = 'postgres';
  protected readonly kysely: Kysely<unknown>;
  protected readonly columnTypes: Map<string, Map<string, string>>;

  constructor(kysely: Kysely<unknown>, columnTypes: Map<string, Map<string, string>>) {
    this.kysely = kysely;
    this.columnTypes = columnTypes;
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
    if (rows.length === 0) return 0;
    const lists = columns.map((_, index) => {
      const values = rows.map((row) => row[index] ?? null);
      const type = values.every((value) => value === null || typeof value === 'number') ? 'float8[]' : 'text[]';
      return { values, type };
    });
    const types = await this.#columnTypes(table);
    const selected = columns.map(
      (name, index) => sql`${sql.ref(`u.c${index}`)}::${sql.raw(types.get(name) ?? 'text')}`,
    );
    const arrays = lists.map(({ values, type }) => sql`${values}::${sql.raw(type)}`);
    const aliases = columns.map((_, index) => sql.ref(`c${index}`));
    const conflict = options?.onConflict === 'ignore' ? sql`on conflict do nothing` : sql``;
    const result = await sql`
      insert into ${sql.table(table)} (${sql.join(columns.map((name) => sql.ref(name)))})
      select ${sql.join(selected)} from unnest(${sql.join(arrays)}) as u(${sql.join(aliases)}) ${conflict}
    `.execute(this.kysely);
    return Number(result.numAffectedRows ?? 0);
  }

  /** The declared type of each column, so that one array per column can be cast back from text or double. */
  async #columnTypes(table: string): Promise<Map<string, string>> {
    const known = this.columnTypes.get(table);
    if (known) return known;
    const result = await sql<{ name: string; type: string }>`
      select a.attname as name, format_type(a.atttypid, a.atttypmod) as type
      from pg_attribute a where a.attrelid = to_regclass(${`"${table}"`}) and a.attnum > 0 and not a.attisdropped
    `.execute(this.kysely);
    const types = new Map(result.rows.map((row) => [row.name, row.type]));
    this.columnTypes.set(table, types);
    return types;
  }
}

class PostgresDatabase extends PostgresSql implements Database {
  transaction<Result>(work: (tx: Sql) => Promise<Result>): Promise<Result> {
    return this.kysely.transaction().execute((tx) => work(new PostgresSql(tx, this.columnTypes)));
  }

  async close(): Promise<void> {
    await this.kysely.destroy();
  }
}
