import type { PipelineDefinition } from '#contract';
import type { Database, Sql } from '#platform/sql';
import type { StoredDefinition } from '../model.ts';
import type { PipelinesTables } from './schema.ts';

/** Definitions of pipelines, every version. */
export class DefinitionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds a version; false when somebody else added one of that number first. */
  async add(tx: Sql, definition: StoredDefinition): Promise<boolean> {
    const columns = ['pipeline', 'version', 'digest', 'definition', 'created_by', 'created_at'];
    const row = [
      definition.pipeline,
      definition.version,
      definition.digest,
      JSON.stringify(definition.definition),
      definition.createdBy,
      definition.createdAtMs,
    ];
    return (await tx.insertRows('pipelines_definition', columns, [row], { onConflict: 'ignore' })) === 1;
  }

  /** A version, the latest unless told. */
  async find(pipeline: string, version?: number, sql: Sql = this.#database): Promise<StoredDefinition | undefined> {
    let query = sql
      .tables<PipelinesTables>()
      .selectFrom('pipelines_definition')
      .selectAll()
      .where('pipeline', '=', pipeline)
      .orderBy('version', 'desc')
      .limit(1);
    if (version !== undefined) query = query.where('version', '=', version);
    const row = await query.executeTakeFirst();
    return row && toDefinition(row);
  }

  /** Every pipeline in its latest version, by name. */
  async listLatest(): Promise<readonly StoredDefinition[]> {
    const rows = await this.#database
      .tables<PipelinesTables>()
      .selectFrom('pipelines_definition as one')
      .selectAll()
      .where('version', '=', (query) =>
        query
          .selectFrom('pipelines_definition as other')
          .select((e) => e.fn.max('other.version').as('top'))
          .whereRef('other.pipeline', '=', 'one.pipeline'),
      )
      .orderBy('pipeline')
      .execute();
    return rows.map(toDefinition);
  }
}

function toDefinition(row: PipelinesTables['pipelines_definition']): StoredDefinition {
  return {
    pipeline: row.pipeline,
    version: row.version,
    digest: row.digest,
    // Only this store writes the column, and only from a checked definition.
    definition: JSON.parse(row.definition) as PipelineDefinition,
    createdBy: row.created_by,
    createdAtMs: row.created_at,
  };
}
