import type { RegisteredModel } from '#contract';
import type { Database, Sql } from '#platform/sql';
import type { RegistryTables } from './schema.ts';

/** A model without what hangs on it. */
export type StoredModel = Omit<RegisteredModel, 'tags' | 'aliases' | 'latestVersion'>;

export interface ModelChange {
  readonly name?: string;
  readonly description?: string;
  readonly updatedAtMs: number;
  readonly deletedAtMs?: number;
}

/** Models that are there. One that was deleted keeps its row and its key, and is not found. */
export class ModelStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds a model and answers its key; undefined when the name is taken. */
  async add(tx: Sql, model: Omit<StoredModel, 'key'>, createdBy: string): Promise<string | undefined> {
    const columns = [
      'key',
      'name',
      'description',
      'protected_aliases',
      'created_by',
      'created_at',
      'updated_at',
    ] as const;
    const { name, description, protectedAliases, createdAtMs, updatedAtMs } = model;
    const key = await this.#freeKey(tx, name);
    const row = [key, name, description, JSON.stringify(protectedAliases), createdBy, createdAtMs, updatedAtMs];
    const added = await tx.insertRows('registry_model', columns, [row], { onConflict: 'ignore' });
    return added === 1 ? key : undefined;
  }

  /** The name, or where a model had it as its key before, the name with a number. No name holds a colon. */
  async #freeKey(tx: Sql, name: string): Promise<string> {
    const rows = await tx
      .tables<RegistryTables>()
      .selectFrom('registry_model')
      .select('key')
      .where((e) => e.or([e('key', '=', name), e('key', 'like', `${name.replace(/[%_\\]/g, '_')}:%`)]))
      .execute();
    const taken = new Set(rows.map(({ key }) => key));
    if (!taken.has(name)) return name;
    for (let number = 2; ; number++) if (!taken.has(`${name}:${number}`)) return `${name}:${number}`;
  }

  async find(name: string): Promise<StoredModel | undefined> {
    const row = await this.#select(this.#database).where('name', '=', name).executeTakeFirst();
    return row && toModel(row);
  }

  async findByKey(key: string): Promise<StoredModel | undefined> {
    const row = await this.#select(this.#database).where('key', '=', key).executeTakeFirst();
    return row && toModel(row);
  }

  /** Models of these keys, by their keys. */
  async findAll(keys: readonly string[]): Promise<ReadonlyMap<string, StoredModel>> {
    if (keys.length === 0) return new Map();
    const rows = await this.#select(this.#database).where('key', 'in', keys).execute();
    return new Map(rows.map((row) => [row.key, toModel(row)]));
  }

  /** Names of models by their keys. */
  async names(keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return new Map([...(await this.findAll(keys)).values()].map(({ key, name }) => [key, name]));
  }

  /**
   * Reads a model and holds it until the transaction ends, so that numbers, aliases and gates of one model are given
   * one after another. SQLite has one writer anyway.
   */
  async lock(tx: Sql, named: { readonly name: string } | { readonly key: string }): Promise<StoredModel | undefined> {
    const [column, value] = 'key' in named ? (['key', named.key] as const) : (['name', named.name] as const);
    const query = this.#select(tx).where(column, '=', value);
    const row = await (tx.dialect === 'postgres' ? query.forUpdate() : query).executeTakeFirst();
    return row && toModel(row);
  }

  #select(sql: Sql) {
    return sql.tables<RegistryTables>().selectFrom('registry_model').selectAll().where('deleted_at', 'is', null);
  }

  async list(): Promise<readonly StoredModel[]> {
    return (await this.#select(this.#database).orderBy('name').execute()).map(toModel);
  }

  /** Changes a model that the caller holds. */
  async change(tx: Sql, key: string, change: ModelChange): Promise<void> {
    const { name, description, updatedAtMs, deletedAtMs } = change;
    await tx
      .tables<RegistryTables>()
      .updateTable('registry_model')
      .set({
        updated_at: updatedAtMs,
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
        ...(deletedAtMs === undefined ? {} : { deleted_at: deletedAtMs }),
      })
      .where('key', '=', key)
      .execute();
  }
}

function toModel(row: RegistryTables['registry_model']): StoredModel {
  return {
    key: row.key,
    name: row.name,
    description: row.description,
    protectedAliases: JSON.parse(row.protected_aliases) as string[],
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
  };
}
