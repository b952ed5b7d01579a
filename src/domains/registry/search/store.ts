import type { Database } from '#platform/sql';
import { PROMPT_TAG } from '../model.ts';
import type { RegistryTables } from '../store/schema.ts';

export interface ModelHead {
  readonly key: string;
  readonly name: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface VersionHead extends ModelHead {
  readonly number: number;
  readonly run: string | null;
  readonly source: string | null;
  readonly stage: string;
}

/** What a search compares and sorts by. */
export class SearchStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @param equal attributes that have these values in every match; those that no index helps with are ignored */
  async models(equal: ReadonlyMap<string, string | number>): Promise<readonly ModelHead[]> {
    let query = this.#database
      .tables<RegistryTables>()
      .selectFrom('registry_model')
      .select(['key', 'name', 'created_at as createdAt', 'updated_at as updatedAt'])
      .where('deleted_at', 'is', null);
    const name = equal.get('name');
    if (name !== undefined) query = query.where('name', '=', String(name));
    return query.execute();
  }

  async versions(equal: ReadonlyMap<string, string | number>): Promise<readonly VersionHead[]> {
    let query = this.#database
      .tables<RegistryTables>()
      .selectFrom('registry_version as v')
      .innerJoin('registry_model as m', 'm.key', 'v.model')
      .select([
        'm.key',
        'm.name',
        'v.number',
        'v.run',
        'v.source',
        'v.stage',
        'v.created_at as createdAt',
        'v.updated_at as updatedAt',
      ])
      .where('v.deleted_at', 'is', null)
      .where('m.deleted_at', 'is', null);
    const [name, run] = [equal.get('name'), equal.get('run')];
    if (name !== undefined) query = query.where('m.name', '=', String(name));
    if (run !== undefined) query = query.where('v.run', '=', `run:${run}`);
    const rows = await query.execute();
    return rows.map((row) => ({ ...row, run: row.run?.replace(/^run:/, '') ?? null }));
  }

  /** Versions that are a logged model, the oldest first. */
  async ofLoggedModel(id: string): Promise<readonly { readonly name: string; readonly version: number }[]> {
    return this.#database
      .tables<RegistryTables>()
      .selectFrom('registry_version as v')
      .innerJoin('registry_model as m', 'm.key', 'v.model')
      .select(['m.name', 'v.number as version'])
      .where('v.logged_model', '=', id)
      .where('v.deleted_at', 'is', null)
      .orderBy('v.created_at')
      .orderBy('m.key')
      .orderBy('v.number')
      .execute();
  }

  /** Keys of models that are prompts, by their own tag or by one of their versions'. */
  async promptKeys(): Promise<ReadonlySet<string>> {
    const tables = this.#database.tables<RegistryTables>();
    const isPrompt = ['true', 'True', 'TRUE'];
    const [models, versions] = await Promise.all([
      tables
        .selectFrom('registry_model_tag')
        .select('model')
        .where('key', '=', PROMPT_TAG)
        .where('value', 'in', isPrompt)
        .execute(),
      tables
        .selectFrom('registry_version_tag')
        .select('model')
        .distinct()
        .where('key', '=', PROMPT_TAG)
        .where('value', 'in', isPrompt)
        .execute(),
    ]);
    return new Set([...models, ...versions].map(({ model }) => model));
  }
}
