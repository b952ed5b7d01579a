import type { Migration } from '#platform/sql';

export interface RegistryTables {
  registry_model: {
    name: string;
    description: string;
    tags: string;
    protected_aliases: string;
    created_by: string;
    created_at: number;
  };
  registry_version: {
    model: string;
    number: number;
    digest: string;
    idempotency_key: string | null;
    description: string;
    run: string | null;
    inputs: string;
    code_commit: string | null;
    file_digest: string;
    file_size: number;
    signature: string;
    golden: string;
    metrics: string;
    evaluation: string;
    reference: string | null;
    tags: string;
    registered_by: string;
    created_at: number;
  };
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
];
