import { sql as raw } from 'kysely';
import type { Sql } from '#platform/sql';
import type { Experiment } from '../model.ts';
import type { TrackingTables } from './schema.ts';

export interface NewExperimentRow {
  readonly name: string;
  readonly description: string | null;
  readonly nowMs: number;
  readonly actor: string;
}

/** Adds an experiment under the next number; its id, or undefined when the name is taken. */
export async function insertExperiment(tx: Sql, { name, description, nowMs, actor }: NewExperimentRow) {
  // Two processes that count at the same moment must not get the same number. SQLite has one writer anyway.
  if (tx.dialect === 'postgres')
    await raw`lock table tracking_experiment in share row exclusive mode`.execute(tx.tables());
  const result = await raw<{ id: number }>`
    insert into tracking_experiment (id, name, description, created_at, created_by)
    select coalesce(max(id), 0) + 1, ${name}, cast(${description} as text), cast(${nowMs} as bigint), ${actor}
    from tracking_experiment where true
    on conflict (name) do nothing returning id`.execute(tx.tables());
  return result.rows[0]?.id;
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

/** Experiments with what their runs amount to, the latest activity first; only the one of a name if given. */
export async function readExperiments(sql: Sql, name?: string): Promise<readonly Experiment[]> {
  const only = name === undefined ? raw`` : raw`where e.name = ${name}`;
  const result = await raw<{
    id: number;
    name: string;
    description: string | null;
    created_at: number;
    created_by: string;
    runs: number;
    running: number;
    deleted: number;
    last_activity: number;
  }>`
    select e.id, e.name, e.description, e.created_at, e.created_by,
      count(case when r.lifecycle = 'active' then 1 end) as runs,
      count(case when r.lifecycle = 'active' and r.status = 'running' then 1 end) as running,
      count(case when r.lifecycle = 'deleted' then 1 end) as deleted,
      coalesce(max(r.changed_at), e.created_at) as last_activity
    from tracking_experiment e left join tracking_run r on r.experiment = e.id
    ${only}
    group by e.id, e.name, e.description, e.created_at, e.created_by
    order by last_activity desc, e.id desc`.execute(sql.tables());
  return result.rows.map((row) => ({
    id: String(row.id),
    name: row.name,
    description: row.description,
    createdAtMs: row.created_at,
    createdBy: row.created_by,
    runs: row.runs,
    runningRuns: row.running,
    deletedRuns: row.deleted,
    lastActivityAtMs: row.last_activity,
  }));
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
