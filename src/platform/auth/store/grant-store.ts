import type { Database, Sql } from '#platform/sql';
import type { Grant, Permission, ResourceType } from '../model.ts';
import type { AuthTables } from './schema.ts';

export interface GrantKey {
  readonly userId: number;
  readonly resourceType: ResourceType;
  readonly resource: string;
}

export interface GrantFilter {
  readonly userId?: number | undefined;
  readonly resourceType?: ResourceType | undefined;
  readonly resource?: string | undefined;
}

/** Permissions of single users on single resources. */
export class GrantStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** False when there is one on the resource; it is left as it is. */
  async insert(tx: Sql, { userId, resourceType, resource }: GrantKey, permission: Permission): Promise<boolean> {
    const columns = ['user_id', 'resource_type', 'resource', 'permission'];
    const row = [userId, resourceType, resource, permission];
    return (await tx.insertRows('auth_grant', columns, [row], { onConflict: 'ignore' })) === 1;
  }

  async update(tx: Sql, key: GrantKey, permission: Permission): Promise<boolean> {
    const done = await tx
      .tables<AuthTables>()
      .updateTable('auth_grant')
      .set({ permission })
      .where('user_id', '=', key.userId)
      .where('resource_type', '=', key.resourceType)
      .where('resource', '=', key.resource)
      .executeTakeFirst();
    return Number(done.numUpdatedRows) === 1;
  }

  async delete(tx: Sql, key: GrantKey): Promise<boolean> {
    const done = await tx
      .tables<AuthTables>()
      .deleteFrom('auth_grant')
      .where('user_id', '=', key.userId)
      .where('resource_type', '=', key.resourceType)
      .where('resource', '=', key.resource)
      .executeTakeFirst();
    return Number(done.numDeletedRows) === 1;
  }

  async list(filter: GrantFilter, sql: Sql = this.#database): Promise<readonly Grant[]> {
    let query = sql
      .tables<AuthTables>()
      .selectFrom('auth_grant')
      .innerJoin('auth_user', 'auth_user.id', 'auth_grant.user_id')
      .selectAll('auth_grant')
      .select('auth_user.name as user_name')
      .orderBy('auth_user.name')
      .orderBy('auth_grant.resource_type')
      .orderBy('auth_grant.resource');
    if (filter.userId !== undefined) query = query.where('auth_grant.user_id', '=', filter.userId);
    if (filter.resourceType !== undefined) query = query.where('auth_grant.resource_type', '=', filter.resourceType);
    if (filter.resource !== undefined) query = query.where('auth_grant.resource', '=', filter.resource);
    return (await query.execute()).map((row) => ({
      userId: row.user_id,
      user: row.user_name,
      // Only this store writes these columns, and only from their types.
      resourceType: row.resource_type as ResourceType,
      resource: row.resource,
      permission: row.permission as Permission,
    }));
  }

  /** Everybody's grants on a resource that is gone. */
  async deleteOf(tx: Sql, resourceType: ResourceType, resource: string): Promise<void> {
    await tx
      .tables<AuthTables>()
      .deleteFrom('auth_grant')
      .where('resource_type', '=', resourceType)
      .where('resource', '=', resource)
      .execute();
  }

  /** Moves everybody's grants along with a resource that got another name. */
  async rename(tx: Sql, resourceType: ResourceType, from: string, to: string): Promise<void> {
    await this.deleteOf(tx, resourceType, to);
    await tx
      .tables<AuthTables>()
      .updateTable('auth_grant')
      .set({ resource: to })
      .where('resource_type', '=', resourceType)
      .where('resource', '=', from)
      .execute();
  }
}
