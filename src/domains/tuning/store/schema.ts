import type { Migration } from '#platform/sql';

export interface TuningTables {
  tuning_study: {
    name: string;
    directions: string;
    space: string;
    sampler: string;
    pruner: string;
    experiment: string | null;
    created_by: string;
    created_at: number;
    /** How many trials were asked for. */
    asked: number;
    /** How many trials ended. */
    ended: number;
  };
  tuning_trial: {
    study: string;
    number: number;
    ask_key: string | null;
    state: string;
    params: string;
    end_values: string | null;
    /** The first objective of a complete trial, to find the best by. */
    objective: number | null;
    run: string | null;
    words: string | null;
    started_at: number;
    ended_at: number | null;
    /** Counts the ends in the study: trials that ended later have greater ones, in the order of their commits. */
    end_order: number | null;
  };
  /** NaN is value 0 with is_nan 1. */
  tuning_report: { study: string; number: number; step: number; value: number; is_nan: number; at_ms: number };
}

export const tuningMigrations: readonly Migration[] = [
  {
    id: 'tuning-001-studies',
    up: async (sql) => {
      const { schema } = sql.tables<TuningTables>();
      await schema
        .createTable('tuning_study')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('directions', 'text', (c) => c.notNull())
        .addColumn('space', 'text', (c) => c.notNull())
        .addColumn('sampler', 'text', (c) => c.notNull())
        .addColumn('pruner', 'text', (c) => c.notNull())
        .addColumn('experiment', 'text')
        .addColumn('created_by', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('asked', 'integer', (c) => c.notNull())
        .addColumn('ended', 'integer', (c) => c.notNull())
        .execute();
      await schema
        .createTable('tuning_trial')
        .addColumn('study', 'text', (c) => c.notNull())
        .addColumn('number', 'integer', (c) => c.notNull())
        .addColumn('ask_key', 'text')
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('params', 'text', (c) => c.notNull())
        .addColumn('end_values', 'text')
        .addColumn('objective', 'double precision')
        .addColumn('run', 'text')
        .addColumn('words', 'text')
        .addColumn('started_at', 'bigint', (c) => c.notNull())
        .addColumn('ended_at', 'bigint')
        .addColumn('end_order', 'integer')
        .addPrimaryKeyConstraint('tuning_trial_key', ['study', 'number'])
        .addUniqueConstraint('tuning_trial_ask_key', ['study', 'ask_key'])
        .execute();
      await schema.createIndex('tuning_trial_ends').on('tuning_trial').columns(['study', 'end_order']).execute();
      await schema
        .createTable('tuning_report')
        .addColumn('study', 'text', (c) => c.notNull())
        .addColumn('number', 'integer', (c) => c.notNull())
        .addColumn('step', 'bigint', (c) => c.notNull())
        .addColumn('value', 'double precision', (c) => c.notNull())
        .addColumn('is_nan', 'integer', (c) => c.notNull())
        .addColumn('at_ms', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('tuning_report_key', ['study', 'number', 'step'])
        .execute();
    },
  },
];
