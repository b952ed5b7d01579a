import { sql as raw, type Updateable } from 'kysely';
import type { Sql } from '#platform/sql';
import { belowUri } from '../core/artifact-uri.ts';
import type { Experiment, ExperimentHead, RunLifecycle, Texts } from '../model.ts';
import { DEFAULT_EXPERIMENT } from './experiment-schema.ts';
import type { TrackingTables } from './schema.ts';

export interface NewExperimentRow {
  readonly name: string;
  readonly description: string | null;
  /** Below the root by the experiment's number if undefined. */
  readonly artifactLocation: string | undefined;
  readonly artifactRoot: string;
  readonly nowMs: number;
  readonly actor: string;
}

/** How experiments are told apart. */
export type ExperimentKey = { readonly id: number } | { readonly name: string };

/** Adds an experiment under the next number; its id, or undefined when the name is taken. */
export async function insertExperiment(tx: Sql, row: NewExperimentRow): Promise<number | undefined> {
  const { name, description, nowMs, actor } = row;
  // Two processes that count at the same moment must not get the same number. SQLite has one writer anyway.
  if (tx.dialect === 'postgres')
    await raw`lock table tracking_experiment in share row exclusive mode`.execute(tx.tables());
  const result = await raw<{ id: number }>`
    insert into tracking_experiment (id, name, description, created_at, created_by, updated_at)
    select 1 + coalesce(max(id), 0), ${name}, cast(${description} as text), cast(${nowMs} as bigint), ${actor},
      cast(${nowMs} as bigint)
    from (select id from tracking_experiment union all select id from tracking_erased_experiment) as known where true
    on conflict (name) do nothing returning id`.execute(tx.tables());
  const id = result.rows[0]?.id;
  if (id === undefined) return undefined;
  const location = row.artifactLocation ?? belowUri(row.artifactRoot, String(id));
  await updateExperimentRow(tx, id, { artifact_location: location });
  return id;
}

export async function updateExperimentRow(
  tx: Sql,
  id: number,
  changes: Updateable<TrackingTables['tracking_experiment']>,
): Promise<void> {
  await tx.tables<TrackingTables>().updateTable('tracking_experiment').set(changes).where('id', '=', id).execute();
}

export async function findExperimentId(sql: Sql, name: string): Promise<number | undefined> {
  const row = await sql
    .tables<TrackingTables>()
    .selectFrom('tracking_experiment')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.id;
}

/** What a new run needs to know of its experiment. */
export interface ExperimentPlace {
  readonly id: number;
  readonly name: string;
  readonly lifecycle: RunLifecycle;
  readonly artifactLocation: string;
}

/** Experiments by id or name, held as they are until the transaction ends. */
export async function holdExperiments(
  tx: Sql,
  keys: readonly ExperimentKey[],
  artifactRoot: string,
): Promise<readonly ExperimentPlace[]> {
  const ids = [...new Set(keys.flatMap((key) => ('id' in key ? key.id : [])))].sort((a, b) => a - b);
  const names = [...new Set(keys.flatMap((key) => ('name' in key ? key.name : [])))];
  let query = tx
    .tables<TrackingTables>()
    .selectFrom('tracking_experiment')
    .select(['id', 'name', 'lifecycle', 'artifact_location'])
    .where((e) =>
      e.or([...(ids.length > 0 ? [e('id', 'in', ids)] : []), ...(names.length > 0 ? [e('name', 'in', names)] : [])]),
    )
    .orderBy('id');
  if (tx.dialect === 'postgres') query = query.forShare();
  return (await query.execute()).map((row) => ({
    id: row.id,
    name: row.name,
    lifecycle: row.lifecycle as RunLifecycle,
    artifactLocation: row.artifact_location ?? belowUri(artifactRoot, String(row.id)),
  }));
}

/** An experiment and its tags. With `hold` nobody else changes it until the transaction ends. */
export async function findExperimentHead(
  sql: Sql,
  key: ExperimentKey,
  artifactRoot: string,
  hold = false,
): Promise<ExperimentHead | undefined> {
  let query = sql.tables<TrackingTables>().selectFrom('tracking_experiment').selectAll();
  query = 'id' in key ? query.where('id', '=', key.id) : query.where('name', '=', key.name);
  if (hold && sql.dialect === 'postgres') query = query.forUpdate();
  const row = await query.executeTakeFirst();
  if (!row) return undefined;
  return headOf(row, (await readExperimentTags(sql, [row.id])).get(row.id), artifactRoot);
}

/** Where each experiment keeps files of its runs. */
export async function readExperimentPlaces(
  sql: Sql,
  artifactRoot: string,
): Promise<readonly { readonly id: number; readonly location: string }[]> {
  const experiments = sql.tables<TrackingTables>().selectFrom('tracking_experiment');
  const rows = await experiments.select(['id', 'artifact_location']).execute();
  return rows.map((row) => ({
    id: row.id,
    location: row.artifact_location ?? belowUri(artifactRoot, String(row.id)),
  }));
}

/** All experiments with their tags, by number. */
export async function readExperimentHeads(sql: Sql, artifactRoot: string): Promise<readonly ExperimentHead[]> {
  const rows = await sql.tables<TrackingTables>().selectFrom('tracking_experiment').selectAll().orderBy('id').execute();
  const tags = await readExperimentTags(sql, undefined);
  return rows.map((row) => headOf(row, tags.get(row.id), artifactRoot));
}

function headOf(
  row: TrackingTables['tracking_experiment'],
  tags: Texts | undefined,
  artifactRoot: string,
): ExperimentHead {
  return {
    id: String(row.id),
    name: row.name,
    description: row.description,
    lifecycle: row.lifecycle as RunLifecycle,
    artifactLocation: row.artifact_location ?? belowUri(artifactRoot, String(row.id)),
    createdAtMs: row.created_at,
    createdBy: row.created_by,
    updatedAtMs: row.updated_at,
    tags: tags ?? new Map(),
  };
}

async function readExperimentTags(
  sql: Sql,
  ids: readonly number[] | undefined,
): Promise<Map<number, Map<string, string>>> {
  // PostgreSQL knows no empty list.
  if (ids?.length === 0) return new Map();
  let query = sql.tables<TrackingTables>().selectFrom('tracking_experiment_tag').selectAll().orderBy('key');
  if (ids) query = query.where('experiment', 'in', ids);
  const tags = new Map<number, Map<string, string>>();
  for (const { experiment, key, value } of await query.execute()) {
    const own = tags.get(experiment) ?? new Map<string, string>();
    tags.set(experiment, own.set(key, value));
  }
  return tags;
}

export async function writeExperimentTags(tx: Sql, experiment: number, tags: Texts): Promise<void> {
  if (tags.size === 0) return;
  await tx
    .tables<TrackingTables>()
    .insertInto('tracking_experiment_tag')
    .values([...tags].map(([key, value]) => ({ experiment, key, value })))
    .onConflict((c) => c.columns(['experiment', 'key']).doUpdateSet((e) => ({ value: e.ref('excluded.value') })))
    .execute();
}

/** False when there is no such tag. */
export async function deleteExperimentTag(tx: Sql, experiment: number, key: string): Promise<boolean> {
  const result = await tx
    .tables<TrackingTables>()
    .deleteFrom('tracking_experiment_tag')
    .where('experiment', '=', experiment)
    .where('key', '=', key)
    .executeTakeFirst();
  return Number(result.numDeletedRows) === 1;
}

/** Experiments with what their runs amount to, the latest activity first; only the one of a name if given. */
export async function readExperiments(sql: Sql, artifactRoot: string, name?: string): Promise<readonly Experiment[]> {
  const only = name === undefined ? raw`` : raw`where e.name = ${name}`;
  const result = await raw<
    TrackingTables['tracking_experiment'] & { runs: number; running: number; deleted: number; last_activity: number }
  >`
    select e.*, coalesce(r.runs, 0) as runs, coalesce(r.running, 0) as running, coalesce(r.deleted, 0) as deleted,
      coalesce(r.last_activity, e.updated_at) as last_activity
    from tracking_experiment e left join (
      select experiment, count(case when lifecycle = 'active' then 1 end) as runs,
        count(case when lifecycle = 'active' and status = 'running' then 1 end) as running,
        count(case when lifecycle = 'deleted' then 1 end) as deleted, max(changed_at) as last_activity
      from tracking_run ${name === undefined ? raw`` : raw`where experiment = (select id from tracking_experiment where name = ${name})`}
      group by experiment
    ) r on r.experiment = e.id
    ${only}`.execute(sql.tables());
  const tags = await readExperimentTags(sql, name === undefined ? undefined : result.rows.map(({ id }) => id));
  return result.rows
    .map((row) => ({
      ...headOf(row, tags.get(row.id), artifactRoot),
      runs: row.runs,
      runningRuns: row.running,
      deletedRuns: row.deleted,
      lastActivityAtMs: Math.max(row.last_activity, row.updated_at),
    }))
    .sort((a, b) => b.lastActivityAtMs - a.lastActivityAtMs || Number(b.id) - Number(a.id));
}

/** True for the experiment that every server has, while nobody used it. */
export function isUnused(experiment: Experiment): boolean {
  return (
    experiment.id === String(DEFAULT_EXPERIMENT) &&
    experiment.runs + experiment.deletedRuns + experiment.tags.size === 0 &&
    experiment.description === null
  );
}

interface ColumnCount {
  readonly key: string;
  readonly runs: number;
}

/** Every key that active runs of an experiment have, with how many have it. */
export async function readColumns(sql: Sql, experimentId: number) {
  const keysOf = async (table: 'tracking_series' | 'tracking_param' | 'tracking_tag'): Promise<ColumnCount[]> => {
    const { rows } = await raw<ColumnCount>`
      select k.key as key, count(*) as runs from tracking_run r join ${raw.table(table)} k on k.run = r.id
      where r.experiment = ${experimentId} and r.lifecycle = 'active' group by k.key`.execute(sql.tables());
    // By code unit, whatever the database's collation is.
    return rows.map(({ key, runs }) => ({ key, runs })).sort((a, b) => (a.key < b.key ? -1 : 1));
  };
  return {
    metrics: await keysOf('tracking_series'),
    params: await keysOf('tracking_param'),
    tags: await keysOf('tracking_tag'),
  };
}
