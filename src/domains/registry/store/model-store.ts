import type { ModelAlias, RegisteredModel } from '#contract';
import type { Database, Sql } from '#platform/sql';
import type { RegistryTables } from './schema.ts';

/** A model without what hangs on it. */
export type StoredModel = Omit<RegisteredModel, 'aliases' | 'latestVersion'>;

/** Models and their aliases. Writes take the transaction they belong to. */
export class ModelStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds a model; false when the name is taken. */
  async add(tx: Sql, model: StoredModel, createdBy: string): Promise<boolean> {
    const columns = ['name', 'description', 'tags', 'protected_aliases', 'created_by', 'created_at'];
    const { name, description, tags, protectedAliases, createdAtMs } = model;
    const row = [name, description, JSON.stringify(tags), JSON.stringify(protectedAliases), createdBy, createdAtMs];
    return (await tx.insertRows('registry_model', columns, [row], { onConflict: 'ignore' })) === 1;
  }

  async find(name: string): Promise<StoredModel | undefined> {
    const row = await this.#select(this.#database, name).executeTakeFirst();
    return row && toModel(row);
  }

  /**
   * Reads a model and holds it until the transaction ends, so that numbers, aliases and gates of one model are given
   * one after another. SQLite has one writer anyway.
   */
  async lock(tx: Sql, name: string): Promise<StoredModel | undefined> {
    const query = this.#select(tx, name);
    const row = await (tx.dialect === 'postgres' ? query.forUpdate() : query).executeTakeFirst();
    return row && toModel(row);
  }

  #select(sql: Sql, name: string) {
    return sql.tables<RegistryTables>().selectFrom('registry_model').selectAll().where('name', '=', name);
  }

  async list(): Promise<readonly StoredModel[]> {
    const rows = await this.#database
      .tables<RegistryTables>()
      .selectFrom('registry_model')
      .selectAll()
      .orderBy('name')
      .execute();
    return rows.map(toModel);
  }

  /** The newest number of each model that has a version. */
  async latestVersions(name?: string): Promise<ReadonlyMap<string, number>> {
    let query = this.#database
      .tables<RegistryTables>()
      .selectFrom('registry_version')
      .select((e) => ['model', e.fn.max('number').as('latest')])
      .groupBy('model');
    if (name !== undefined) query = query.where('model', '=', name);
    return new Map((await query.execute()).map(({ model, latest }) => [model, latest]));
  }

  /** Aliases of one model, or of all, in alphabetical order. */
  async aliases(name?: string): Promise<readonly (ModelAlias & { readonly model: string })[]> {
    let query = this.#database.tables<RegistryTables>().selectFrom('registry_alias').selectAll();
    if (name !== undefined) query = query.where('model', '=', name);
    const rows = await query.orderBy('model').orderBy('alias').execute();
    return rows.map(({ model, alias, number, moved_at }) => ({ model, alias, version: number, movedAtMs: moved_at }));
  }

  async findAlias(model: string, alias: string, sql: Sql = this.#database): Promise<ModelAlias | undefined> {
    const row = await sql
      .tables<RegistryTables>()
      .selectFrom('registry_alias')
      .selectAll()
      .where('model', '=', model)
      .where('alias', '=', alias)
      .executeTakeFirst();
    return row && { alias, version: row.number, movedAtMs: row.moved_at };
  }

  /** Moves an alias, or makes it. The caller holds the model. */
  async setAlias(tx: Sql, model: string, { alias, version, movedAtMs }: ModelAlias): Promise<void> {
    const values = { number: version, moved_at: movedAtMs };
    await tx
      .tables<RegistryTables>()
      .insertInto('registry_alias')
      .values({ model, alias, ...values })
      .onConflict((conflict) => conflict.columns(['model', 'alias']).doUpdateSet(values))
      .execute();
  }

  async deleteAlias(tx: Sql, model: string, alias: string): Promise<void> {
    await tx
      .tables<RegistryTables>()
      .deleteFrom('registry_alias')
      .where('model', '=', model)
      .where('alias', '=', alias)
      .execute();
  }
}

function toModel(row: RegistryTables['registry_model']): StoredModel {
  return {
    name: row.name,
    description: row.description,
    tags: JSON.parse(row.tags) as StoredModel['tags'],
    protectedAliases: JSON.parse(row.protected_aliases) as string[],
    createdAtMs: row.created_at,
  };
}
