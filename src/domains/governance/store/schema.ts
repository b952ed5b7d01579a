import { sql as raw } from 'kysely';
import type { Migration, Sql } from '#platform/sql';
import { GENESIS } from '../core/chain.ts';

export interface GovernanceTables {
  governance_audit: {
    sequence: number;
    at_ms: number;
    actor: string;
    pointer: string;
    moved_from: string | null;
    moved_to: string | null;
    reason: string;
    evidence: string;
    evidence_digest: string;
    previous_digest: string;
    digest: string;
  };
  /** One row: the newest entry, locked by whoever appends, and what tells that the end of the log was cut off. */
  governance_audit_head: { id: number; sequence: number; digest: string };
  governance_lineage: { from_ref: string; to_ref: string; relation: string; at_ms: number };
}

export const governanceMigrations: readonly Migration[] = [
  {
    id: 'governance-001-audit',
    up: async (sql) => {
      const { schema } = sql.tables<GovernanceTables>();
      await schema
        .createTable('governance_audit')
        .addColumn('sequence', 'bigint', (c) => c.primaryKey())
        .addColumn('at_ms', 'bigint', (c) => c.notNull())
        .addColumn('actor', 'text', (c) => c.notNull())
        .addColumn('pointer', 'text', (c) => c.notNull())
        .addColumn('moved_from', 'text')
        .addColumn('moved_to', 'text')
        .addColumn('reason', 'text', (c) => c.notNull())
        .addColumn('evidence', 'text', (c) => c.notNull())
        .addColumn('evidence_digest', 'text', (c) => c.notNull())
        .addColumn('previous_digest', 'text', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .execute();
      await schema
        .createIndex('governance_audit_by_pointer')
        .on('governance_audit')
        .columns(['pointer', 'sequence'])
        .execute();
      await schema
        .createIndex('governance_audit_by_actor')
        .on('governance_audit')
        .columns(['actor', 'sequence'])
        .execute();
      await schema
        .createTable('governance_audit_head')
        .addColumn('id', 'integer', (c) => c.primaryKey())
        .addColumn('sequence', 'bigint', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .execute();
      await sql.insertRows(
        'governance_audit_head',
        ['id', 'sequence', 'digest'],
        [[1, GENESIS.sequence, GENESIS.digest]],
      );
      await (sql.dialect === 'sqlite' ? appendOnlySqlite(sql) : appendOnlyPostgres(sql));
    },
  },
  {
    id: 'governance-002-lineage',
    up: async (sql) => {
      const { schema } = sql.tables<GovernanceTables>();
      await schema
        .createTable('governance_lineage')
        .addColumn('from_ref', 'text', (c) => c.notNull())
        .addColumn('to_ref', 'text', (c) => c.notNull())
        .addColumn('relation', 'text', (c) => c.notNull())
        .addColumn('at_ms', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('governance_lineage_key', ['from_ref', 'to_ref', 'relation'])
        .execute();
      await schema.createIndex('governance_lineage_up').on('governance_lineage').columns(['to_ref']).execute();
    },
  },
];

/** No program changes an entry by mistake. Who owns the database can drop the trigger; the digests tell then. */
async function appendOnlySqlite(sql: Sql): Promise<void> {
  for (const verb of ['update', 'delete']) {
    await raw`
      create trigger ${raw.raw(`governance_audit_no_${verb}`)} before ${raw.raw(verb)} on governance_audit
      begin select raise(abort, 'the audit log is append-only'); end`.execute(sql.tables());
  }
  // "insert or replace" deletes without asking the trigger above.
  await raw`
    create trigger governance_audit_no_replace before insert on governance_audit
    when exists (select 1 from governance_audit where sequence = new.sequence)
    begin select raise(abort, 'the audit log is append-only'); end`.execute(sql.tables());
}

async function appendOnlyPostgres(sql: Sql): Promise<void> {
  await raw`
    create function governance_audit_refuse() returns trigger language plpgsql as
    $$ begin raise exception 'the audit log is append-only'; end $$`.execute(sql.tables());
  await raw`
    create trigger governance_audit_no_change before update or delete or truncate on governance_audit
    for each statement execute function governance_audit_refuse()`.execute(sql.tables());
}
