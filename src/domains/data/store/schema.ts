import type { Migration } from '#platform/sql';

export interface DataTables {
  data_repository: {
    name: string;
    description: string;
    default_branch: string;
    created_by: string;
    created_at: number;
  };
  data_branch: { repository: string; name: string; head: string; moved_at: number };
  data_tag: { repository: string; name: string; commit_id: string; created_by: string; created_at: number };
  data_commit: {
    repository: string;
    id: string;
    parent: string | null;
    tree: string;
    message: string;
    author: string;
    meta: string;
    entries: number;
    size_bytes: number;
    created_at: number;
  };
  data_commit_key: { repository: string; key: string; request: string; commit_id: string };
  data_tree_node: { digest: string; content: string };
  data_object: { digest: string; size_bytes: number; chunks: number; manifest: string | null; created_at: number };
  data_upload: { repository: string; object: string; created_at: number };
  data_table: { object: string; extension: string; facts: string };
  data_chunk: {
    digest: string;
    pack: string;
    start_byte: number;
    stored_bytes: number;
    size_bytes: number;
    encoding: string;
  };
}

export const dataMigrations: readonly Migration[] = [
  {
    id: 'data-001-repositories',
    up: async (sql) => {
      const { schema } = sql.tables<DataTables>();
      await schema
        .createTable('data_repository')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('description', 'text', (c) => c.notNull())
        .addColumn('default_branch', 'text', (c) => c.notNull())
        .addColumn('created_by', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .execute();
      await schema
        .createTable('data_branch')
        .addColumn('repository', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('head', 'text', (c) => c.notNull())
        .addColumn('moved_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('data_branch_key', ['repository', 'name'])
        .execute();
      await schema
        .createTable('data_tag')
        .addColumn('repository', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('commit_id', 'text', (c) => c.notNull())
        .addColumn('created_by', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('data_tag_key', ['repository', 'name'])
        .execute();
      await schema
        .createTable('data_commit')
        .addColumn('repository', 'text', (c) => c.notNull())
        .addColumn('id', 'text', (c) => c.notNull())
        .addColumn('parent', 'text')
        .addColumn('tree', 'text', (c) => c.notNull())
        .addColumn('message', 'text', (c) => c.notNull())
        .addColumn('author', 'text', (c) => c.notNull())
        .addColumn('meta', 'text', (c) => c.notNull())
        .addColumn('entries', 'bigint', (c) => c.notNull())
        .addColumn('size_bytes', 'bigint', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('data_commit_id', ['repository', 'id'])
        .execute();
      await schema
        .createTable('data_commit_key')
        .addColumn('repository', 'text', (c) => c.notNull())
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('request', 'text', (c) => c.notNull())
        .addColumn('commit_id', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('data_commit_key_key', ['repository', 'key'])
        .execute();
      await schema
        .createTable('data_tree_node')
        .addColumn('digest', 'text', (c) => c.primaryKey())
        .addColumn('content', 'text', (c) => c.notNull())
        .execute();
    },
  },
  {
    id: 'data-002-objects',
    up: async (sql) => {
      const { schema } = sql.tables<DataTables>();
      await schema
        .createTable('data_object')
        .addColumn('digest', 'text', (c) => c.primaryKey())
        .addColumn('size_bytes', 'bigint', (c) => c.notNull())
        .addColumn('chunks', 'integer', (c) => c.notNull())
        .addColumn('manifest', 'text')
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .execute();
      await schema
        .createTable('data_upload')
        .addColumn('repository', 'text', (c) => c.notNull())
        .addColumn('object', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('data_upload_key', ['repository', 'object'])
        .execute();
      await schema
        .createTable('data_table')
        .addColumn('object', 'text', (c) => c.notNull())
        .addColumn('extension', 'text', (c) => c.notNull())
        .addColumn('facts', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('data_table_key', ['object', 'extension'])
        .execute();
      await schema
        .createTable('data_chunk')
        .addColumn('digest', 'text', (c) => c.primaryKey())
        .addColumn('pack', 'text', (c) => c.notNull())
        .addColumn('start_byte', 'bigint', (c) => c.notNull())
        .addColumn('stored_bytes', 'integer', (c) => c.notNull())
        .addColumn('size_bytes', 'integer', (c) => c.notNull())
        .addColumn('encoding', 'text', (c) => c.notNull())
        .execute();
    },
  },
];
