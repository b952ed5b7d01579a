import type { Migration } from '#platform/sql';

export interface LoopTables {
  loop_loop: { name: string; snapshot: string; revision: number; created_at: number };
  loop_transition: {
    loop: string;
    sequence: number;
    from_state: string;
    to_state: string;
    kind: string;
    at_ms: number;
    recorded_at: number;
    words: string;
    evidence: string;
  };
  loop_signal: { loop: string; signal_id: string; received_at: number };
  loop_effect: { id: string; loop: string; sequence: number; effect: string; done: number };
}

export const loopMigrations: readonly Migration[] = [
  {
    id: 'loop-001-loops',
    up: async (sql) => {
      const { schema } = sql.tables<LoopTables>();
      await schema
        .createTable('loop_loop')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('snapshot', 'text', (c) => c.notNull())
        .addColumn('revision', 'integer', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .execute();
      await schema
        .createTable('loop_transition')
        .addColumn('loop', 'text', (c) => c.notNull())
        .addColumn('sequence', 'integer', (c) => c.notNull())
        .addColumn('from_state', 'text', (c) => c.notNull())
        .addColumn('to_state', 'text', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('at_ms', 'bigint', (c) => c.notNull())
        .addColumn('recorded_at', 'bigint', (c) => c.notNull())
        .addColumn('words', 'text', (c) => c.notNull())
        .addColumn('evidence', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('loop_transition_key', ['loop', 'sequence'])
        .execute();
      await schema
        .createTable('loop_signal')
        .addColumn('loop', 'text', (c) => c.notNull())
        .addColumn('signal_id', 'text', (c) => c.notNull())
        .addColumn('received_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('loop_signal_key', ['loop', 'signal_id'])
        .execute();
      await schema
        .createTable('loop_effect')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('loop', 'text', (c) => c.notNull())
        .addColumn('sequence', 'integer', (c) => c.notNull())
        .addColumn('effect', 'text', (c) => c.notNull())
        .addColumn('done', 'integer', (c) => c.notNull())
        .execute();
    },
  },
];
