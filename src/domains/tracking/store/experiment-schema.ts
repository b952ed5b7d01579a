import { sql as raw } from 'kysely';
import type { Migration, Sql } from '#platform/sql';

/** The experiment that MLflow's clients find on every server. */
export const DEFAULT_EXPERIMENT = 0;

/** What MLflow's clients know of experiments and runs beyond our first tables. */
export const experimentMigrations: readonly Migration[] = [
  {
    id: 'tracking-002-experiments-of-mlflow',
    up: async (sql) => {
      await addExperimentColumns(sql);
      await addRunColumns(sql);
      await makeDatasetTables(sql);
      await addDefaultExperiment(sql);
    },
  },
];

async function addExperimentColumns(sql: Sql): Promise<void> {
  const { schema } = sql.tables();
  const alter = () => schema.alterTable('tracking_experiment');
  await alter()
    .addColumn('lifecycle', 'text', (c) => c.notNull().defaultTo('active'))
    .execute();
  await alter().addColumn('artifact_location', 'text').execute();
  await alter()
    .addColumn('updated_at', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  await alter().addColumn('deleted_at', 'bigint').execute();
  await raw`update tracking_experiment set updated_at = created_at`.execute(sql.tables());
  await schema
    .createTable('tracking_experiment_tag')
    .addColumn('experiment', 'integer', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('tracking_experiment_tag_key', ['experiment', 'key'])
    .execute();
}

async function addRunColumns(sql: Sql): Promise<void> {
  const alter = () => sql.tables().schema.alterTable('tracking_run');
  await alter()
    .addColumn('user_id', 'text', (c) => c.notNull().defaultTo(''))
    .execute();
  await alter().addColumn('artifact_uri', 'text').execute();
  await alter().addColumn('deleted_at', 'bigint').execute();
}

async function makeDatasetTables(sql: Sql): Promise<void> {
  const { schema } = sql.tables();
  const sqlite = sql.dialect === 'sqlite';
  const byKey = sqlite ? raw`without rowid` : raw``;
  await schema
    .createTable('tracking_dataset')
    .addColumn('id', sqlite ? 'integer' : 'serial', (c) => c.primaryKey())
    .addColumn('experiment', 'integer', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('source_type', 'text', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('schema', 'text')
    .addColumn('profile', 'text')
    .addUniqueConstraint('tracking_dataset_key', ['experiment', 'name', 'digest'])
    .execute();
  await schema
    .createTable('tracking_run_dataset')
    .addColumn('run', 'text', (c) => c.notNull())
    .addColumn('dataset', 'integer', (c) => c.notNull())
    .addColumn('context', 'text')
    .addColumn('tags', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('tracking_run_dataset_key', ['run', 'dataset'])
    .modifyEnd(byKey)
    .execute();
  await schema.createIndex('tracking_run_dataset_by_dataset').on('tracking_run_dataset').columns(['dataset']).execute();
  await schema
    .createTable('tracking_run_model')
    .addColumn('run', 'text', (c) => c.notNull())
    .addColumn('direction', 'text', (c) => c.notNull())
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('step', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('tracking_run_model_key', ['run', 'direction', 'model', 'step'])
    .modifyEnd(byKey)
    .execute();
}

/** A name that somebody took already stays his. */
async function addDefaultExperiment(sql: Sql): Promise<void> {
  for (const name of ['Default', 'Default (0)']) {
    await raw`
      insert into tracking_experiment (id, name, description, created_at, created_by, updated_at)
      values (${DEFAULT_EXPERIMENT}, ${name}, null, 0, 'system', 0) on conflict do nothing`.execute(sql.tables());
  }
}
