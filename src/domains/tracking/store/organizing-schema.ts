import { sql as raw } from 'kysely';
import type { Migration } from '#platform/sql';

export interface OrganizingTables {
  /** Views of the runs of experiments. `definition` is JSON. */
  tracking_view: {
    id: string;
    experiment: number;
    name: string;
    definition: string;
    revision: number;
    created_at: number;
    created_by: string;
    updated_at: number;
    updated_by: string;
  };
  /** Numbers of experiments that were deleted for good: no other experiment gets them. */
  tracking_erased_experiment: { id: number };
  /** Whose files are still to be deleted, by reference: their rows are gone already. */
  tracking_erased_files: { owner: string; root: string };
}

export const organizingMigrations: readonly Migration[] = [
  {
    id: 'tracking-organizing-001',
    up: async (sql) => {
      const { schema } = sql.tables();
      await schema
        .createTable('tracking_view')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('experiment', 'integer', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('definition', 'text', (c) => c.notNull())
        .addColumn('revision', 'integer', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('created_by', 'text', (c) => c.notNull())
        .addColumn('updated_at', 'bigint', (c) => c.notNull())
        .addColumn('updated_by', 'text', (c) => c.notNull())
        .addUniqueConstraint('tracking_view_name', ['experiment', 'name'])
        .execute();
      await schema
        .createTable('tracking_erased_experiment')
        .addColumn('id', 'integer', (c) => c.primaryKey())
        .execute();
      await schema
        .createTable('tracking_erased_files')
        .addColumn('owner', 'text', (c) => c.primaryKey())
        .addColumn('root', 'text', (c) => c.notNull())
        .execute();
      // Children are looked up when a run is moved, copied or shown in a tree; the trash lists by time.
      await schema.createIndex('tracking_run_by_parent').on('tracking_run').column('parent').execute();
      await schema
        .createIndex('tracking_run_by_deletion')
        .on('tracking_run')
        .columns(['lifecycle', 'deleted_at'])
        .execute();
    },
  },
  {
    id: 'tracking-organizing-002',
    up: async (sql) => {
      const { schema } = sql.tables();
      // Of the deleted alone: SQLite took an index of all for "active and one of these", and so read every run there is.
      await schema.dropIndex('tracking_run_by_deletion').execute();
      await raw`create index tracking_run_deleted on tracking_run (deleted_at) where lifecycle = 'deleted'`.execute(
        sql.tables(),
      );
    },
  },
];
