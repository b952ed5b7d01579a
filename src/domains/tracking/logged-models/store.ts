import type { Selectable, Updateable } from 'kysely';
import type { Sql } from '#platform/sql';
import type { RunLifecycle, Texts } from '../model.ts';
import type { LoggedModelTables } from '../store/logged-model-schema.ts';
import { loggedModelErrors } from './errors.ts';
import type { LoggedModel, LoggedModelHead, LoggedModelMetric, LoggedModelStatus } from './model.ts';

type ModelRow = Selectable<LoggedModelTables['tracking_logged_model']>;

/** What this store reads beside its own tables. */
export type Tables = LoggedModelTables & { tracking_experiment: { id: number; name: string } };

const IDS_A_QUERY = 500;

/** False when the id is taken. */
export async function insertLoggedModel(tx: Sql, model: LoggedModelHead): Promise<boolean> {
  const row: ModelRow = {
    id: model.id,
    experiment: Number(model.experimentId),
    name: model.name,
    type: model.type,
    status: model.status,
    lifecycle: model.lifecycle,
    source_run: model.sourceRun,
    artifact_uri: model.artifactUri,
    created_at: model.createdAtMs,
    created_by: model.createdBy,
    updated_at: model.updatedAtMs,
    deleted_at: null,
  };
  const rows = [Object.values(row)];
  return (await tx.insertRows('tracking_logged_model', Object.keys(row), rows, { onConflict: 'ignore' })) === 1;
}

/** Changes a model, and holds it until the transaction ends. @throws TRACKING_LOGGED_MODEL_NOT_FOUND */
export async function updateLoggedModel(
  tx: Sql,
  model: string,
  changes: Updateable<LoggedModelTables['tracking_logged_model']>,
): Promise<void> {
  const query = tx.tables<Tables>().updateTable('tracking_logged_model').set(changes).where('id', '=', model);
  if (Number((await query.executeTakeFirst()).numUpdatedRows) === 1) return;
  throw loggedModelErrors.TRACKING_LOGGED_MODEL_NOT_FOUND({ model });
}

/** Moves a model from one lifecycle to the other; false when it is not in the first. */
export async function moveLifecycle(tx: Sql, model: string, to: RunLifecycle, nowMs: number): Promise<boolean> {
  const result = await tx
    .tables<Tables>()
    .updateTable('tracking_logged_model')
    .set({ lifecycle: to, updated_at: nowMs, deleted_at: to === 'deleted' ? nowMs : null })
    .where('id', '=', model)
    .where('lifecycle', '<>', to)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/** Adds params. One that exists keeps its value. @throws TRACKING_LOGGED_MODEL_PARAM_CHANGED */
export async function writeModelParams(tx: Sql, model: string, params: Texts): Promise<void> {
  if (params.size === 0) return;
  const rows = [...params].map(([key, value]) => [model, key, value]);
  const columns = ['model', 'key', 'value'];
  const added = await tx.insertRows('tracking_logged_model_param', columns, rows, { onConflict: 'ignore' });
  if (added === rows.length) return;
  const known = await tx
    .tables<Tables>()
    .selectFrom('tracking_logged_model_param')
    .select(['key', 'value'])
    .where('model', '=', model)
    .where('key', 'in', [...params.keys()])
    .orderBy('key')
    .execute();
  for (const { key, value } of known) {
    const given = params.get(key);
    if (given === undefined || given === value) continue;
    throw loggedModelErrors.TRACKING_LOGGED_MODEL_PARAM_CHANGED({ model, key, value, given });
  }
}

export async function writeModelTags(tx: Sql, model: string, tags: Texts): Promise<void> {
  if (tags.size === 0) return;
  await tx
    .tables<Tables>()
    .insertInto('tracking_logged_model_tag')
    .values([...tags].map(([key, value]) => ({ model, key, value })))
    .onConflict((c) => c.columns(['model', 'key']).doUpdateSet((e) => ({ value: e.ref('excluded.value') })))
    .execute();
}

/** False when there is no such tag. */
export async function deleteModelTag(tx: Sql, model: string, key: string): Promise<boolean> {
  const result = await tx
    .tables<Tables>()
    .deleteFrom('tracking_logged_model_tag')
    .where('model', '=', model)
    .where('key', '=', key)
    .executeTakeFirst();
  return Number(result.numDeletedRows) === 1;
}

export interface NewModelMetric {
  readonly model: string;
  readonly run: string;
  readonly key: string;
  /** May be NaN or infinite. */
  readonly value: number;
  readonly step: number;
  readonly timestampMs: number;
  readonly dataset?: { readonly name: string; readonly digest: string } | undefined;
}

const METRIC_COLUMNS = ['model', 'key', 'at_ms', 'step', 'value', 'is_nan', 'run', 'dataset_name', 'dataset_digest'];

/**
 * Writes what runs measured of logged models. What is there already is left alone.
 *
 * @throws TRACKING_LOGGED_MODEL_NOT_FOUND
 */
export async function writeModelMetrics(tx: Sql, metrics: readonly NewModelMetric[]): Promise<void> {
  if (metrics.length === 0) return;
  const models = [...new Set(metrics.map(({ model }) => model))].sort();
  const known = await tx
    .tables<Tables>()
    .selectFrom('tracking_logged_model')
    .select('id')
    .where('id', 'in', models)
    .execute();
  const missing = models.find((model) => !known.some(({ id }) => id === model));
  if (missing !== undefined) throw loggedModelErrors.TRACKING_LOGGED_MODEL_NOT_FOUND({ model: missing });
  const rows = metrics.map(({ model, run, key, value, step, timestampMs, dataset }) => {
    const isNan = Number.isNaN(value);
    const { name = '', digest = '' } = dataset ?? {};
    return [model, key, timestampMs, step, isNan ? 0 : value, isNan ? 1 : 0, run, name, digest];
  });
  await tx.insertRows('tracking_logged_model_metric', METRIC_COLUMNS, rows, { onConflict: 'ignore' });
}

/** Models by id, in the order asked for; ids without a model are left out. */
export async function readLoggedModels(sql: Sql, ids: readonly string[]): Promise<readonly LoggedModel[]> {
  const models = new Map<string, LoggedModel>();
  for (let start = 0; start < ids.length; start += IDS_A_QUERY) {
    for (const model of await readPart(sql, ids.slice(start, start + IDS_A_QUERY))) models.set(model.id, model);
  }
  return ids.flatMap((id) => models.get(id) ?? []);
}

async function readPart(sql: Sql, ids: readonly string[]): Promise<LoggedModel[]> {
  const rows = await sql
    .tables<Tables>()
    .selectFrom('tracking_logged_model as m')
    .innerJoin('tracking_experiment as e', 'e.id', 'm.experiment')
    .selectAll('m')
    .select('e.name as experiment_name')
    .where('m.id', 'in', ids)
    .execute();
  const params = await readTexts(sql, 'tracking_logged_model_param', ids);
  const tags = await readTexts(sql, 'tracking_logged_model_tag', ids);
  const metrics = await readMetrics(sql, ids);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    experiment: row.experiment_name,
    experimentId: String(row.experiment),
    type: row.type,
    // Only this store writes these columns, and only from the typed model.
    status: row.status as LoggedModelStatus,
    lifecycle: row.lifecycle as RunLifecycle,
    sourceRun: row.source_run,
    artifactUri: row.artifact_uri,
    createdAtMs: row.created_at,
    createdBy: row.created_by,
    updatedAtMs: row.updated_at,
    params: params.get(row.id) ?? new Map(),
    tags: tags.get(row.id) ?? new Map(),
    metrics: metrics.get(row.id) ?? [],
  }));
}

async function readTexts(
  sql: Sql,
  table: 'tracking_logged_model_param' | 'tracking_logged_model_tag',
  ids: readonly string[],
): Promise<Map<string, Map<string, string>>> {
  const texts = new Map<string, Map<string, string>>();
  const rows = await sql
    .tables<Tables>()
    .selectFrom(table)
    .selectAll()
    .where('model', 'in', ids)
    .orderBy('model')
    .orderBy('key')
    .execute();
  for (const { model, key, value } of rows) {
    const own = texts.get(model) ?? new Map<string, string>();
    texts.set(model, own.set(key, value));
  }
  return texts;
}

async function readMetrics(sql: Sql, ids: readonly string[]): Promise<Map<string, LoggedModelMetric[]>> {
  const metrics = new Map<string, LoggedModelMetric[]>();
  const rows = await sql
    .tables<Tables>()
    .selectFrom('tracking_logged_model_metric')
    .selectAll()
    .where('model', 'in', ids)
    .orderBy('model')
    .orderBy('key')
    .orderBy('at_ms')
    .orderBy('step')
    .orderBy('value')
    .execute();
  for (const row of rows) {
    const own = metrics.get(row.model) ?? [];
    metrics.set(row.model, own);
    own.push({
      key: row.key,
      value: row.is_nan ? Number.NaN : row.value,
      step: row.step,
      timestampMs: row.at_ms,
      run: row.run,
      datasetName: row.dataset_name || null,
      datasetDigest: row.dataset_digest || null,
    });
  }
  return metrics;
}
