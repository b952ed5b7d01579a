import type { GoldenRows, ModelSignature } from '#contract';
import type { Json } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { type StoredVersion, type VersionContent, versionRef } from '../model.ts';
import type { RegistryTables } from './schema.ts';

/** Parts of a version that can be large; read one version at a time. */
export interface VersionParts {
  readonly golden: GoldenRows | null;
  readonly evaluation: Json;
}

const SUMMARY = [
  'model',
  'number',
  'digest',
  'description',
  'run',
  'inputs',
  'code_commit',
  'file_digest',
  'file_size',
  'signature',
  'metrics',
  'reference',
  'tags',
  'registered_by',
  'created_at',
] as const;

/** Versions. They are added and never changed. */
export class VersionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds the next version of a model that the caller holds. */
  async add(
    tx: Sql,
    content: VersionContent,
    facts: {
      readonly digest: string;
      readonly idempotencyKey: string | null;
      readonly fileSizeBytes: number;
      readonly registeredBy: string;
      readonly createdAtMs: number;
    },
  ): Promise<number> {
    const newest = await tx
      .tables<RegistryTables>()
      .selectFrom('registry_version')
      .select((e) => e.fn.max('number').as('top'))
      .where('model', '=', content.model)
      .executeTakeFirst();
    const number = (newest?.top ?? 0) + 1;
    await tx
      .tables<RegistryTables>()
      .insertInto('registry_version')
      .values({
        model: content.model,
        number,
        digest: facts.digest,
        idempotency_key: facts.idempotencyKey,
        description: content.description,
        run: content.run,
        inputs: JSON.stringify(content.inputs),
        code_commit: content.codeCommit,
        file_digest: content.file,
        file_size: facts.fileSizeBytes,
        signature: JSON.stringify(content.signature),
        golden: JSON.stringify(content.golden),
        metrics: JSON.stringify(content.metrics),
        evaluation: JSON.stringify(content.evaluation),
        reference: content.reference,
        tags: JSON.stringify(content.tags),
        registered_by: facts.registeredBy,
        created_at: facts.createdAtMs,
      })
      .execute();
    return number;
  }

  async find(model: string, number: number, sql: Sql = this.#database): Promise<StoredVersion | undefined> {
    const row = await sql
      .tables<RegistryTables>()
      .selectFrom('registry_version')
      .select(SUMMARY)
      .where('model', '=', model)
      .where('number', '=', number)
      .executeTakeFirst();
    return row && toVersion(row);
  }

  async findByKey(tx: Sql, model: string, key: string): Promise<StoredVersion | undefined> {
    const row = await tx
      .tables<RegistryTables>()
      .selectFrom('registry_version')
      .select(SUMMARY)
      .where('model', '=', model)
      .where('idempotency_key', '=', key)
      .executeTakeFirst();
    return row && toVersion(row);
  }

  async newest(model: string): Promise<number | undefined> {
    const row = await this.#database
      .tables<RegistryTables>()
      .selectFrom('registry_version')
      .select((e) => e.fn.max('number').as('top'))
      .where('model', '=', model)
      .executeTakeFirst();
    return row?.top ?? undefined;
  }

  /** Newest first. */
  async list(model: string, limit: number, before?: number): Promise<readonly StoredVersion[]> {
    let query = this.#database
      .tables<RegistryTables>()
      .selectFrom('registry_version')
      .select(SUMMARY)
      .where('model', '=', model);
    if (before !== undefined) query = query.where('number', '<', before);
    return (await query.orderBy('number', 'desc').limit(limit).execute()).map(toVersion);
  }

  async parts(model: string, number: number): Promise<VersionParts> {
    const row = await this.#database
      .tables<RegistryTables>()
      .selectFrom('registry_version')
      .select(['golden', 'evaluation'])
      .where('model', '=', model)
      .where('number', '=', number)
      .executeTakeFirstOrThrow();
    return { golden: JSON.parse(row.golden) as GoldenRows | null, evaluation: JSON.parse(row.evaluation) as Json };
  }
}

function toVersion(row: Pick<RegistryTables['registry_version'], (typeof SUMMARY)[number]>): StoredVersion {
  return {
    model: row.model,
    version: row.number,
    ref: versionRef(row.model, row.number),
    digest: row.digest,
    description: row.description,
    run: row.run,
    inputs: JSON.parse(row.inputs) as string[],
    codeCommit: row.code_commit,
    reference: row.reference,
    file: { digest: row.file_digest, sizeBytes: row.file_size },
    signature: JSON.parse(row.signature) as ModelSignature,
    metrics: JSON.parse(row.metrics) as StoredVersion['metrics'],
    tags: JSON.parse(row.tags) as StoredVersion['tags'],
    registeredBy: row.registered_by,
    createdAtMs: row.created_at,
  };
}
