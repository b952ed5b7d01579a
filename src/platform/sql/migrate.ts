import { sqlErrors } from './errors.ts';
import type { Database, Sql } from './sql.ts';

/** One step of the schema, applied once per database, in its own transaction. Ids never change once released. */
export interface Migration {
  /** `<domain>-<number>-<what>`, e.g. `data-001-repositories`. */
  readonly id: string;
  up(sql: Sql): Promise<void>;
}

interface Tables {
  schema_migration: { id: string };
}

/**
 * Brings the database's schema up to date. Two processes that start together apply each step once: the second waits
 * for the lock and finds it done.
 *
 * @throws SQL_SCHEMA_NEWER when the database holds steps this program does not know
 */
export async function migrate(database: Database, migrations: readonly Migration[]): Promise<void> {
  await database
    .tables<Tables>()
    .schema.createTable('schema_migration')
    .ifNotExists()
    .addColumn('id', 'text', (c) => c.primaryKey())
    .execute();
  const known = new Set(migrations.map((migration) => migration.id));
  const applied = await appliedIds(database);
  const unknown = [...applied].filter((id) => !known.has(id));
  if (unknown.length > 0) throw sqlErrors.SQL_SCHEMA_NEWER({ migrations: unknown.join(', ') });
  for (const migration of migrations) {
    if (applied.has(migration.id)) continue;
    await database.transaction(async (tx) => {
      const claimed = await tx.insertRows('schema_migration', ['id'], [[migration.id]], { onConflict: 'ignore' });
      if (claimed === 1) await migration.up(tx);
    });
  }
}

async function appliedIds(sql: Sql): Promise<Set<string>> {
  const rows = await sql.tables<Tables>().selectFrom('schema_migration').select('id').execute();
  return new Set(rows.map((row) => row.id));
}
