import type { Database, Sql } from '#platform/sql';
import type { RegistryTables } from './schema.ts';

export type Tags = Readonly<Record<string, string>>;

/** Tags of models and of versions, as they are now. Models are named by their keys; writers hold the model. */
export class TagStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Tags of some models, or of all: all of them, or those of some keys. */
  async ofModels(
    models?: readonly string[],
    keys?: readonly string[],
    sql: Sql = this.#database,
  ): Promise<ReadonlyMap<string, Tags>> {
    if (models?.length === 0 || keys?.length === 0) return new Map();
    let query = sql.tables<RegistryTables>().selectFrom('registry_model_tag').selectAll();
    if (models) query = query.where('model', 'in', models);
    if (keys) query = query.where('key', 'in', keys);
    const rows = await query.orderBy('model').orderBy('key').execute();
    return grouped(rows.map(({ model, key, value }) => ({ owner: model, key, value })));
  }

  /** The same of versions, by `<model>/<number>`. */
  async ofVersions(
    models?: readonly string[],
    keys?: readonly string[],
    numbers?: readonly number[],
  ): Promise<ReadonlyMap<string, Tags>> {
    if (models?.length === 0 || keys?.length === 0 || numbers?.length === 0) return new Map();
    let query = this.#database.tables<RegistryTables>().selectFrom('registry_version_tag').selectAll();
    if (models) query = query.where('model', 'in', models);
    if (keys) query = query.where('key', 'in', keys);
    if (numbers) query = query.where('number', 'in', numbers);
    const rows = await query.orderBy('model').orderBy('number').orderBy('key').execute();
    return grouped(rows.map(({ model, number, key, value }) => ({ owner: `${model}/${number}`, key, value })));
  }

  async setOfModel(tx: Sql, model: string, tags: Tags): Promise<void> {
    for (const [key, value] of Object.entries(tags)) {
      await tx
        .tables<RegistryTables>()
        .insertInto('registry_model_tag')
        .values({ model, key, value })
        .onConflict((conflict) => conflict.columns(['model', 'key']).doUpdateSet({ value }))
        .execute();
    }
  }

  async setOfVersion(tx: Sql, model: string, number: number, tags: Tags): Promise<void> {
    for (const [key, value] of Object.entries(tags)) {
      await tx
        .tables<RegistryTables>()
        .insertInto('registry_version_tag')
        .values({ model, number, key, value })
        .onConflict((conflict) => conflict.columns(['model', 'number', 'key']).doUpdateSet({ value }))
        .execute();
    }
  }

  /** False when there was none. */
  async removeOfModel(tx: Sql, model: string, key: string): Promise<boolean> {
    const { numDeletedRows } = await tx
      .tables<RegistryTables>()
      .deleteFrom('registry_model_tag')
      .where('model', '=', model)
      .where('key', '=', key)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async removeOfVersion(tx: Sql, model: string, number: number, key: string): Promise<boolean> {
    const { numDeletedRows } = await tx
      .tables<RegistryTables>()
      .deleteFrom('registry_version_tag')
      .where('model', '=', model)
      .where('number', '=', number)
      .where('key', '=', key)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }
}

function grouped(
  rows: readonly { readonly owner: string; readonly key: string; readonly value: string }[],
): ReadonlyMap<string, Tags> {
  const pairs = new Map<string, (readonly [string, string])[]>();
  for (const { owner, key, value } of rows) {
    const own = pairs.get(owner) ?? [];
    own.push([key, value]);
    pairs.set(owner, own);
  }
  return new Map([...pairs].map(([owner, own]) => [owner, Object.fromEntries(own)]));
}
