import { sql as raw } from 'kysely';
import type { Migration } from '#platform/sql';

export interface RegistryTables {
  registry_model: {
    /** What references and the other tables call it; never changes and is never given to another. */
    key: string;
    /** What people call it. No two models that are there have the same. */
    name: string;
    description: string;
    protected_aliases: string;
    created_by: string;
    created_at: number;
    updated_at: number;
    deleted_at: number | null;
  };
  registry_model_tag: { model: string; key: string; value: string };
  registry_version: {
    model: string;
    number: number;
    digest: string;
    idempotency_key: string | null;
    /** As it was registered. */
    description: string;
    /** What stands in its place since; null: nothing. */
    described_as: string | null;
    run: string | null;
    inputs: string;
    code_commit: string | null;
    /** Empty of a version that was registered by where its files lie. */
    file_digest: string;
    file_size: number;
    signature: string;
    golden: string;
    metrics: string;
    evaluation: string;
    reference: string | null;
    /** As they were registered; those it has now are in `registry_version_tag`. */
    tags: string;
    registered_by: string;
    created_at: number;
    source: string | null;
    location: string | null;
    logged_model: string | null;
    run_link: string | null;
    stage: string;
    updated_at: number;
    deleted_at: number | null;
  };
  registry_version_tag: { model: string; number: number; key: string; value: string };
  registry_alias: { model: string; alias: string; number: number; moved_at: number };
  registry_gate: {
    id: string;
    model: string;
    number: number;
    /** Place among the gates of its version, from 1; the greatest is the latest. */
    sequence: number;
    idempotency_key: string | null;
    request_digest: string;
    passed: number;
    report: string;
    decided_at: number;
  };
}

export const registryMigrations: readonly Migration[] = [
  {
    id: 'registry-001-models',
    up: async (sql) => {
      const { schema } = sql.tables<RegistryTables>();
      await schema
        .createTable('registry_model')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('description', 'text', (c) => c.notNull())
        .addColumn('tags', 'text', (c) => c.notNull())
        .addColumn('protected_aliases', 'text', (c) => c.notNull())
        .addColumn('created_by', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .execute();
      await schema
        .createTable('registry_version')
        .addColumn('model', 'text', (c) => c.notNull().references('registry_model.name'))
        .addColumn('number', 'integer', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .addColumn('idempotency_key', 'text')
        .addColumn('description', 'text', (c) => c.notNull())
        .addColumn('run', 'text')
        .addColumn('inputs', 'text', (c) => c.notNull())
        .addColumn('code_commit', 'text')
        .addColumn('file_digest', 'text', (c) => c.notNull())
        .addColumn('file_size', 'bigint', (c) => c.notNull())
        .addColumn('signature', 'text', (c) => c.notNull())
        .addColumn('golden', 'text', (c) => c.notNull())
        .addColumn('metrics', 'text', (c) => c.notNull())
        .addColumn('evaluation', 'text', (c) => c.notNull())
        .addColumn('reference', 'text')
        .addColumn('tags', 'text', (c) => c.notNull())
        .addColumn('registered_by', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('registry_version_key', ['model', 'number'])
        .addUniqueConstraint('registry_version_once', ['model', 'idempotency_key'])
        .execute();
      await schema
        .createTable('registry_alias')
        .addColumn('model', 'text', (c) => c.notNull())
        .addColumn('alias', 'text', (c) => c.notNull())
        .addColumn('number', 'integer', (c) => c.notNull())
        .addColumn('moved_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('registry_alias_key', ['model', 'alias'])
        .addForeignKeyConstraint('registry_alias_names', ['model', 'number'], 'registry_version', ['model', 'number'])
        .execute();
      await schema
        .createTable('registry_gate')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('model', 'text', (c) => c.notNull())
        .addColumn('number', 'integer', (c) => c.notNull())
        .addColumn('sequence', 'integer', (c) => c.notNull())
        .addColumn('idempotency_key', 'text')
        .addColumn('request_digest', 'text', (c) => c.notNull())
        .addColumn('passed', 'integer', (c) => c.notNull())
        .addColumn('report', 'text', (c) => c.notNull())
        .addColumn('decided_at', 'bigint', (c) => c.notNull())
        .addUniqueConstraint('registry_gate_place', ['model', 'number', 'sequence'])
        .addUniqueConstraint('registry_gate_once', ['model', 'number', 'idempotency_key'])
        .addForeignKeyConstraint('registry_gate_judges', ['model', 'number'], 'registry_version', ['model', 'number'])
        .execute();
    },
  },
  {
    id: 'registry-002-catalog',
    up: async (sql) => {
      const tables = sql.tables<RegistryTables>();
      const { schema } = tables;
      const told = (await raw<Told>`select name as model, null as number, tags from registry_model`.execute(tables))
        .rows;
      await schema.alterTable('registry_model').renameColumn('name', 'key').execute();
      await schema.alterTable('registry_model').dropColumn('tags').execute();
      await schema.alterTable('registry_model').addColumn('name', 'text').execute();
      await schema.alterTable('registry_model').addColumn('updated_at', 'bigint').execute();
      await schema.alterTable('registry_model').addColumn('deleted_at', 'bigint').execute();
      await raw`update registry_model set name = key, updated_at = created_at`.execute(tables);
      await raw`create unique index registry_model_name on registry_model (name) where deleted_at is null`.execute(
        tables,
      );
      for (const column of ['described_as', 'source', 'location', 'logged_model', 'run_link']) {
        await schema.alterTable('registry_version').addColumn(column, 'text').execute();
      }
      await schema
        .alterTable('registry_version')
        .addColumn('stage', 'text', (c) => c.notNull().defaultTo('None'))
        .execute();
      await schema.alterTable('registry_version').addColumn('updated_at', 'bigint').execute();
      await schema.alterTable('registry_version').addColumn('deleted_at', 'bigint').execute();
      await raw`update registry_version set updated_at = created_at`.execute(tables);
      await schema.createIndex('registry_version_run').on('registry_version').column('run').execute();
      await schema
        .createTable('registry_model_tag')
        .addColumn('model', 'text', (c) => c.notNull())
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('value', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('registry_model_tag_key', ['model', 'key'])
        .execute();
      await schema
        .createTable('registry_version_tag')
        .addColumn('model', 'text', (c) => c.notNull())
        .addColumn('number', 'integer', (c) => c.notNull())
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('value', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('registry_version_tag_key', ['model', 'number', 'key'])
        .execute();
      told.push(...(await raw<Told>`select model, number, tags from registry_version`.execute(tables)).rows);
      for (const { model, number, tags } of told) {
        const pairs = Object.entries(JSON.parse(tags) as Record<string, string>);
        if (number === null) {
          const rows = pairs.map(([key, value]) => [model, key, value]);
          await sql.insertRows('registry_model_tag', ['model', 'key', 'value'], rows);
        } else {
          const rows = pairs.map(([key, value]) => [model, number, key, value]);
          await sql.insertRows('registry_version_tag', ['model', 'number', 'key', 'value'], rows);
        }
      }
    },
  },
  {
    id: 'registry-003-indexes',
    up: async (sql) => {
      const { schema } = sql.tables<RegistryTables>();
      await schema.createIndex('registry_model_tag_named').on('registry_model_tag').columns(['key', 'model']).execute();
      await schema
        .createIndex('registry_version_tag_named')
        .on('registry_version_tag')
        .columns(['key', 'model'])
        .execute();
      await schema.createIndex('registry_version_logged').on('registry_version').column('logged_model').execute();
    },
  },
];

/** Tags as they stood in a column before they had tables. */
interface Told {
  readonly model: string;
  readonly number: number | null;
  readonly tags: string;
}
