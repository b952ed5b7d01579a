import type { Database, Sql } from '#platform/sql';
import type { Permission, ResourceType, Role, RoleMember, RoleRule } from '../model.ts';
import { type AuthTables, nextNumber } from './schema.ts';

export type RuleTarget = Pick<RoleRule, 'roleId' | 'resourceType' | 'resource'>;
export type RoleFilter =
  | { readonly id: number }
  | { readonly workspace: string; readonly name?: string }
  | { readonly userId: number }
  | Readonly<Record<string, never>>;

/** Roles with their rules and members. */
export class RoleStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The new role's id, or undefined when the name is taken in the workspace. */
  async insert(tx: Sql, role: Pick<Role, 'workspace' | 'name' | 'description'>): Promise<number | undefined> {
    const id = await nextNumber(tx, 'role');
    const row = [id, role.workspace, role.name, role.description];
    const columns = ['id', 'workspace', 'name', 'description'];
    return (await tx.insertRows('auth_role', columns, [row], { onConflict: 'ignore' })) === 1 ? id : undefined;
  }

  async list(filter: RoleFilter, sql: Sql = this.#database): Promise<readonly Role[]> {
    let query = sql.tables<AuthTables>().selectFrom('auth_role').selectAll('auth_role').orderBy('name').orderBy('id');
    if ('id' in filter) query = query.where('id', '=', filter.id as number);
    if ('workspace' in filter) query = query.where('workspace', '=', filter.workspace as string);
    if ('name' in filter && filter.name !== undefined) query = query.where('name', '=', filter.name);
    if ('userId' in filter) {
      const mine = sql
        .tables<AuthTables>()
        .selectFrom('auth_role_member')
        .select('role_id')
        .where('user_id', '=', filter.userId as number);
      query = query.where('id', 'in', mine);
    }
    const rows = await query.execute();
    const rules = await this.#rulesOf(
      sql,
      rows.map((row) => row.id),
    );
    return rows.map((row) => ({ ...row, rules: rules.filter((rule) => rule.roleId === row.id) }));
  }

  async update(tx: Sql, id: number, to: { name: string; description: string | null }): Promise<void> {
    await tx.tables<AuthTables>().updateTable('auth_role').set(to).where('id', '=', id).execute();
  }

  async delete(tx: Sql, id: number): Promise<void> {
    const tables = tx.tables<AuthTables>();
    await tables.deleteFrom('auth_role_rule').where('role_id', '=', id).execute();
    await tables.deleteFrom('auth_role_member').where('role_id', '=', id).execute();
    await tables.deleteFrom('auth_role').where('id', '=', id).execute();
  }

  /** The new rule's id, or undefined when the role has one on this target. */
  async insertRule(tx: Sql, target: RuleTarget, permission: Permission): Promise<number | undefined> {
    const id = await nextNumber(tx, 'rule');
    const columns = ['id', 'role_id', 'resource_type', 'resource', 'permission'];
    const row = [id, target.roleId, target.resourceType, target.resource, permission];
    return (await tx.insertRows('auth_role_rule', columns, [row], { onConflict: 'ignore' })) === 1 ? id : undefined;
  }

  async findRule(id: number): Promise<RoleRule | undefined> {
    const row = await this.#database
      .tables<AuthTables>()
      .selectFrom('auth_role_rule')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && toRule(row);
  }

  async updateRule(tx: Sql, id: number, permission: Permission): Promise<void> {
    await tx.tables<AuthTables>().updateTable('auth_role_rule').set({ permission }).where('id', '=', id).execute();
  }

  async deleteRule(tx: Sql, id: number): Promise<void> {
    await tx.tables<AuthTables>().deleteFrom('auth_role_rule').where('id', '=', id).execute();
  }

  /** The membership's id, or undefined when there is one. */
  async insertMember(tx: Sql, userId: number, roleId: number): Promise<number | undefined> {
    const id = await nextNumber(tx, 'member');
    const row = [id, userId, roleId];
    const columns = ['id', 'user_id', 'role_id'];
    return (await tx.insertRows('auth_role_member', columns, [row], { onConflict: 'ignore' })) === 1 ? id : undefined;
  }

  async deleteMember(tx: Sql, userId: number, roleId: number): Promise<boolean> {
    const done = await tx
      .tables<AuthTables>()
      .deleteFrom('auth_role_member')
      .where('user_id', '=', userId)
      .where('role_id', '=', roleId)
      .executeTakeFirst();
    return Number(done.numDeletedRows) === 1;
  }

  async listMembers(roleId: number): Promise<readonly RoleMember[]> {
    const rows = await this.#database
      .tables<AuthTables>()
      .selectFrom('auth_role_member')
      .innerJoin('auth_user', 'auth_user.id', 'auth_role_member.user_id')
      .selectAll('auth_role_member')
      .select('auth_user.name as user_name')
      .where('role_id', '=', roleId)
      .orderBy('auth_user.name')
      .execute();
    return rows.map((row) => ({ id: row.id, userId: row.user_id, user: row.user_name, roleId: row.role_id }));
  }

  async #rulesOf(sql: Sql, roleIds: readonly number[]): Promise<readonly RoleRule[]> {
    if (roleIds.length === 0) return [];
    const rows = await sql
      .tables<AuthTables>()
      .selectFrom('auth_role_rule')
      .selectAll()
      .where('role_id', 'in', [...roleIds])
      .orderBy('id')
      .execute();
    return rows.map(toRule);
  }
}

function toRule(row: AuthTables['auth_role_rule']): RoleRule {
  return {
    id: row.id,
    roleId: row.role_id,
    // Only this store writes these columns, and only from their types.
    resourceType: row.resource_type as ResourceType,
    resource: row.resource,
    permission: row.permission as Permission,
  };
}
