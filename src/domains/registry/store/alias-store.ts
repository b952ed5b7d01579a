import type { ModelAlias } from '#contract';
import type { Database, Sql } from '#platform/sql';
import type { RegistryTables } from './schema.ts';

/** Aliases of models, which are named by their keys. Writers hold the model. */
export class AliasStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Aliases of some models, or of all, in alphabetical order. */
  async list(
    models?: readonly string[],
    sql: Sql = this.#database,
  ): Promise<readonly (ModelAlias & { readonly model: string })[]> {
    if (models?.length === 0) return [];
    let query = sql.tables<RegistryTables>().selectFrom('registry_alias').selectAll();
    if (models) query = query.where('model', 'in', models);
    const rows = await query.orderBy('model').orderBy('alias').execute();
    return rows.map(({ model, alias, number, moved_at }) => ({ model, alias, version: number, movedAtMs: moved_at }));
  }

  async find(model: string, alias: string, sql: Sql = this.#database): Promise<ModelAlias | undefined> {
    const row = await sql
      .tables<RegistryTables>()
      .selectFrom('registry_alias')
      .selectAll()
      .where('model', '=', model)
      .where('alias', '=', alias)
      .executeTakeFirst();
    return row && { alias, version: row.number, movedAtMs: row.moved_at };
  }

  /** Moves an alias, or makes it. */
  async set(tx: Sql, model: string, { alias, version, movedAtMs }: ModelAlias): Promise<void> {
    const values = { number: version, moved_at: movedAtMs };
    await tx
      .tables<RegistryTables>()
      .insertInto('registry_alias')
      .values({ model, alias, ...values })
      .onConflict((conflict) => conflict.columns(['model', 'alias']).doUpdateSet(values))
      .execute();
  }

  async delete(tx: Sql, model: string, alias: string): Promise<void> {
    await tx
      .tables<RegistryTables>()
      .deleteFrom('registry_alias')
      .where('model', '=', model)
      .where('alias', '=', alias)
      .execute();
  }
}
