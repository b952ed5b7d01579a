import type { Migration } from '#platform/sql';

export interface DatasetTables {
  /** `schema` is JSON. */
  tracing_dataset: {
    id: string;
    name: string;
    digest: string;
    schema: string | null;
    created_at: number;
    created_by: string | null;
    changed_at: number;
    changed_by: string | null;
  };
  tracing_dataset_tag: { dataset: string; key: string; value: string };
  tracing_dataset_experiment: { dataset: string; experiment: number };
  /** `digest` is that of the inputs; `position` numbers the records in the order they came. The rest is JSON. */
  tracing_dataset_record: {
    dataset: string;
    id: string;
    digest: string;
    position: number;
    inputs: string;
    outputs: string | null;
    expectations: string | null;
    tags: string;
    source: string | null;
    created_at: number;
    created_by: string | null;
    changed_at: number;
    changed_by: string | null;
  };
}

export const datasetMigrations: readonly Migration[] = [
  {
    id: 'tracing-002-datasets',
    up: async (sql) => {
      const { schema } = sql.tables<DatasetTables>();
      await schema
        .createTable('tracing_dataset')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .addColumn('schema', 'text')
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('created_by', 'text')
        .addColumn('changed_at', 'bigint', (c) => c.notNull())
        .addColumn('changed_by', 'text')
        .execute();
      await schema
        .createTable('tracing_dataset_tag')
        .addColumn('dataset', 'text', (c) => c.notNull().references('tracing_dataset.id').onDelete('cascade'))
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('value', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('tracing_dataset_tag_key', ['dataset', 'key'])
        .execute();
      await schema
        .createTable('tracing_dataset_experiment')
        .addColumn('dataset', 'text', (c) => c.notNull().references('tracing_dataset.id').onDelete('cascade'))
        .addColumn('experiment', 'integer', (c) => c.notNull())
        .addPrimaryKeyConstraint('tracing_dataset_experiment_key', ['experiment', 'dataset'])
        .execute();
      await schema
        .createIndex('tracing_dataset_experiment_by_dataset')
        .on('tracing_dataset_experiment')
        .column('dataset')
        .execute();
      await schema
        .createTable('tracing_dataset_record')
        .addColumn('dataset', 'text', (c) => c.notNull().references('tracing_dataset.id').onDelete('cascade'))
        .addColumn('id', 'text', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .addColumn('position', 'bigint', (c) => c.notNull())
        .addColumn('inputs', 'text', (c) => c.notNull())
        .addColumn('outputs', 'text')
        .addColumn('expectations', 'text')
        .addColumn('tags', 'text', (c) => c.notNull())
        .addColumn('source', 'text')
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('created_by', 'text')
        .addColumn('changed_at', 'bigint', (c) => c.notNull())
        .addColumn('changed_by', 'text')
        .addPrimaryKeyConstraint('tracing_dataset_record_key', ['dataset', 'position'])
        .addUniqueConstraint('tracing_dataset_record_inputs', ['dataset', 'digest'])
        .execute();
    },
  },
];
