import type { Database, Sql } from '#platform/sql';
import type { User } from '../model.ts';
import { type AuthTables, nextNumber } from './schema.ts';

export interface NewUserRow {
  readonly name: string;
  readonly passwordHash: string;
  readonly isAdmin: boolean;
  readonly nowMs: number;
}

type Row = AuthTables['auth_user'];

/** Users with the hashes of their passwords. */
export class UserStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** False when the name is taken. */
  async insert(tx: Sql, { name, passwordHash, isAdmin, nowMs }: NewUserRow): Promise<boolean> {
    const columns = [
      'id',
      'name',
      'password_hash',
      'password_revision',
      'is_admin',
      'created_at',
      'password_changed_at',
    ];
    const row = [await nextNumber(tx, 'user'), name, passwordHash, 1, isAdmin ? 1 : 0, nowMs, nowMs];
    return (await tx.insertRows('auth_user', columns, [row], { onConflict: 'ignore' })) === 1;
  }

  async find(name: string, sql: Sql = this.#database): Promise<(User & { passwordHash: string }) | undefined> {
    const row = await users(sql).selectAll().where('name', '=', name).executeTakeFirst();
    return row && { ...toUser(row), passwordHash: row.password_hash };
  }

  async findById(id: number): Promise<User | undefined> {
    const row = await users(this.#database).selectAll().where('id', '=', id).executeTakeFirst();
    return row && toUser(row);
  }

  async list(): Promise<readonly User[]> {
    return (await users(this.#database).selectAll().orderBy('name').execute()).map(toUser);
  }

  async countAdmins(tx: Sql): Promise<number> {
    return (await users(tx).select('id').where('is_admin', '=', 1).execute()).length;
  }

  async isEmpty(): Promise<boolean> {
    return (await users(this.#database).select('id').limit(1).executeTakeFirst()) === undefined;
  }

  async setPassword(tx: Sql, id: number, passwordHash: string, nowMs: number): Promise<void> {
    await tx
      .tables<AuthTables>()
      .updateTable('auth_user')
      .set((e) => ({
        password_hash: passwordHash,
        password_changed_at: nowMs,
        password_revision: e('password_revision', '+', 1),
      }))
      .where('id', '=', id)
      .execute();
  }

  async setAdmin(tx: Sql, id: number, isAdmin: boolean): Promise<void> {
    await tx
      .tables<AuthTables>()
      .updateTable('auth_user')
      .set({ is_admin: isAdmin ? 1 : 0 })
      .where('id', '=', id)
      .execute();
  }

  /** With everything that is the user's. */
  async delete(tx: Sql, id: number): Promise<void> {
    const tables = tx.tables<AuthTables>();
    await tables.deleteFrom('auth_token').where('user_id', '=', id).execute();
    await tables.deleteFrom('auth_grant').where('user_id', '=', id).execute();
    await tables.deleteFrom('auth_role_member').where('user_id', '=', id).execute();
    await tables.deleteFrom('auth_user').where('id', '=', id).execute();
  }
}

function users(sql: Sql) {
  return sql.tables<AuthTables>().selectFrom('auth_user');
}

function toUser(row: Row): User {
  return {
    id: row.id,
    name: row.name,
    isAdmin: row.is_admin === 1,
    passwordRevision: row.password_revision,
    createdAtMs: row.created_at,
    passwordChangedAtMs: row.password_changed_at,
  };
}
