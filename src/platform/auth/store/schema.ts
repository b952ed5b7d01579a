import type { Migration, Sql } from '#platform/sql';

export interface AuthTables {
  auth_user: {
    id: number;
    name: string;
    password_hash: string;
    password_revision: number;
    is_admin: number;
    created_at: number;
    password_changed_at: number;
  };
  auth_token: {
    id: string;
    kind: string;
    user_id: number;
    name: string;
    digest: string;
    created_at: number;
    expires_at: number | null;
    last_used_at: number | null;
  };
  auth_grant: { user_id: number; resource_type: string; resource: string; permission: string };
  auth_role: { id: number; workspace: string; name: string; description: string | null };
  auth_role_rule: { id: number; role_id: number; resource_type: string; resource: string; permission: string };
  auth_role_member: { id: number; user_id: number; role_id: number };
  auth_counter: { name: string; last: number };
}

/**
 * The next number of a kind; none is given twice, also after a deletion. Changes of users and roles take one of kind
 * `change` first, which makes them wait for each other.
 */
export async function nextNumber(tx: Sql, kind: 'user' | 'role' | 'rule' | 'member' | 'change'): Promise<number> {
  await tx.insertRows('auth_counter', ['name', 'last'], [[kind, 0]], { onConflict: 'ignore' });
  const row = await tx
    .tables<AuthTables>()
    .updateTable('auth_counter')
    .set((e) => ({ last: e('last', '+', 1) }))
    .where('name', '=', kind)
    .returning('last')
    .executeTakeFirstOrThrow();
  return Number(row.last);
}

export const authMigrations: readonly Migration[] = [
  {
    id: 'auth-001-users',
    up: async (sql) => {
      const { schema } = sql.tables<AuthTables>();
      await schema
        .createTable('auth_user')
        .addColumn('id', 'integer', (c) => c.primaryKey())
        .addColumn('name', 'text', (c) => c.notNull().unique())
        .addColumn('password_hash', 'text', (c) => c.notNull())
        .addColumn('password_revision', 'integer', (c) => c.notNull())
        .addColumn('is_admin', 'integer', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('password_changed_at', 'bigint', (c) => c.notNull())
        .execute();
      await schema
        .createTable('auth_token')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('user_id', 'integer', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull().unique())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint')
        .addColumn('last_used_at', 'bigint')
        .addUniqueConstraint('auth_token_name', ['user_id', 'kind', 'name'])
        .execute();
      await schema
        .createTable('auth_grant')
        .addColumn('user_id', 'integer', (c) => c.notNull())
        .addColumn('resource_type', 'text', (c) => c.notNull())
        .addColumn('resource', 'text', (c) => c.notNull())
        .addColumn('permission', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('auth_grant_key', ['user_id', 'resource_type', 'resource'])
        .execute();
      await schema.createIndex('auth_grant_resource').on('auth_grant').columns(['resource_type', 'resource']).execute();
      await schema
        .createTable('auth_role')
        .addColumn('id', 'integer', (c) => c.primaryKey())
        .addColumn('workspace', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('description', 'text')
        .addUniqueConstraint('auth_role_name', ['workspace', 'name'])
        .execute();
      await schema
        .createTable('auth_role_rule')
        .addColumn('id', 'integer', (c) => c.primaryKey())
        .addColumn('role_id', 'integer', (c) => c.notNull())
        .addColumn('resource_type', 'text', (c) => c.notNull())
        .addColumn('resource', 'text', (c) => c.notNull())
        .addColumn('permission', 'text', (c) => c.notNull())
        .addUniqueConstraint('auth_role_rule_target', ['role_id', 'resource_type', 'resource'])
        .execute();
      await schema
        .createTable('auth_role_member')
        .addColumn('id', 'integer', (c) => c.primaryKey())
        .addColumn('user_id', 'integer', (c) => c.notNull())
        .addColumn('role_id', 'integer', (c) => c.notNull())
        .addUniqueConstraint('auth_role_member_key', ['user_id', 'role_id'])
        .execute();
      await schema
        .createTable('auth_counter')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('last', 'bigint', (c) => c.notNull())
        .execute();
    },
  },
];
