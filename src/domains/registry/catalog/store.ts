import type { ModelSignature } from '#contract';
import type { Database } from '#platform/sql';
import type { PromotionTables } from '../promotions/schema.ts';
import type { RegistryTables } from '../store/schema.ts';

/** What a search looks at of a version. */
export interface CatalogRow {
  /** Key of the model. */
  readonly model: string;
  readonly number: number;
  readonly digest: string;
  readonly description: string;
  readonly run: string | null;
  readonly inputs: readonly string[];
  readonly codeCommit: string | null;
  readonly sizeBytes: number;
  readonly metrics: ReadonlyMap<string, number>;
  readonly stage: string;
  readonly registeredBy: string;
  readonly createdAtMs: number;
  /** Types of columns by name; empty when it has no signature, or when nobody asked. */
  readonly columns: ReadonlyMap<string, string>;
}

/** Reads all versions at once, for searches. */
export class CatalogStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Versions that are there, newest first. */
  async versions({ withColumns }: { readonly withColumns: boolean }): Promise<readonly CatalogRow[]> {
    const rows = await this.#database
      .tables<RegistryTables>()
      .selectFrom('registry_version')
      .select([
        ...(['model', 'number', 'digest', 'description', 'described_as', 'run', 'inputs', 'code_commit'] as const),
        ...(['file_size', 'metrics', 'stage', 'registered_by', 'created_at'] as const),
      ])
      .$if(withColumns, (query) => query.select('signature'))
      .where('deleted_at', 'is', null)
      .orderBy('model')
      .orderBy('number', 'desc')
      .execute();
    return rows.map((row) => ({
      model: row.model,
      number: row.number,
      digest: row.digest,
      description: row.described_as ?? row.description,
      run: row.run,
      inputs: JSON.parse(row.inputs) as string[],
      codeCommit: row.code_commit,
      sizeBytes: row.file_size,
      metrics: numbersOf(JSON.parse(row.metrics) as Record<string, number | null>),
      stage: row.stage,
      registeredBy: row.registered_by,
      createdAtMs: row.created_at,
      columns: columnsOf(JSON.parse(row.signature ?? 'null') as ModelSignature | null),
    }));
  }

  /** Verdicts of the latest gates, by `<model>/<number>`. */
  async verdicts(): Promise<ReadonlyMap<string, boolean>> {
    const rows = await this.#database
      .tables<RegistryTables>()
      .selectFrom('registry_gate')
      .select(['model', 'number', 'passed'])
      .orderBy('sequence')
      .execute();
    // In ascending order, so that the latest of a version is what stays.
    return new Map(rows.map(({ model, number, passed }) => [`${model}/${number}`, passed === 1]));
  }

  /** Environments that hold a version, by `<model>/<number>`. */
  async environments(): Promise<ReadonlyMap<string, readonly string[]>> {
    const rows = await this.#database
      .tables<PromotionTables>()
      .selectFrom('registry_environment')
      .select(['model', 'environment', 'number'])
      .where('number', 'is not', null)
      .orderBy('environment')
      .execute();
    const held = Map.groupBy(rows, ({ model, number }) => `${model}/${number}`);
    return new Map([...held].map(([version, places]) => [version, places.map(({ environment }) => environment)]));
  }
}

function numbersOf(metrics: Record<string, number | null>): ReadonlyMap<string, number> {
  return new Map(Object.entries(metrics).filter((entry): entry is [string, number] => entry[1] !== null));
}

function columnsOf(signature: ModelSignature | null): ReadonlyMap<string, string> {
  return new Map(signature?.inputs.map(({ name, type }) => [name, type]));
}
