import type { Migration } from '#platform/sql';

export interface QualityTables {
  /** `content` is the digest of a file and its format; `subject` what was found out about it. */
  data_quality_fact: { content: string; subject: string; fact: string; created_at: number };
  data_quality_request: {
    repository: string;
    request_key: string;
    request: string;
    source_commit: string;
    answer: string | null;
    created_at: number;
  };
}

export const dataQualityMigrations: readonly Migration[] = [
  {
    id: 'data-quality-001-facts',
    up: async (sql) => {
      const { schema } = sql.tables<QualityTables>();
      await schema
        .createTable('data_quality_fact')
        .addColumn('content', 'text', (c) => c.notNull())
        .addColumn('subject', 'text', (c) => c.notNull())
        .addColumn('fact', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('data_quality_fact_key', ['content', 'subject'])
        .execute();
      await schema
        .createTable('data_quality_request')
        .addColumn('repository', 'text', (c) => c.notNull())
        .addColumn('request_key', 'text', (c) => c.notNull())
        .addColumn('request', 'text', (c) => c.notNull())
        .addColumn('source_commit', 'text', (c) => c.notNull())
        .addColumn('answer', 'text')
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('data_quality_request_key', ['repository', 'request_key'])
        .execute();
    },
  },
];
