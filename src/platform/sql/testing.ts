import { afterEach, describe } from 'vitest';
import { type Database, type Migration, migrate, openDatabase } from '#platform/sql';

/** Opens an empty database with the given schema; it is closed, and dropped, after the test. */
export type OpenDatabase = (migrations: readonly Migration[]) => Promise<Database>;

/**
 * Runs a suite of store tests over every backend: SQLite always, PostgreSQL when `TRIMTAB_TEST_POSTGRES` holds the
 * URL of a server on which databases may be created (`.ci/run` sets it).
 */
export function describeDatabases(title: string, body: (open: OpenDatabase) => void): void {
  describe(`${title} on SQLite`, () => {
    body(opener(async () => ({ database: await openDatabase('sqlite::memory:'), drop: async () => undefined })));
  });
  const server = process.env.TRIMTAB_TEST_POSTGRES;
  const reason = server ? '' : ' (skipped: TRIMTAB_TEST_POSTGRES names no server)';
  describe.skipIf(!server)(`${title} on PostgreSQL${reason}`, () => {
    body(opener(() => openScratchPostgres(server ?? '')));
  });
}

function opener(openEmpty: () => Promise<{ database: Database; drop: () => Promise<void> }>): OpenDatabase {
  const opened: { database: Database; drop: () => Promise<void> }[] = [];
  afterEach(async () => {
    for (const { database, drop } of opened.splice(0)) {
      await database.close();
      await drop();
    }
  });
  return async (migrations) => {
    const fresh = await openEmpty();
    opened.push(fresh);
    await migrate(fresh.database, migrations);
    return fresh.database;
  };
}

let databaseNumber = 0;

async function openScratchPostgres(server: string) {
  const { url, drop } = await createScratchPostgres(server);
  return { database: await openDatabase(url), drop };
}

/** Makes an empty database on a PostgreSQL server: its URL, and how to get rid of it. */
export async function createScratchPostgres(server: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const { default: pg } = await import('pg');
  const name = `trimtab_test_${process.pid}_${databaseNumber++}`;
  const run = async (statement: string) => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await run(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.toString(), drop: () => run(`drop database ${name} with (force)`) };
}
