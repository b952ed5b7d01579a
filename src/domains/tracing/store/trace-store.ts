import type { Updateable } from 'kysely';
import type { Sql } from '#platform/sql';
import type { Texts, TraceInfo, TraceState } from '../model.ts';
import { readAssessments } from './assessment-store.ts';
import type { TracingTables } from './schema.ts';

export type TraceRow = TracingTables['tracing_trace'];

const IDS_A_QUERY = 500;

/** Writes a new trace, or holds the one that is there until the transaction ends. Callers go by id, lest they deadlock. */
export async function holdTrace(tx: Sql, row: TraceRow): Promise<{ readonly row: TraceRow; readonly isNew: boolean }> {
  const written = await tx.insertRows('tracing_trace', Object.keys(row), [Object.values(row)], {
    onConflict: 'ignore',
  });
  if (written === 1) return { row, isNew: true };
  const known = await lockTrace(tx, row.id);
  // It was deleted in between; then it is new after all.
  return known ? { row: known, isNew: false } : holdTrace(tx, row);
}

/** A trace, held until the transaction ends. */
export function lockTrace(tx: Sql, id: string): Promise<TraceRow | undefined> {
  const query = tx.tables<TracingTables>().selectFrom('tracing_trace').selectAll().where('id', '=', id);
  return (tx.dialect === 'postgres' ? query.forUpdate() : query).executeTakeFirst();
}

export async function updateTrace(tx: Sql, id: string, changes: Updateable<TraceRow>): Promise<void> {
  if (Object.keys(changes).length === 0) return;
  await tx.tables<TracingTables>().updateTable('tracing_trace').set(changes).where('id', '=', id).execute();
}

/** Sets texts of a trace. */
export async function writeTexts(
  tx: Sql,
  table: 'tracing_tag' | 'tracing_metadata',
  trace: string,
  texts: Texts,
  ifThere: 'replace' | 'keep' = 'replace',
): Promise<void> {
  if (texts.size === 0) return;
  const rows = [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => ({ trace, key, value }));
  await tx
    .tables<TracingTables>()
    .insertInto(table)
    .values(rows)
    .onConflict((c) => {
      const known = c.columns(['trace', 'key']);
      return ifThere === 'keep' ? known.doNothing() : known.doUpdateSet((e) => ({ value: e.ref('excluded.value') }));
    })
    .execute();
}

/** False when there is no such tag. */
export async function deleteTag(tx: Sql, trace: string, key: string): Promise<boolean> {
  const result = await tx
    .tables<TracingTables>()
    .deleteFrom('tracing_tag')
    .where('trace', '=', trace)
    .where('key', '=', key)
    .executeTakeFirst();
  return Number(result.numDeletedRows) === 1;
}

export async function readMetadata(sql: Sql, trace: string, key: string): Promise<string | undefined> {
  const row = await sql
    .tables<TracingTables>()
    .selectFrom('tracing_metadata')
    .select('value')
    .where('trace', '=', trace)
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.value;
}

export async function findExperimentOf(sql: Sql, trace: string): Promise<number | undefined> {
  const row = await sql
    .tables<TracingTables>()
    .selectFrom('tracing_trace')
    .select('experiment')
    .where('id', '=', trace)
    .executeTakeFirst();
  return row?.experiment;
}

/** Traces in the order asked for; ids without one are left out. */
export async function readInfos(sql: Sql, ids: readonly string[]): Promise<readonly TraceInfo[]> {
  const infos = new Map<string, TraceInfo>();
  for (let start = 0; start < ids.length; start += IDS_A_QUERY) {
    for (const info of await readPart(sql, ids.slice(start, start + IDS_A_QUERY))) infos.set(info.id, info);
  }
  return ids.flatMap((id) => infos.get(id) ?? []);
}

async function readPart(sql: Sql, ids: readonly string[]): Promise<TraceInfo[]> {
  const tables = sql.tables<TracingTables>();
  const rows = await tables.selectFrom('tracing_trace').selectAll().where('id', 'in', ids).execute();
  const metadata = await readTexts(sql, 'tracing_metadata', ids);
  const tags = await readTexts(sql, 'tracing_tag', ids);
  const assessments = await readAssessments(sql, ids);
  const counts = await tables
    .selectFrom('tracing_span')
    .select((e) => ['trace', e.fn.countAll<number>().as('spans')])
    .where('trace', 'in', ids)
    .groupBy('trace')
    .execute();
  const spans = new Map(counts.map((row) => [row.trace, Number(row.spans)]));
  return rows.map((row) => ({
    id: row.id,
    experimentId: String(row.experiment),
    // Only this store writes the column, and only from the typed model.
    state: row.state as TraceState,
    clientRequestId: row.client_request_id,
    startedAtMs: row.started_at,
    durationMs: row.duration_ms,
    requestPreview: row.request_preview,
    responsePreview: row.response_preview,
    metadata: metadata.get(row.id) ?? new Map(),
    tags: tags.get(row.id) ?? new Map(),
    assessments: assessments.get(row.id) ?? [],
    spanCount: spans.get(row.id) ?? 0,
  }));
}

async function readTexts(
  sql: Sql,
  table: 'tracing_tag' | 'tracing_metadata',
  ids: readonly string[],
): Promise<ReadonlyMap<string, Texts>> {
  const texts = new Map<string, Map<string, string>>();
  const rows = await sql
    .tables<TracingTables>()
    .selectFrom(table)
    .selectAll()
    .where('trace', 'in', ids)
    .orderBy('trace')
    .orderBy('key')
    .execute();
  for (const { trace, key, value } of rows) {
    const own = texts.get(trace) ?? new Map<string, string>();
    texts.set(trace, own.set(key, value));
  }
  return texts;
}

/** Which traces of an experiment to delete. */
export interface TraceSelection {
  readonly experiment: number;
  readonly ids?: readonly string[] | undefined;
  /** Only those that started at this time or before. */
  readonly untilMs?: number | undefined;
  /** The oldest ones first, no more than so many. */
  readonly limit?: number | undefined;
}

/** Deletes traces with all that hangs on them. @returns how many */
export async function deleteTraces(tx: Sql, selection: TraceSelection): Promise<number> {
  const { experiment, ids, untilMs, limit } = selection;
  if (ids?.length === 0) return 0;
  let chosen = tx.tables<TracingTables>().selectFrom('tracing_trace').select('id').where('experiment', '=', experiment);
  if (ids) chosen = chosen.where('id', 'in', ids);
  if (untilMs !== undefined) chosen = chosen.where('started_at', '<=', untilMs);
  if (limit !== undefined) chosen = chosen.orderBy('started_at').orderBy('id').limit(limit);
  const gone = await tx
    .tables<TracingTables>()
    .deleteFrom('tracing_trace')
    .where('id', 'in', chosen)
    .returning('id')
    .execute();
  for (let start = 0; start < gone.length; start += IDS_A_QUERY) {
    const part = gone.slice(start, start + IDS_A_QUERY).map(({ id }) => id);
    await tx.tables<TracingTables>().deleteFrom('tracing_link').where('trace', 'in', part).execute();
  }
  return gone.length;
}

/** Links traces to what they belong to; what is linked already stays so. */
export async function writeLinks(
  tx: Sql,
  links: readonly { readonly trace: string; readonly kind: 'run' | 'prompt'; readonly target: string }[],
): Promise<void> {
  const rows = links.map(({ trace, kind, target }) => [trace, kind, target]);
  await tx.insertRows('tracing_link', ['trace', 'kind', 'target'], rows, { onConflict: 'ignore' });
}

export async function readLinks(sql: Sql, trace: string): Promise<readonly { kind: string; target: string }[]> {
  return sql
    .tables<TracingTables>()
    .selectFrom('tracing_link')
    .select(['kind', 'target'])
    .where('trace', '=', trace)
    .orderBy('kind')
    .orderBy('target')
    .execute();
}
