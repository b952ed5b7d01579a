import type { Migration } from '#platform/sql';

export interface ServingTables {
  serving_endpoint: {
    name: string;
    variants: string;
    sticky_key: string | null;
    status: string;
    status_reason: string | null;
    revision: number;
    created_at: number;
    changed_at: number;
  };
  serving_prediction: {
    endpoint: string;
    inference_id: string;
    at_ms: number;
    received_ms: number;
    version: string;
    variant: string;
    features: string;
    prediction: number;
    latency_us: number;
    flagged: number;
  };
  serving_error_day: { endpoint: string; day_ms: number; code: string; count: number };
}

export const servingMigrations: readonly Migration[] = [
  {
    id: 'serving-001-endpoints',
    up: async (sql) => {
      const { schema } = sql.tables<ServingTables>();
      await schema
        .createTable('serving_endpoint')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('variants', 'text', (c) => c.notNull())
        .addColumn('sticky_key', 'text')
        .addColumn('status', 'text', (c) => c.notNull())
        .addColumn('status_reason', 'text')
        .addColumn('revision', 'integer', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('changed_at', 'bigint', (c) => c.notNull())
        .execute();
      await schema
        .createTable('serving_prediction')
        .addColumn('endpoint', 'text', (c) => c.notNull())
        .addColumn('inference_id', 'text', (c) => c.notNull())
        .addColumn('at_ms', 'bigint', (c) => c.notNull())
        .addColumn('received_ms', 'bigint', (c) => c.notNull())
        .addColumn('version', 'text', (c) => c.notNull())
        .addColumn('variant', 'text', (c) => c.notNull())
        .addColumn('features', 'text', (c) => c.notNull())
        .addColumn('prediction', 'double precision', (c) => c.notNull())
        .addColumn('latency_us', 'integer', (c) => c.notNull())
        .addColumn('flagged', 'integer', (c) => c.notNull())
        .addPrimaryKeyConstraint('serving_prediction_key', ['endpoint', 'inference_id'])
        .execute();
      await schema
        .createIndex('serving_prediction_time')
        .on('serving_prediction')
        .columns(['endpoint', 'at_ms'])
        .execute();
      await schema
        .createTable('serving_error_day')
        .addColumn('endpoint', 'text', (c) => c.notNull())
        .addColumn('day_ms', 'bigint', (c) => c.notNull())
        .addColumn('code', 'text', (c) => c.notNull())
        .addColumn('count', 'integer', (c) => c.notNull())
        .addPrimaryKeyConstraint('serving_error_day_key', ['endpoint', 'day_ms', 'code'])
        .execute();
    },
  },
];
