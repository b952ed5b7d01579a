import { sql as raw } from 'kysely';
import type { Sql } from '#platform/sql';
import type { OrganizingTables } from '../store/organizing-schema.ts';
import { deleteHistories } from '../store/point-store.ts';

export type TrashKind = 'run' | 'experiment' | 'logged-model';

export interface TrashItem {
  readonly kind: TrashKind;
  readonly id: string;
  readonly name: string;
  /** Name of its experiment. */
  readonly experiment: string;
  readonly deletedAtMs: number;
}

export interface TrashCounts {
  readonly runs: number;
  readonly experiments: number;
  readonly loggedModels: number;
}

interface TrashFilter {
  readonly kind?: TrashKind | undefined;
  /** Number of the experiment. */
  readonly experiment?: number | undefined;
}

/**
 * Everything in the trash by kind, id, name, experiment and time. What lies in a deleted experiment is not told apart:
 * it goes and comes with it.
 */
const TRASH = raw`(
  select 'run' as kind, r.id as id, r.name as name, e.name as experiment, e.id as experiment_id,
    coalesce(r.deleted_at, r.changed_at) as deleted_at
  from tracking_run r join tracking_experiment e on e.id = r.experiment
  where r.lifecycle = 'deleted' and e.lifecycle = 'active'
  union all
  select 'logged-model', m.id, m.name, e.name, e.id, coalesce(m.deleted_at, m.updated_at)
  from tracking_logged_model m join tracking_experiment e on e.id = m.experiment
  where m.lifecycle = 'deleted' and e.lifecycle = 'active'
  union all
  select 'experiment', cast(e.id as text), e.name, e.name, e.id, coalesce(e.deleted_at, e.updated_at)
  from tracking_experiment e where e.lifecycle = 'deleted'
)`;

function conditionOf({ kind, experiment }: TrashFilter) {
  const parts = [raw`true`];
  if (kind !== undefined) parts.push(raw`kind = ${kind}`);
  if (experiment !== undefined) parts.push(raw`experiment_id = ${experiment}`);
  return raw.join(parts, raw` and `);
}

/** What lies in the trash, the latest first. */
export async function readTrash(
  sql: Sql,
  filter: TrashFilter & { readonly limit: number; readonly offset: number },
): Promise<readonly TrashItem[]> {
  const { rows } = await raw<Omit<TrashItem, 'deletedAtMs'> & { deleted_at: number }>`
    select kind, id, name, experiment, deleted_at from ${TRASH} t where ${conditionOf(filter)}
    order by deleted_at desc, kind, id limit ${filter.limit} offset ${filter.offset}`.execute(sql.tables());
  return rows.map(({ deleted_at, ...item }) => ({ ...item, deletedAtMs: deleted_at }));
}

export async function countTrash(sql: Sql, filter: TrashFilter): Promise<TrashCounts> {
  const { rows } = await raw<{ kind: TrashKind; count: number }>`
    select kind, count(*) as count from ${TRASH} t where ${conditionOf(filter)} group by kind`.execute(sql.tables());
  const count = (kind: TrashKind) => Number(rows.find((row) => row.kind === kind)?.count ?? 0);
  return { runs: count('run'), experiments: count('experiment'), loggedModels: count('logged-model') };
}

/** Ids of everything of a kind in the trash that came there at `until` or before, the oldest first. */
export async function readTrashIds(
  sql: Sql,
  { kind, until, after, limit }: { kind: TrashKind; until: number; after: string; limit: number },
): Promise<readonly string[]> {
  const { rows } = await raw<{ id: string }>`
    select id from ${TRASH} t where kind = ${kind} and deleted_at <= ${until} and id > ${after}
    order by id limit ${limit}`.execute(sql.tables());
  return rows.map(({ id }) => id);
}

/** When each of some things of a kind came into the trash; those that are not there, or do not exist, are left out. */
export async function readDeletionTimes(
  sql: Sql,
  kind: TrashKind,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map();
  const { rows } = await raw<{ id: string; deleted_at: number }>`
    select id, deleted_at from ${TRASH} t where kind = ${kind} and id in (${raw.join(ids)})`.execute(sql.tables());
  return new Map(rows.map(({ id, deleted_at }) => [id, deleted_at]));
}

/** Everything of an experiment, whatever its lifecycle. */
export async function readContents(sql: Sql, experiment: number) {
  const idsIn = async (table: 'tracking_run' | 'tracking_logged_model') => {
    const { rows } = await raw<{ id: string }>`
      select id from ${raw.table(table)} where experiment = ${experiment} order by id`.execute(sql.tables());
    return rows.map(({ id }) => id);
  };
  return { runs: await idsIn('tracking_run'), loggedModels: await idsIn('tracking_logged_model') };
}

/** Where the files of a run or a logged model are. */
export async function readRoot(sql: Sql, kind: 'run' | 'logged-model', id: string): Promise<string | undefined> {
  const table = kind === 'run' ? 'tracking_run' : 'tracking_logged_model';
  const { rows } = await raw<{ artifact_uri: string | null }>`
    select artifact_uri from ${raw.table(table)} where id = ${id}`.execute(sql.tables());
  return rows[0]?.artifact_uri ?? undefined;
}

/** Tables whose rows hang on a run by its id. */
const OF_RUN = [
  'tracking_param',
  'tracking_tag',
  'tracking_input',
  'tracking_run_dataset',
  'tracking_run_model',
] as const;

/** Where something lay that was deleted for good. */
export interface Erased {
  readonly experiment: number;
  readonly name: string;
  /** Where its files are. */
  readonly root: string;
}

/** Deletes a run that is in the trash and what hangs on it, except its files; undefined when it is not there. */
export async function eraseRun(tx: Sql, run: string): Promise<Erased | undefined> {
  const [erased] = (
    await raw<Erased>`delete from tracking_run where id = ${run} and lifecycle = 'deleted'
      returning experiment, name, coalesce(artifact_uri, '') as root`.execute(tx.tables())
  ).rows;
  if (!erased) return undefined;
  await deleteHistories(tx, run);
  for (const table of OF_RUN) await raw`delete from ${raw.table(table)} where run = ${run}`.execute(tx.tables());
  return erased;
}

const OF_MODEL = ['tracking_logged_model_param', 'tracking_logged_model_tag', 'tracking_logged_model_metric'] as const;

/** Deletes a logged model like a run; one of a deleted experiment counts as in the trash. */
export async function eraseLoggedModel(tx: Sql, model: string): Promise<Erased | undefined> {
  const [erased] = (
    await raw<Erased>`delete from tracking_logged_model where id = ${model} and (lifecycle = 'deleted' or experiment in
        (select id from tracking_experiment where lifecycle = 'deleted'))
      returning experiment, name, artifact_uri as root`.execute(tx.tables())
  ).rows;
  if (!erased) return undefined;
  for (const table of OF_MODEL) await raw`delete from ${raw.table(table)} where model = ${model}`.execute(tx.tables());
  return erased;
}

/** Deletes an experiment that holds no runs and no logged models any more. @returns false when it holds some */
export async function eraseExperiment(tx: Sql, experiment: number): Promise<boolean> {
  const deleted = await raw<{ id: number }>`
    delete from tracking_experiment where id = ${experiment} and lifecycle = 'deleted'
      and not exists (select 1 from tracking_run where experiment = ${experiment})
      and not exists (select 1 from tracking_logged_model where experiment = ${experiment})
    returning id`.execute(tx.tables());
  if (deleted.rows.length === 0) return false;
  for (const table of ['tracking_experiment_tag', 'tracking_dataset', 'tracking_view']) {
    await raw`delete from ${raw.table(table)} where experiment = ${experiment}`.execute(tx.tables());
  }
  await tx.insertRows('tracking_erased_experiment', ['id'], [[experiment]], { onConflict: 'ignore' });
  return true;
}

/** Notes, in the transaction that deletes the rows, that files are to follow. */
export async function noteErasedFiles(tx: Sql, owner: string, root: string): Promise<void> {
  await tx.insertRows('tracking_erased_files', ['owner', 'root'], [[owner, root]], { onConflict: 'ignore' });
}

/** Owners whose files are still to be deleted, with where these are. */
export async function readErasedFiles(
  sql: Sql,
  limit: number,
): Promise<readonly OrganizingTables['tracking_erased_files'][]> {
  return sql
    .tables<OrganizingTables>()
    .selectFrom('tracking_erased_files')
    .selectAll()
    .orderBy('owner')
    .limit(limit)
    .execute();
}

export async function forgetErasedFiles(sql: Sql, owner: string): Promise<void> {
  await sql.tables<OrganizingTables>().deleteFrom('tracking_erased_files').where('owner', '=', owner).execute();
}
