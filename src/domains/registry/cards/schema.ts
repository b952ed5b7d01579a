import type { Migration } from '#platform/sql';

export interface CardTables {
  registry_card_revision: {
    /** Key of the model. */
    model: string;
    /** A standard section, or the heading somebody gave it. */
    section: string;
    /** Counts what was written of this section for all versions of the model. */
    revision: number;
    /** Number of the version for which it was written. */
    number: number;
    /** Markdown; null: as for the version before. */
    text: string | null;
    author: string;
    at: number;
  };
}

export const cardMigrations: readonly Migration[] = [
  {
    id: 'registry-cards-001',
    up: async (sql) => {
      const { schema } = sql.tables<CardTables>();
      await schema
        .createTable('registry_card_revision')
        .addColumn('model', 'text', (c) => c.notNull())
        .addColumn('section', 'text', (c) => c.notNull())
        .addColumn('revision', 'integer', (c) => c.notNull())
        .addColumn('number', 'integer', (c) => c.notNull())
        .addColumn('text', 'text')
        .addColumn('author', 'text', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('registry_card_revision_key', ['model', 'section', 'revision'])
        .execute();
      await schema
        .createIndex('registry_card_revision_version')
        .on('registry_card_revision')
        .columns(['model', 'number'])
        .execute();
    },
  },
];
