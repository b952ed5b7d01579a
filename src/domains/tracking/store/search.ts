import { type RawBuilder, sql as raw } from 'kysely';
import type { Sql } from '#platform/sql';
import type { RunLifecycle } from '../model.ts';

/** What columns keep of every run. */
export interface RunBase {
  readonly id: string;
  readonly experiment: number;
  readonly lifecycle: RunLifecycle;
  readonly revision: number;
  readonly startedAtMs: number;
}

/** A run that changed since a mark; without `base` it is gone. */
export interface ChangedRun {
  readonly id: string;
  readonly base?: RunBase;
}

interface BaseRow {
  readonly id: string;
  readonly experiment: number;
  readonly lifecycle: string;
  readonly revision: number;
  readonly started_at: number;
}

const BASE = raw`id, experiment, lifecycle, revision, started_at`;

/** A moment in the history of the runs: what is committed after it is a change since it. */
export async function readMark(sql: Sql): Promise<number> {
  const mark =
    sql.dialect === 'postgres'
      ? raw`select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as mark`
      : raw`select max(coalesce((select max(revision) from tracking_run), 0),
          coalesce((select max(revision) from tracking_gone), 0)) + 1 as mark`;
  const result = await mark.execute(sql.tables());
  return (result.rows as { mark: number }[])[0]?.mark ?? 0;
}

/**
 * Runs that changed since a mark, and the mark from which to ask the next time. On PostgreSQL a run may be told twice;
 * its revision tells whether it is known already.
 */
export async function readChanges(sql: Sql, mark: number): Promise<{ mark: number; changes: readonly ChangedRun[] }> {
  const changed = raw`
    select ${BASE}, 0 as gone from tracking_run where revision >= ${mark} union all
    select run, 0, '', revision, 0, 1 from tracking_gone where revision >= ${mark}`;
  if (sql.dialect === 'sqlite') {
    const { rows } = await raw<BaseRow & { gone: number }>`${changed}`.execute(sql.tables());
    const next = rows.reduce((most, { revision }) => Math.max(most, revision + 1), mark);
    return { mark: next, changes: rows.map(changeOf) };
  }
  const { rows } = await raw<BaseRow & { gone: number; mark: number }>`
    select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as mark, c.*
    from (select 1) as one left join (${changed}) as c on true`.execute(sql.tables());
  const changes = rows.filter(({ id }) => id !== null).map(changeOf);
  return { mark: rows[0]?.mark ?? mark, changes };
}

function changeOf(row: BaseRow & { gone: number }): ChangedRun {
  return row.gone === 1 ? { id: row.id } : { id: row.id, base: baseOf(row) };
}

/** Some runs of an experiment by id, those after an id. */
export async function readBases(
  sql: Sql,
  experiment: number,
  after: string,
  limit: number,
): Promise<readonly RunBase[]> {
  const { rows } = await raw<BaseRow>`select ${BASE} from tracking_run
    where experiment = ${experiment} and id > ${after} order by id limit ${limit}`.execute(sql.tables());
  return rows.map(baseOf);
}

function baseOf(row: BaseRow): RunBase {
  // Only the run store writes the lifecycle, and only from the typed model.
  const lifecycle = row.lifecycle as RunLifecycle;
  return { id: row.id, experiment: row.experiment, lifecycle, revision: row.revision, startedAtMs: row.started_at };
}

/** What a run holds in a field; a run that may hold several is told several times. */
export interface Cell {
  /** Index of the run in the ids asked for. */
  readonly run: number;
  readonly entity: string;
  readonly key: string;
  readonly value: string | number;
}

/** What fields to read: keys by entity. */
export type Wanted = ReadonlyMap<string, readonly string[]>;

/** Reads what runs hold in some fields. */
export async function readCells(sql: Sql, ids: readonly string[], wanted: Wanted): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  const list = new IdList(sql, ids);
  const keys = (...entities: string[]) => [...new Set(entities.flatMap((entity) => wanted.get(entity) ?? []))];
  const metrics = keys('metrics', 'minima', 'maxima');
  if (metrics.length > 0) addMetrics(cells, await list.seriesOf(metrics), wanted);
  for (const entity of ['params', 'tags'] as const) {
    if (keys(entity).length === 0) continue;
    for (const { n, key, value } of await list.textsOf(entity, keys(entity))) {
      cells.push({ run: n, entity, key, value });
    }
  }
  for (const [entity, read] of [
    ['attributes', () => list.attributes(keys('attributes'))],
    ['datasets', () => list.datasets()],
    ['inputs', () => list.inputs()],
  ] as const) {
    if (keys(entity).length === 0) continue;
    for (const row of await read()) {
      for (const key of keys(entity)) {
        const value = row[key];
        if (value !== null && value !== undefined) cells.push({ run: row.n, entity, key, value });
      }
    }
  }
  return cells;
}

type NumberedRow = { readonly n: number } & Readonly<Record<string, string | number | null>>;

interface SeriesRow {
  readonly n: number;
  readonly key: string;
  readonly value: number;
  readonly is_nan: number;
  readonly min_value: number | null;
  readonly max_value: number | null;
}

function addMetrics(cells: Cell[], rows: readonly SeriesRow[], wanted: Wanted): void {
  const [latest, minima, maxima] = ['metrics', 'minima', 'maxima'].map((entity) => new Set(wanted.get(entity)));
  for (const { n, key, value, is_nan, min_value, max_value } of rows) {
    if (latest?.has(key)) cells.push({ run: n, entity: 'metrics', key, value: is_nan ? Number.NaN : value });
    if (minima?.has(key)) cells.push({ run: n, entity: 'minima', key, value: min_value ?? Number.NaN });
    if (maxima?.has(key)) cells.push({ run: n, entity: 'maxima', key, value: max_value ?? Number.NaN });
  }
}

/** Attributes that are columns of the table of runs. */
const ATTRIBUTE_COLUMNS: Readonly<Record<string, string>> = {
  name: 'name',
  status: 'status',
  parent: 'parent',
  createdBy: 'created_by',
  user: 'user_id',
  codeCommit: 'code_commit',
  artifactUri: 'artifact_uri',
  endedAt: 'ended_at',
};

const MAX_KEYS = 500;

/** Ids as one parameter of a statement, whose text is then the same for any number of them. */
class IdList {
  readonly #sql: Sql;
  /** A table of `n` and `id`. */
  readonly #ids: RawBuilder<unknown>;

  constructor(sql: Sql, ids: readonly string[]) {
    this.#sql = sql;
    this.#ids =
      sql.dialect === 'sqlite'
        ? raw`(select key as n, value as id from json_each(${JSON.stringify(ids)})) as i cross join`
        : raw`(select ordinality - 1 as n, u as id from unnest(${ids}::text[]) with ordinality as t(u, ordinality)) as i join`;
  }

  seriesOf(keys: readonly string[]): Promise<readonly SeriesRow[]> {
    return this.#rows(raw`select i.n, s.key, s.value, s.is_nan, s.min_value, s.max_value
      from ${this.#ids} tracking_series as s on s.run = i.id and ${this.#in('s.key', keys)}`);
  }

  textsOf(entity: 'params' | 'tags', keys: readonly string[]) {
    const table = raw.table(entity === 'params' ? 'tracking_param' : 'tracking_tag');
    return this.#rows<{ n: number; key: string; value: string }>(raw`select i.n, t.key, t.value
      from ${this.#ids} ${table} as t on t.run = i.id and ${this.#in('t.key', keys)}`);
  }

  attributes(names: readonly string[]): Promise<readonly NumberedRow[]> {
    const columns = names.map((name) => raw`r.${raw.ref(ATTRIBUTE_COLUMNS[name] ?? name)} as ${raw.ref(name)}`);
    return this.#rows(raw`select i.n, ${raw.join(columns)} from ${this.#ids} tracking_run as r on r.id = i.id`);
  }

  datasets(): Promise<readonly NumberedRow[]> {
    return this.#rows(raw`select i.n, d.name, d.digest, l.context
      from ${this.#ids} tracking_run_dataset as l on l.run = i.id join tracking_dataset as d on d.id = l.dataset`);
  }

  inputs(): Promise<readonly NumberedRow[]> {
    return this.#rows(raw`select i.n, f.ref, nullif(f.path, '') as path, f.role
      from ${this.#ids} tracking_input as f on f.run = i.id`);
  }

  places() {
    return this.#rows<{ id: string; experiment: number; name: string }>(raw`select r.id, r.experiment, r.name
      from ${this.#ids} tracking_run as r on r.id = i.id`);
  }

  keysOf(kind: 'metrics' | 'params' | 'tags') {
    const table = raw.table({ metrics: 'tracking_series', params: 'tracking_param', tags: 'tracking_tag' }[kind]);
    return this.#rows<{ key: string; runs: number }>(raw`select t.key, count(*) as runs
      from ${this.#ids} ${table} as t on t.run = i.id group by t.key`);
  }

  #in(column: string, keys: readonly string[]): RawBuilder<unknown> {
    // Of very many keys all are read: a statement has a limit of parameters.
    return keys.length > MAX_KEYS ? raw`true` : raw`${raw.ref(column)} in (${raw.join(keys)})`;
  }

  async #rows<Row>(statement: RawBuilder<unknown>): Promise<readonly Row[]> {
    return (await statement.execute(this.#sql.tables())).rows as readonly Row[];
  }
}

/** Names of experiments by number; of all, or of those with a name. */
export async function readExperimentNames(sql: Sql, names?: readonly string[]): Promise<ReadonlyMap<number, string>> {
  const which = names ? raw`where name in (${raw.join(names)})` : raw``;
  const { rows } = await raw<{ id: number; name: string }>`
    select id, name from tracking_experiment ${which}`.execute(sql.tables());
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** How many of the runs have each key. */
export async function countKeys(
  sql: Sql,
  ids: readonly string[],
  kind: 'metrics' | 'params' | 'tags',
): Promise<readonly { readonly key: string; readonly runs: number }[]> {
  return new IdList(sql, ids).keysOf(kind);
}

/** Experiment and name of runs, by id. */
export async function readRunPlaces(
  sql: Sql,
  runs: readonly string[],
): Promise<ReadonlyMap<string, { readonly experiment: number; readonly name: string }>> {
  return new Map((await new IdList(sql, runs).places()).map((row) => [row.id, row]));
}
