import type { Selectable, Updateable } from 'kysely';
import type { Sql } from '#platform/sql';
import type { InputRole, LatestMetric, Run, RunInput, RunLifecycle, RunState, Texts } from '../model.ts';
import type { TrackingTables } from './schema.ts';

type RunRow = Selectable<TrackingTables['tracking_run']>;

/** A run without what hangs on it. */
export interface RunHead extends Omit<Run, 'params' | 'metrics' | 'tags' | 'inputs' | 'experiment'> {
  readonly experimentId: number;
}

/** Which params, metrics and tags to read: the keys named, or all. */
export interface Columns {
  readonly params: readonly string[] | 'all';
  readonly metrics: readonly string[] | 'all';
  readonly tags: readonly string[] | 'all';
  readonly inputs: boolean;
}

export const ALL_COLUMNS: Columns = { params: 'all', metrics: 'all', tags: 'all', inputs: true };

const IDS_A_QUERY = 500;

/** False when the id is taken. */
export async function insertRun(tx: Sql, run: RunHead): Promise<boolean> {
  const row: RunRow = {
    id: run.id,
    experiment: run.experimentId,
    name: run.name,
    status: run.status,
    lifecycle: run.lifecycle,
    parent: run.parent,
    created_by: run.createdBy,
    code_commit: run.codeCommit,
    started_at: run.startedAtMs,
    ended_at: run.endedAtMs,
    changed_at: run.changedAtMs,
  };
  return (await tx.insertRows('tracking_run', Object.keys(row), [Object.values(row)], { onConflict: 'ignore' })) === 1;
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

/** The number a text is, so that params can be compared and sorted as numbers. */
function numberIn(text: string): number | null {
  const trimmed = text.trim();
  const number = Number(trimmed);
  return trimmed !== '' && Number.isFinite(number) ? number : null;
}

export async function writeTags(tx: Sql, run: string, tags: Texts): Promise<void> {
  if (tags.size === 0) return;
  await tx
    .tables<TrackingTables>()
    .insertInto('tracking_tag')
    .values([...tags].map(([key, value]) => ({ run, key, value })))
    .onConflict((conflict) => conflict.columns(['run', 'key']).doUpdateSet((e) => ({ value: e.ref('excluded.value') })))
    .execute();
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
    .select('e.name as experiment_name')
    .where('r.id', 'in', ids)
    .execute();
  const params = await readTexts(sql, 'tracking_param', ids, columns.params);
  const tags = await readTexts(sql, 'tracking_tag', ids, columns.tags);
  const metrics = await readLatest(sql, ids, columns.metrics);
  const inputs = columns.inputs ? await readInputs(sql, ids) : undefined;
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    experiment: row.experiment_name,
    // Only this store writes these columns, and only from the typed model.
    status: row.status as RunState,
    lifecycle: row.lifecycle as RunLifecycle,
    parent: row.parent,
    createdBy: row.created_by,
    codeCommit: row.code_commit,
    startedAtMs: row.started_at,
    endedAtMs: row.ended_at,
    changedAtMs: row.changed_at,
    params: params.get(row.id) ?? new Map(),
    metrics: metrics.get(row.id) ?? [],
    tags: tags.get(row.id) ?? new Map(),
    inputs: inputs?.get(row.id) ?? [],
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
