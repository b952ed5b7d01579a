import { DatabaseSync } from 'node:sqlite';

export type Cell = string | number | null;
export type Row = Readonly<Record<string, Cell>>;

/** A database that is only read. */
export interface Query {
  /** Rows of a statement; each `?` takes a parameter in turn. */
  rows(text: string, parameters?: readonly Cell[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Opens `sqlite:///path`, `sqlite:path` or `postgres://…` for reading. */
export async function openQuery(url: string): Promise<Query> {
  if (url.startsWith('sqlite:')) {
    // SQLAlchemy writes three slashes before a relative path and four before an absolute one.
    const path = url.startsWith('sqlite:///') ? url.slice('sqlite:///'.length) : url.slice('sqlite:'.length);
    return sqliteQuery(path);
  }
  return postgresQuery(url.replace(/^postgresql\+\w+:/, 'postgresql:'));
}

function sqliteQuery(path: string): Query {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
  return {
    rows: async (text, parameters = []) => database.prepare(text).all(...parameters) as unknown as readonly Row[],
    close: async () => database.close(),
  };
}

const INT8 = 20;

async function postgresQuery(url: string): Promise<Query> {
  const { default: pg } = await import('pg');
  const types = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === INT8 ? Number : pg.types.getTypeParser(oid, format),
  };
  const client = new pg.Client({ connectionString: url, types: types as typeof pg.types });
  await client.connect();
  await client.query('set default_transaction_read_only = on');
  return {
    async rows(text, parameters = []) {
      let next = 0;
      const { rows } = await client.query<Row>(
        text.replaceAll('?', () => `$${++next}`),
        [...parameters],
      );
      return rows;
    },
    close: () => client.end(),
  };
}
