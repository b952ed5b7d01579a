import { sql as raw } from 'kysely';
import type { Migration } from '#platform/sql';

export interface LoggedModelTables {
  tracking_logged_model: {
    id: string;
    experiment: number;
    name: string;
    type: string;
    status: string;
    lifecycle: string;
    source_run: string | null;
    artifact_uri: string;
    created_at: number;
    created_by: string;
    updated_at: number;
    deleted_at: number | null;
  };
  tracking_logged_model_param: { model: string; key: string; value: string };
  tracking_logged_model_tag: { model: string; key: string; value: string };
  /** All of it is the key. NaN is value 0 with is_nan 1; a dataset that was not told is empty text. */
  tracking_logged_model_metric: {
    model: string;
    key: string;
    at_ms: number;
    step: number;
    value: number;
    is_nan: number;
    run: string;
    dataset_name: string;
    dataset_digest: string;
  };
}

export const loggedModelMigrations: readonly Migration[] = [
  {
    id: 'tracking-logged-models-001',
    up: async (sql) => {
      const { schema } = sql.tables();
      const byKey = sql.dialect === 'sqlite' ? raw`without rowid` : raw``;
      await schema
        .createTable('tracking_logged_model')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('experiment', 'integer', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('type', 'text', (c) => c.notNull())
        .addColumn('status', 'text', (c) => c.notNull())
        .addColumn('lifecycle', 'text', (c) => c.notNull())
        .addColumn('source_run', 'text')
        .addColumn('artifact_uri', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('created_by', 'text', (c) => c.notNull())
        .addColumn('updated_at', 'bigint', (c) => c.notNull())
        .addColumn('deleted_at', 'bigint')
        .execute();
      for (const [name, columns] of [
        ['tracking_logged_model_by_experiment', ['experiment', 'created_at']],
        ['tracking_logged_model_by_run', ['source_run']],
      ] as const) {
        await schema
          .createIndex(name)
          .on('tracking_logged_model')
          .columns([...columns])
          .execute();
      }
      for (const table of ['tracking_logged_model_param', 'tracking_logged_model_tag']) {
        await schema
          .createTable(table)
          .addColumn('model', 'text', (c) => c.notNull())
          .addColumn('key', 'text', (c) => c.notNull())
          .addColumn('value', 'text', (c) => c.notNull())
          .addPrimaryKeyConstraint(`${table}_key`, ['model', 'key'])
          .modifyEnd(byKey)
          .execute();
      }
      await schema
        .createTable('tracking_logged_model_metric')
        .addColumn('model', 'text', (c) => c.notNull())
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('at_ms', 'bigint', (c) => c.notNull())
        .addColumn('step', 'bigint', (c) => c.notNull())
        .addColumn('value', 'double precision', (c) => c.notNull())
        .addColumn('is_nan', 'integer', (c) => c.notNull())
        .addColumn('run', 'text', (c) => c.notNull())
        .addColumn('dataset_name', 'text', (c) => c.notNull())
        .addColumn('dataset_digest', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('tracking_logged_model_metric_key', [
          'model',
          'key',
          'at_ms',
          'step',
          'value',
          'is_nan',
          'run',
          'dataset_name',
          'dataset_digest',
        ])
        .modifyEnd(byKey)
        .execute();
    },
  },
];
