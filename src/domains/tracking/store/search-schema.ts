import { sql as raw } from 'kysely';
import type { Migration, Sql } from '#platform/sql';

/**
 * Every change of a row of tracking_run gives it a new revision, and a row that is deleted leaves its id in tracking_gone
 * with one, so that whoever remembers runs can ask what changed since he looked. Triggers see to it: no writer can
 * forget. What hangs on a run (params, metrics, tags, inputs) has no revision of its own; who writes it touches the run.
 *
 * On SQLite a revision is a number that only grows. On PostgreSQL it is the id of the transaction: numbers drawn from a
 * sequence become visible in another order than they are drawn, but what transactions below `pg_snapshot_xmin` wrote
 * is all visible.
 */
export const searchMigrations: readonly Migration[] = [
  {
    id: 'tracking-003-revisions',
    up: async (sql) => {
      const { schema } = sql.tables();
      await schema
        .alterTable('tracking_run')
        .addColumn('revision', 'bigint', (c) => c.notNull().defaultTo(0))
        .execute();
      await schema
        .createTable('tracking_gone')
        .addColumn('run', 'text', (c) => c.notNull())
        .addColumn('revision', 'bigint', (c) => c.notNull())
        .execute();
      await schema.createIndex('tracking_gone_by_revision').on('tracking_gone').column('revision').execute();
      if (sql.dialect === 'sqlite') await countOnSqlite(sql);
      else await countOnPostgres(sql);
      await schema.createIndex('tracking_run_by_revision').on('tracking_run').column('revision').execute();
      await schema.createIndex('tracking_run_by_id').on('tracking_run').columns(['experiment', 'id']).execute();
    },
  },
];

async function countOnSqlite(sql: Sql): Promise<void> {
  const run = (statement: string) => raw.raw(statement).execute(sql.tables());
  const next = `1 + max(
    coalesce((select max(revision) from tracking_run), 0), coalesce((select max(revision) from tracking_gone), 0))`;
  await run('update tracking_run set revision = rowid');
  const number = `update tracking_run set revision = ${next} where rowid = new.rowid;`;
  await run(`create trigger tracking_run_made after insert on tracking_run begin ${number} end`);
  await run(`create trigger tracking_run_changed after update on tracking_run
    when new.revision = old.revision begin ${number} end`);
  await run(`create trigger tracking_run_gone after delete on tracking_run begin
    insert into tracking_gone (run, revision) values (old.id, max(${next}, old.revision + 1)); end`);
}

async function countOnPostgres(sql: Sql): Promise<void> {
  const run = (statement: string) => raw.raw(statement).execute(sql.tables());
  const transaction = 'pg_current_xact_id()::text::bigint';
  await run(`update tracking_run set revision = ${transaction}`);
  await run(`create function tracking_run_revision() returns trigger language plpgsql as $$
    begin new.revision := ${transaction}; return new; end $$`);
  await run(`create function tracking_run_gone() returns trigger language plpgsql as $$
    begin insert into tracking_gone (run, revision) values (old.id, ${transaction}); return null; end $$`);
  await run(`create trigger tracking_run_changed before insert or update on tracking_run
    for each row execute function tracking_run_revision()`);
  await run(`create trigger tracking_run_gone after delete on tracking_run
    for each row execute function tracking_run_gone()`);
}
