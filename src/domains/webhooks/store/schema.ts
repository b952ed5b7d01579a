import type { Migration } from '#platform/sql';

export interface WebhookTables {
  webhooks_webhook: {
    id: string;
    name: string;
    description: string;
    url: string;
    /** JSON: entities and actions. */
    events: string;
    /** As the keeper of secrets left it. */
    secret: string | null;
    active: number;
    created_at: number;
    updated_at: number;
  };
  webhooks_delivery: {
    id: string;
    webhook: string;
    /** The event of the outbox, delivered to a webhook once. */
    sequence: number;
    message: string;
    happened_at: number;
    /** waiting, delivered, failed */
    state: string;
    attempts: number;
    due_at: number;
    /** What the last try came to. */
    outcome: string | null;
    done_at: number | null;
  };
}

export const webhookMigrations: readonly Migration[] = [
  {
    id: 'webhooks-001-webhooks',
    up: async (sql) => {
      const { schema } = sql.tables<WebhookTables>();
      await schema
        .createTable('webhooks_webhook')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('description', 'text', (c) => c.notNull())
        .addColumn('url', 'text', (c) => c.notNull())
        .addColumn('events', 'text', (c) => c.notNull())
        .addColumn('secret', 'text')
        .addColumn('active', 'integer', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('updated_at', 'bigint', (c) => c.notNull())
        .execute();
      await schema
        .createTable('webhooks_delivery')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('webhook', 'text', (c) => c.notNull())
        .addColumn('sequence', 'bigint', (c) => c.notNull())
        .addColumn('message', 'text', (c) => c.notNull())
        .addColumn('happened_at', 'bigint', (c) => c.notNull())
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('attempts', 'integer', (c) => c.notNull())
        .addColumn('due_at', 'bigint', (c) => c.notNull())
        .addColumn('outcome', 'text')
        .addColumn('done_at', 'bigint')
        .addUniqueConstraint('webhooks_delivery_once', ['webhook', 'sequence'])
        .execute();
      await schema.createIndex('webhooks_delivery_due').on('webhooks_delivery').columns(['state', 'due_at']).execute();
    },
  },
];
