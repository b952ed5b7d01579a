import type { GoldenRows, ModelSignature, VersionSource } from '#contract';
import type { Json } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { type NewVersion, type StoredVersion, versionRef } from '../model.ts';
import type { RegistryTables } from './schema.ts';

/** Parts of a version that can be large; read one version at a time. */
export interface VersionParts {
  readonly golden: GoldenRows | null;
  readonly evaluation: Json;
}

export interface VersionChange {
  readonly description?: string;
  readonly stage?: StoredVersion['stage'];
  readonly deletedAtMs?: number;
  readonly updatedAtMs: number;
}

/** A model as its versions need it. */
export interface OwnModel {
  readonly key: string;
  readonly name: string;
}

const SUMMARY = [
  'model',
  'number',
  'digest',
  'description',
  'described_as',
  'run',
  'inputs',
  'code_commit',
  'file_digest',
  'file_size',
  'signature',
  'metrics',
  'reference',
  'registered_by',
  'created_at',
  'source',
  'location',
  'logged_model',
  'run_link',
  'stage',
  'updated_at',
] as const;

/** Most values of a list in one query. */
const CHUNK = 5000;

/** Versions. What they were registered with never changes; one that was deleted keeps its row and is not found. */
export class VersionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds the next version of a model that the caller holds. */
  async add(tx: Sql, version: NewVersion): Promise<number> {
    const newest = await tx
      .tables<RegistryTables>()
      .selectFrom('registry_version')
      .select((e) => e.fn.max('number').as('top'))
      .where('model', '=', version.key)
      .executeTakeFirst();
    const number = (newest?.top ?? 0) + 1;
    await tx
      .tables<RegistryTables>()
      .insertInto('registry_version')
      .values({
        model: version.key,
        number,
        digest: version.digest,
        idempotency_key: version.idempotencyKey,
        description: version.description,
        described_as: null,
        run: version.run,
        inputs: JSON.stringify(version.inputs),
        code_commit: version.codeCommit,
        file_digest: version.file?.digest ?? '',
        file_size: version.file?.sizeBytes ?? 0,
        signature: JSON.stringify(version.signature),
        golden: JSON.stringify(version.golden),
        metrics: JSON.stringify(version.metrics),
        evaluation: JSON.stringify(version.evaluation),
        reference: version.reference,
        tags: JSON.stringify(version.tags),
        registered_by: version.registeredBy,
        created_at: version.createdAtMs,
        source: version.source?.uri ?? null,
        location: version.source?.location ?? null,
        logged_model: version.source?.loggedModel ?? null,
        run_link: version.source?.runLink ?? null,
        stage: 'None',
        updated_at: version.createdAtMs,
        deleted_at: null,
      })
      .execute();
    return number;
  }

  async find(model: OwnModel, number: number, sql: Sql = this.#database): Promise<StoredVersion | undefined> {
    const row = await this.#select(sql, model.key).where('number', '=', number).executeTakeFirst();
    return row && toVersion(row, model.name);
  }

  async findByKey(tx: Sql, model: OwnModel, key: string): Promise<StoredVersion | undefined> {
    const row = await this.#select(tx, model.key).where('idempotency_key', '=', key).executeTakeFirst();
    return row && toVersion(row, model.name);
  }

  /** The newest number of each model that has a version. */
  async newest(models?: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (models?.length === 0) return new Map();
    let query = this.#database
      .tables<RegistryTables>()
      .selectFrom('registry_version')
      .select((e) => ['model', e.fn.max('number').as('latest')])
      .where('deleted_at', 'is', null)
      .groupBy('model');
    if (models) query = query.where('model', 'in', models);
    return new Map((await query.execute()).map(({ model, latest }) => [model, latest]));
  }

  /** Newest first. */
  async list(model: OwnModel, limit: number, before?: number): Promise<readonly StoredVersion[]> {
    let query = this.#select(this.#database, model.key);
    if (before !== undefined) query = query.where('number', '<', before);
    return (await query.orderBy('number', 'desc').limit(limit).execute()).map((row) => toVersion(row, model.name));
  }

  /** Versions of one model or several, by their references; those that are not there are left out. */
  async findAll(
    wanted: readonly { readonly model: OwnModel; readonly number: number }[],
  ): Promise<ReadonlyMap<string, StoredVersion>> {
    const found = new Map<string, StoredVersion>();
    for (let start = 0; start < wanted.length; start += CHUNK) {
      const chunk = wanted.slice(start, start + CHUNK);
      const names = new Map(chunk.map(({ model }) => [model.key, model.name]));
      const rows = await this.#database
        .tables<RegistryTables>()
        .selectFrom('registry_version')
        .select(SUMMARY)
        .where('model', 'in', [...names.keys()])
        .where('number', 'in', [...new Set(chunk.map(({ number }) => number))])
        .where('deleted_at', 'is', null)
        .execute();
      for (const row of rows) {
        const version = toVersion(row, names.get(row.model) ?? row.model);
        found.set(version.ref, version);
      }
    }
    return found;
  }

  /** The newest number of each model in each stage, newest first. */
  async newestInStages(
    models: readonly string[],
  ): Promise<readonly { readonly model: string; readonly number: number }[]> {
    if (models.length === 0) return [];
    const rows = await this.#database
      .tables<RegistryTables>()
      .selectFrom('registry_version')
      .select((e) => ['model', e.fn.max('number').as('latest')])
      .where('model', 'in', models)
      .where('deleted_at', 'is', null)
      .groupBy(['model', 'stage'])
      .execute();
    return rows.map(({ model, latest }) => ({ model, number: latest })).sort((a, b) => b.number - a.number);
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

  /** Numbers of the versions of a model that are there: of all, or of those in a stage. */
  async numbers(tx: Sql, model: string, stage?: StoredVersion['stage']): Promise<readonly number[]> {
    let query = tx
      .tables<RegistryTables>()
      .selectFrom('registry_version')
      .select('number')
      .where('model', '=', model)
      .where('deleted_at', 'is', null);
    if (stage !== undefined) query = query.where('stage', '=', stage);
    return (await query.orderBy('number').execute()).map(({ number }) => number);
  }

  /** Changes versions of a model that the caller holds: one, or all that are there. */
  async change(tx: Sql, model: string, number: number | 'all', change: VersionChange): Promise<void> {
    const { description, stage, deletedAtMs, updatedAtMs } = change;
    let query = tx
      .tables<RegistryTables>()
      .updateTable('registry_version')
      .set({
        updated_at: updatedAtMs,
        ...(description === undefined ? {} : { described_as: description }),
        ...(stage === undefined ? {} : { stage }),
        ...(deletedAtMs === undefined ? {} : { deleted_at: deletedAtMs }),
      })
      .where('model', '=', model)
      .where('deleted_at', 'is', null);
    if (number !== 'all') query = query.where('number', '=', number);
    await query.execute();
  }

  #select(sql: Sql, model: string) {
    return sql
      .tables<RegistryTables>()
      .selectFrom('registry_version')
      .select(SUMMARY)
      .where('model', '=', model)
      .where('deleted_at', 'is', null);
  }
}

function toVersion(row: Pick<RegistryTables['registry_version'], (typeof SUMMARY)[number]>, model: string) {
  const version: StoredVersion = {
    model,
    version: row.number,
    ref: versionRef(row.model, row.number),
    digest: row.digest,
    description: row.described_as ?? row.description,
    run: row.run,
    inputs: JSON.parse(row.inputs) as string[],
    codeCommit: row.code_commit,
    reference: row.reference,
    file: row.file_digest === '' ? null : { digest: row.file_digest, sizeBytes: row.file_size },
    source: sourceOf(row),
    signature: JSON.parse(row.signature) as ModelSignature | null,
    metrics: JSON.parse(row.metrics) as StoredVersion['metrics'],
    // Written by this class alone.
    stage: row.stage as StoredVersion['stage'],
    registeredBy: row.registered_by,
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
  };
  return version;
}

function sourceOf(
  row: Pick<RegistryTables['registry_version'], 'source' | 'location' | 'logged_model' | 'run_link'>,
): VersionSource | null {
  if (row.source === null || row.location === null) return null;
  return { uri: row.source, location: row.location, loggedModel: row.logged_model, runLink: row.run_link };
}
