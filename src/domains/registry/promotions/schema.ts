import type { Migration } from '#platform/sql';

export interface PromotionTables {
  registry_environment_plan: {
    /** Name of a model; empty for the plan of the server. */
    scope: string;
    /** JSON; null when the model goes by the plan of the server again. */
    environments: string | null;
    revision: number;
    updated_at: number;
    updated_by: string;
  };
  registry_environment: {
    model: string;
    environment: string;
    /** Number of the version in it; null once it was emptied. */
    number: number | null;
    digest: string | null;
    promotion: number | null;
    /** Counts its moves. */
    sequence: number;
    moved_at: number;
    moved_by: string;
  };
  registry_environment_move: {
    model: string;
    environment: string;
    sequence: number;
    from_number: number | null;
    to_number: number | null;
    promotion: number | null;
    actor: string;
    at: number;
  };
  registry_promotion: {
    id: string;
    model: string;
    number: number;
    environment: string;
    version: number;
    digest: string;
    replaces: number | null;
    state: string;
    requested_by: string;
    requested_at: number;
    expires_at: number;
    closed_at: number | null;
  };
  registry_promotion_step: {
    promotion: string;
    sequence: number;
    kind: string;
    actor: string;
    standing: string | null;
    comment: string;
    digest: string;
    at: number;
  };
}

export const promotionMigrations: readonly Migration[] = [
  {
    id: 'registry-promotions-001',
    up: async (sql) => {
      const { schema } = sql.tables<PromotionTables>();
      await schema
        .createTable('registry_environment_plan')
        .addColumn('scope', 'text', (c) => c.primaryKey())
        .addColumn('environments', 'text')
        .addColumn('revision', 'integer', (c) => c.notNull())
        .addColumn('updated_at', 'bigint', (c) => c.notNull())
        .addColumn('updated_by', 'text', (c) => c.notNull())
        .execute();
      await schema
        .createTable('registry_environment')
        .addColumn('model', 'text', (c) => c.notNull())
        .addColumn('environment', 'text', (c) => c.notNull())
        .addColumn('number', 'integer')
        .addColumn('digest', 'text')
        .addColumn('promotion', 'integer')
        .addColumn('sequence', 'integer', (c) => c.notNull())
        .addColumn('moved_at', 'bigint', (c) => c.notNull())
        .addColumn('moved_by', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('registry_environment_key', ['model', 'environment'])
        .execute();
      await schema
        .createTable('registry_environment_move')
        .addColumn('model', 'text', (c) => c.notNull())
        .addColumn('environment', 'text', (c) => c.notNull())
        .addColumn('sequence', 'integer', (c) => c.notNull())
        .addColumn('from_number', 'integer')
        .addColumn('to_number', 'integer')
        .addColumn('promotion', 'integer')
        .addColumn('actor', 'text', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('registry_environment_move_key', ['model', 'environment', 'sequence'])
        .execute();
      await schema
        .createTable('registry_promotion')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('model', 'text', (c) => c.notNull())
        .addColumn('number', 'integer', (c) => c.notNull())
        .addColumn('environment', 'text', (c) => c.notNull())
        .addColumn('version', 'integer', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .addColumn('replaces', 'integer')
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('requested_by', 'text', (c) => c.notNull())
        .addColumn('requested_at', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .addColumn('closed_at', 'bigint')
        .addUniqueConstraint('registry_promotion_place', ['model', 'number'])
        .execute();
      await schema
        .createIndex('registry_promotion_state')
        .on('registry_promotion')
        .columns(['state', 'expires_at'])
        .execute();
      await schema
        .createTable('registry_promotion_step')
        .addColumn('promotion', 'text', (c) => c.notNull().references('registry_promotion.id'))
        .addColumn('sequence', 'integer', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('actor', 'text', (c) => c.notNull())
        .addColumn('standing', 'text')
        .addColumn('comment', 'text', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('registry_promotion_step_key', ['promotion', 'sequence'])
        .execute();
    },
  },
];
