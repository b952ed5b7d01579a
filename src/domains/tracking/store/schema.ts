import { type Generated, sql as raw } from 'kysely';
import type { Migration } from '#platform/sql';
import { chunkMigrations } from './chunk-schema.ts';
import { experimentMigrations } from './experiment-schema.ts';
import { fileMigrations } from './file-schema.ts';
import { loggedModelMigrations } from './logged-model-schema.ts';
import { organizingMigrations } from './organizing-schema.ts';
import { searchMigrations } from './search-schema.ts';

export interface TrackingTables {
  tracking_experiment: {
    id: number;
    name: string;
    description: string | null;
    created_at: number;
    created_by: string;
    lifecycle: string;
    /** Null for what was made before locations were kept: the server's root and the number. */
    artifact_location: string | null;
    updated_at: number;
    deleted_at: number | null;
  };
  tracking_experiment_tag: { experiment: number; key: string; value: string };
  tracking_run: {
    id: string;
    experiment: number;
    name: string;
    status: string;
    lifecycle: string;
    parent: string | null;
    created_by: string;
    code_commit: string | null;
    started_at: number;
    ended_at: number | null;
    changed_at: number;
    user_id: string;
    /** Null for what was made before it was kept: below its experiment's location. */
    artifact_uri: string | null;
    deleted_at: number | null;
    /** See `search-schema.ts`; written by the database alone. */
    revision: Generated<number>;
  };
  tracking_param: { run: string; key: string; value: string; number_value: number | null };
  tracking_tag: { run: string; key: string; value: string };
  tracking_input: { run: string; ref: string; path: string; role: string };
  /** Data sets of MLflow's clients; `id` is a number. */
  tracking_dataset: {
    id: number;
    experiment: number;
    name: string;
    digest: string;
    source_type: string;
    source: string;
    schema: string | null;
    profile: string | null;
  };
  /** Data sets that runs read. `context` is the tag `mlflow.data.context` again, to search by; tags are JSON. */
  tracking_run_dataset: { run: string; dataset: number; context: string | null; tags: string };
  /** Logged models that runs read (`input`, step 0) and made (`output`). */
  tracking_run_model: { run: string; direction: string; model: string; step: number };
  /** One row a metric of a run, with its latest value; its points are in tracking_point. */
  tracking_series: {
    id: number;
    run: string;
    key: string;
    step: number;
    at_ms: number;
    value: number;
    is_nan: number;
    min_value: number | null;
    max_value: number | null;
  };
  /** NaN is value 0 with is_nan 1, so that it can be part of a key on both databases. */
  tracking_point: { series: number; step: number; at_ms: number; value: number; is_nan: number };
}

export const trackingMigrations: readonly Migration[] = [
  {
    id: 'tracking-001-runs',
    up: async (sql) => {
      const { schema } = sql.tables<TrackingTables>();
      const sqlite = sql.dialect === 'sqlite';
      // SQLite then keeps a table in the order of its key, instead of a table and an index beside it.
      const byKey = sqlite ? raw`without rowid` : raw``;
      await schema
        .createTable('tracking_experiment')
        .addColumn('id', 'integer', (c) => c.primaryKey())
        .addColumn('name', 'text', (c) => c.notNull().unique())
        .addColumn('description', 'text')
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('created_by', 'text', (c) => c.notNull())
        .execute();
      await schema
        .createTable('tracking_run')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('experiment', 'integer', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('status', 'text', (c) => c.notNull())
        .addColumn('lifecycle', 'text', (c) => c.notNull())
        .addColumn('parent', 'text')
        .addColumn('created_by', 'text', (c) => c.notNull())
        .addColumn('code_commit', 'text')
        .addColumn('started_at', 'bigint', (c) => c.notNull())
        .addColumn('ended_at', 'bigint')
        .addColumn('changed_at', 'bigint', (c) => c.notNull())
        .execute();
      await schema
        .createIndex('tracking_run_by_experiment')
        .on('tracking_run')
        .columns(['experiment', 'started_at'])
        .execute();
      await schema
        .createTable('tracking_param')
        .addColumn('run', 'text', (c) => c.notNull())
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('value', 'text', (c) => c.notNull())
        .addColumn('number_value', 'double precision')
        .addPrimaryKeyConstraint('tracking_param_key', ['run', 'key'])
        .modifyEnd(byKey)
        .execute();
      await schema
        .createTable('tracking_tag')
        .addColumn('run', 'text', (c) => c.notNull())
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('value', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('tracking_tag_key', ['run', 'key'])
        .modifyEnd(byKey)
        .execute();
      await schema
        .createTable('tracking_input')
        .addColumn('run', 'text', (c) => c.notNull())
        .addColumn('ref', 'text', (c) => c.notNull())
        .addColumn('path', 'text', (c) => c.notNull())
        .addColumn('role', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('tracking_input_key', ['run', 'ref', 'path', 'role'])
        .modifyEnd(byKey)
        .execute();
      await schema
        .createTable('tracking_series')
        .addColumn('id', sqlite ? 'integer' : 'serial', (c) => c.primaryKey())
        .addColumn('run', 'text', (c) => c.notNull())
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('step', 'bigint', (c) => c.notNull())
        .addColumn('at_ms', 'bigint', (c) => c.notNull())
        .addColumn('value', 'double precision', (c) => c.notNull())
        .addColumn('is_nan', 'integer', (c) => c.notNull())
        .addColumn('min_value', 'double precision')
        .addColumn('max_value', 'double precision')
        .addUniqueConstraint('tracking_series_key', ['run', 'key'])
        .execute();
      await schema
        .createTable('tracking_point')
        .addColumn('series', 'integer', (c) => c.notNull())
        .addColumn('step', 'bigint', (c) => c.notNull())
        .addColumn('at_ms', 'bigint', (c) => c.notNull())
        .addColumn('value', 'double precision', (c) => c.notNull())
        .addColumn('is_nan', 'integer', (c) => c.notNull())
        .addPrimaryKeyConstraint('tracking_point_key', ['series', 'step', 'at_ms', 'value', 'is_nan'])
        .modifyEnd(byKey)
        .execute();
      await schema
        .createTable('tracking_artifact')
        .addColumn('run', 'text', (c) => c.notNull())
        .addColumn('path', 'text', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .addColumn('size_bytes', 'bigint', (c) => c.notNull())
        .addColumn('content_type', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('tracking_artifact_key', ['run', 'path'])
        .execute();
    },
  },
  ...experimentMigrations,
  ...loggedModelMigrations,
  ...organizingMigrations,
  ...searchMigrations,
  ...chunkMigrations,
  ...fileMigrations,
];
