import type { Selectable, Updateable } from 'kysely';
import type { Sql } from '#platform/sql';
import { belowUri } from '../core/artifact-uri.ts';
import { partTags } from '../core/mirrored-tags.ts';
import type { InputRole, LatestMetric, Run, RunInput, RunLifecycle, RunState, Texts } from '../model.ts';
import { readDatasets, readModelLinks } from './dataset-store.ts';
import type { TrackingTables } from './schema.ts';

type RunRow = Selectable<TrackingTables['tracking_run']>;

type Hanging = 'params' | 'metrics' | 'tags' | 'inputs' | 'datasets' | 'modelInputs' | 'modelOutputs';

/** A run without what hangs on it. */
export type RunHead = Omit<Run, Hanging>;

/** Which params, metrics and tags to read: the keys named, or all. */
export interface Columns {
  readonly params: readonly string[] | 'all';
  readonly metrics: readonly string[] | 'all';
  readonly tags: readonly string[] | 'all';
  readonly inputs: boolean;
}

export const ALL_COLUMNS: Columns = { params: 'all', metrics: 'all', tags: 'all', inputs: true };

const IDS_A_QUERY = 500;
/** Runs from before places were kept had their files here. */
const OLD_ROOT = 'mlflow-artifacts:/';

/** Adds runs; those whose id is taken are left alone. @returns how many were added */
export function insertRuns(tx: Sql, runs: readonly RunHead[]): Promise<number> {
  const rows = runs.map((run) => Object.values(rowOf(run)));
  const [first] = runs;
  if (!first) return Promise.resolve(0);
  return tx.insertRows('tracking_run', Object.keys(rowOf(first)), rows, { onConflict: 'ignore' });
}

function rowOf(run: RunHead): Omit<RunRow, 'revision' | 'deleted_at'> {
  return {
    id: run.id,
    experiment: Number(run.experimentId),
    name: run.name,
    status: run.status,
    lifecycle: run.lifecycle,
    parent: run.parent,
    created_by: run.createdBy,
    code_commit: run.codeCommit,
    started_at: run.startedAtMs,
    ended_at: run.endedAtMs,
    changed_at: run.changedAtMs,
    user_id: run.userId,
    artifact_uri: run.artifactUri,
  };
}

export async function findRunRow(sql: Sql, id: string): Promise<RunRow | undefined> {
  return sql.tables<TrackingTables>().selectFrom('tracking_run').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Changes a run if it is in the lifecycle; false when it is not, or does not exist. */
export async function updateRunRow(
  tx: Sql,
  id: string,
  lifecycle: RunLifecycle,
  changes: Updateable<TrackingTables['tracking_run']>,
): Promise<boolean> {
  const result = await tx
    .tables<TrackingTables>()
    .updateTable('tracking_run')
    .set(changes)
    .where('id', '=', id)
    .where('lifecycle', '=', lifecycle)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/** Deletes or restores every run of an experiment. */
export async function setLifecycleOfRuns(tx: Sql, experiment: number, to: RunLifecycle, nowMs: number): Promise<void> {
  await tx
    .tables<TrackingTables>()
    .updateTable('tracking_run')
    .set({ lifecycle: to, deleted_at: to === 'deleted' ? nowMs : null, changed_at: nowMs })
    .where('experiment', '=', experiment)
    .execute();
}

/**
 * Writes params. One that exists keeps its value.
 *
 * @returns the first that exists with another value, if any
 */
export async function writeParams(
  tx: Sql,
  run: string,
  params: Texts,
): Promise<{ readonly key: string; readonly value: string; readonly given: string } | undefined> {
  if (params.size === 0) return undefined;
  const rows = [...params].map(([key, value]) => [run, key, value, numberIn(value)]);
  const columns = ['run', 'key', 'value', 'number_value'];
  if ((await tx.insertRows('tracking_param', columns, rows, { onConflict: 'ignore' })) === rows.length)
    return undefined;
  const known = await tx
    .tables<TrackingTables>()
    .selectFrom('tracking_param')
    .select(['key', 'value'])
    .where('run', '=', run)
    .where('key', 'in', [...params.keys()])
    .orderBy('key')
    .execute();
  for (const { key, value } of known) {
    const given = params.get(key);
    if (given !== undefined && given !== value) return { key, value, given };
  }
  return undefined;
}

/** Params or tags of runs that are new, so that none is there yet. */
export async function insertTexts<Owner extends { readonly id: string }>(
  tx: Sql,
  table: 'tracking_param' | 'tracking_tag',
  owners: readonly Owner[],
  textsOf: (owner: Owner) => Texts,
): Promise<void> {
  const numeric = table === 'tracking_param';
  const rows = owners.flatMap((owner) =>
    [...textsOf(owner)].map(([key, value]) => [owner.id, key, value, ...(numeric ? [numberIn(value)] : [])]),
  );
  await tx.insertRows(table, ['run', 'key', 'value', ...(numeric ? ['number_value'] : [])], rows);
}

/** The number a text is, so that params can be compared and sorted as numbers. */
function numberIn(text: string): number | null {
  const trimmed = text.trim();
  const number = Number(trimmed);
  return trimmed !== '' && Number.isFinite(number) ? number : null;
}

/** Writes tags. One that mirrors a property becomes that property. */
export async function writeTags(tx: Sql, run: string, given: Texts): Promise<void> {
  const { kept: tags, properties } = partTags(given);
  const { name, parent, codeCommit } = properties;
  if (tags.size < given.size) {
    await updateRunRow(tx, run, 'active', {
      ...(name === undefined ? {} : { name }),
      ...(parent === undefined ? {} : { parent }),
      ...(codeCommit === undefined ? {} : { code_commit: codeCommit }),
    });
  }
  if (tags.size === 0) return;
  await tx
    .tables<TrackingTables>()
    .insertInto('tracking_tag')
    .values([...tags].map(([key, value]) => ({ run, key, value })))
    .onConflict((conflict) => conflict.columns(['run', 'key']).doUpdateSet((e) => ({ value: e.ref('excluded.value') })))
    .execute();
}

/** Takes a tag away; false when there is none. */
export async function deleteTag(tx: Sql, run: string, key: string): Promise<boolean> {
  const result = await tx
    .tables<TrackingTables>()
    .deleteFrom('tracking_tag')
    .where('run', '=', run)
    .where('key', '=', key)
    .executeTakeFirst();
  return Number(result.numDeletedRows) === 1;
}

/** @returns the inputs that were not known yet */
export async function writeInputs(tx: Sql, run: string, inputs: readonly RunInput[]): Promise<readonly RunInput[]> {
  const added: RunInput[] = [];
  for (const input of inputs) {
    const row = [run, input.ref, input.path ?? '', input.role];
    const columns = ['run', 'ref', 'path', 'role'];
    if ((await tx.insertRows('tracking_input', columns, [row], { onConflict: 'ignore' })) === 1) added.push(input);
  }
  return added;
}

/** Reads runs by id, in the order asked for; ids without a run are left out. */
export async function readRuns(sql: Sql, ids: readonly string[], columns: Columns): Promise<readonly Run[]> {
  const runs = new Map<string, Run>();
  for (let start = 0; start < ids.length; start += IDS_A_QUERY) {
    for (const run of await readPart(sql, ids.slice(start, start + IDS_A_QUERY), columns)) runs.set(run.id, run);
  }
  return ids.flatMap((id) => runs.get(id) ?? []);
}

async function readPart(sql: Sql, ids: readonly string[], columns: Columns): Promise<Run[]> {
  const rows = await sql
    .tables<TrackingTables>()
    .selectFrom('tracking_run as r')
    .innerJoin('tracking_experiment as e', 'e.id', 'r.experiment')
    .selectAll('r')
    .select(['e.name as experiment_name', 'e.artifact_location'])
    .where('r.id', 'in', ids)
    .execute();
  const params = await readTexts(sql, 'tracking_param', ids, columns.params);
  const tags = await readTexts(sql, 'tracking_tag', ids, columns.tags);
  const metrics = await readLatest(sql, ids, columns.metrics);
  const inputs = columns.inputs ? await readInputs(sql, ids) : undefined;
  const datasets = columns.inputs ? await readDatasets(sql, ids) : undefined;
  const models = columns.inputs ? await readModelLinks(sql, ids) : undefined;
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    experiment: row.experiment_name,
    experimentId: String(row.experiment),
    // Only this store writes these columns, and only from the typed model.
    status: row.status as RunState,
    lifecycle: row.lifecycle as RunLifecycle,
    parent: row.parent,
    createdBy: row.created_by,
    userId: row.user_id,
    artifactUri:
      row.artifact_uri ??
      belowUri(row.artifact_location ?? belowUri(OLD_ROOT, `${row.experiment}`), row.id, 'artifacts'),
    codeCommit: row.code_commit,
    startedAtMs: row.started_at,
    endedAtMs: row.ended_at,
    changedAtMs: row.changed_at,
    params: params.get(row.id) ?? new Map(),
    metrics: metrics.get(row.id) ?? [],
    tags: tags.get(row.id) ?? new Map(),
    inputs: inputs?.get(row.id) ?? [],
    datasets: datasets?.get(row.id) ?? [],
    modelInputs: models?.get(row.id)?.inputs ?? [],
    modelOutputs: models?.get(row.id)?.outputs ?? [],
  }));
}

async function readTexts(
  sql: Sql,
  table: 'tracking_param' | 'tracking_tag',
  ids: readonly string[],
  keys: readonly string[] | 'all',
): Promise<Map<string, Map<string, string>>> {
  const texts = new Map<string, Map<string, string>>();
  if (keys !== 'all' && keys.length === 0) return texts;
  let query = sql
    .tables<TrackingTables>()
    .selectFrom(table)
    .select(['run', 'key', 'value'])
    .where('run', 'in', ids)
    .orderBy('run')
    .orderBy('key');
  if (keys !== 'all') query = query.where('key', 'in', keys);
  for (const { run, key, value } of await query.execute()) {
    const own = texts.get(run) ?? new Map<string, string>();
    texts.set(run, own.set(key, value));
  }
  return texts;
}

async function readLatest(
  sql: Sql,
  ids: readonly string[],
  keys: readonly string[] | 'all',
): Promise<Map<string, LatestMetric[]>> {
  const latest = new Map<string, LatestMetric[]>();
  if (keys !== 'all' && keys.length === 0) return latest;
  let query = sql
    .tables<TrackingTables>()
    .selectFrom('tracking_series')
    .selectAll()
    .where('run', 'in', ids)
    .orderBy('run')
    .orderBy('key');
  if (keys !== 'all') query = query.where('key', 'in', keys);
  for (const row of await query.execute()) {
    const value = row.is_nan ? Number.NaN : row.value;
    const { key, step, at_ms, min_value, max_value } = row;
    group(latest, row.run).push({ key, value, step, timestampMs: at_ms, min: min_value, max: max_value });
  }
  return latest;
}

async function readInputs(sql: Sql, ids: readonly string[]): Promise<Map<string, RunInput[]>> {
  const inputs = new Map<string, RunInput[]>();
  const rows = await sql
    .tables<TrackingTables>()
    .selectFrom('tracking_input')
    .selectAll()
    .where('run', 'in', ids)
    .orderBy('ref')
    .orderBy('path')
    .orderBy('role')
    .execute();
  for (const { run, ref, path, role } of rows) {
    group(inputs, run).push({ ref, path: path === '' ? null : path, role: role as InputRole });
  }
  return inputs;
}

function group<Item>(groups: Map<string, Item[]>, name: string): Item[] {
  const known = groups.get(name);
  if (known) return known;
  const fresh: Item[] = [];
  groups.set(name, fresh);
  return fresh;
}
