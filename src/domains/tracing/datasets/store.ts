import type { Updateable } from 'kysely';
import type { Json } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import type { Texts } from '../model.ts';
import type { DatasetSchema, EvaluationDataset, EvaluationRecord, JsonObject } from './model.ts';
import type { DatasetTables } from './schema.ts';

type DatasetRow = DatasetTables['tracing_dataset'];
type RecordRow = DatasetTables['tracing_dataset_record'];

const IDS_A_QUERY = 500;

/** False when the id is taken. */
export async function insertDataset(tx: Sql, row: DatasetRow): Promise<boolean> {
  const written = await tx.insertRows('tracing_dataset', Object.keys(row), [Object.values(row)], {
    onConflict: 'ignore',
  });
  return written === 1;
}

/** A dataset, held until the transaction ends. */
export function lockDataset(tx: Sql, id: string): Promise<DatasetRow | undefined> {
  const query = tx.tables<DatasetTables>().selectFrom('tracing_dataset').selectAll().where('id', '=', id);
  return (tx.dialect === 'postgres' ? query.forUpdate() : query).executeTakeFirst();
}

export async function updateDataset(tx: Sql, id: string, changes: Updateable<DatasetRow>): Promise<void> {
  await tx.tables<DatasetTables>().updateTable('tracing_dataset').set(changes).where('id', '=', id).execute();
}

export async function removeDataset(tx: Sql, id: string): Promise<void> {
  await tx.tables<DatasetTables>().deleteFrom('tracing_dataset').where('id', '=', id).execute();
}

export async function writeDatasetTags(tx: Sql, dataset: string, tags: Texts): Promise<void> {
  if (tags.size === 0) return;
  await tx
    .tables<DatasetTables>()
    .insertInto('tracing_dataset_tag')
    .values([...tags].map(([key, value]) => ({ dataset, key, value })))
    .onConflict((c) => c.columns(['dataset', 'key']).doUpdateSet((e) => ({ value: e.ref('excluded.value') })))
    .execute();
}

export async function deleteDatasetTag(tx: Sql, dataset: string, key: string): Promise<void> {
  await tx
    .tables<DatasetTables>()
    .deleteFrom('tracing_dataset_tag')
    .where('dataset', '=', dataset)
    .where('key', '=', key)
    .execute();
}

export async function linkExperiments(tx: Sql, dataset: string, experiments: readonly number[]): Promise<void> {
  const rows = experiments.map((experiment) => [dataset, experiment]);
  await tx.insertRows('tracing_dataset_experiment', ['dataset', 'experiment'], rows, { onConflict: 'ignore' });
}

export async function unlinkExperiments(
  tx: Sql,
  experiments: readonly number[],
  dataset: string | undefined,
): Promise<void> {
  if (experiments.length === 0) return;
  let query = tx
    .tables<DatasetTables>()
    .deleteFrom('tracing_dataset_experiment')
    .where('experiment', 'in', experiments);
  if (dataset !== undefined) query = query.where('dataset', '=', dataset);
  await query.execute();
}

/** Datasets: those of the ids, or those of some experiments, or all. */
export async function readDatasets(
  sql: Sql,
  which: { readonly ids?: readonly string[]; readonly experiments?: readonly number[] | undefined },
): Promise<readonly EvaluationDataset[]> {
  const { ids, experiments } = which;
  if (ids?.length === 0 || experiments?.length === 0) return [];
  const tables = sql.tables<DatasetTables>();
  let query = tables.selectFrom('tracing_dataset').selectAll();
  if (ids) query = query.where('id', 'in', ids);
  if (experiments) {
    query = query.where('id', 'in', (e) =>
      e.selectFrom('tracing_dataset_experiment').select('dataset').where('experiment', 'in', experiments),
    );
  }
  const rows = await query.orderBy('created_at', 'desc').orderBy('id', 'desc').execute();
  const datasets: EvaluationDataset[] = [];
  for (let start = 0; start < rows.length; start += IDS_A_QUERY) {
    datasets.push(...(await withParts(sql, rows.slice(start, start + IDS_A_QUERY))));
  }
  return datasets;
}

async function withParts(sql: Sql, rows: readonly DatasetRow[]): Promise<EvaluationDataset[]> {
  const ids = rows.map(({ id }) => id);
  const tables = sql.tables<DatasetTables>();
  const tags = new Map(ids.map((id) => [id, new Map<string, string>()]));
  for (const { dataset, key, value } of await tables
    .selectFrom('tracing_dataset_tag')
    .selectAll()
    .where('dataset', 'in', ids)
    .orderBy('key')
    .execute()) {
    tags.get(dataset)?.set(key, value);
  }
  const experiments = new Map(ids.map((id) => [id, [] as string[]]));
  for (const { dataset, experiment } of await tables
    .selectFrom('tracing_dataset_experiment')
    .selectAll()
    .where('dataset', 'in', ids)
    .orderBy('experiment')
    .execute()) {
    experiments.get(dataset)?.push(String(experiment));
  }
  const counts = await tables
    .selectFrom('tracing_dataset_record')
    .select((e) => ['dataset', e.fn.countAll<number>().as('records')])
    .where('dataset', 'in', ids)
    .groupBy('dataset')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    digest: row.digest,
    tags: tags.get(row.id) ?? new Map(),
    schema: schemaIn(row.schema),
    recordCount: Number(counts.find(({ dataset }) => dataset === row.id)?.records ?? 0),
    experimentIds: experiments.get(row.id) ?? [],
    createdAtMs: row.created_at,
    createdBy: row.created_by,
    changedAtMs: row.changed_at,
    changedBy: row.changed_by,
  }));
}

/** Only this store writes the column, and only from the typed model. */
export function schemaIn(text: string | null): DatasetSchema | null {
  return text === null ? null : (JSON.parse(text) as DatasetSchema);
}

/** Records with these digests of inputs. */
export async function findRecords(
  sql: Sql,
  dataset: string,
  digests: readonly string[],
): Promise<ReadonlyMap<string, RecordRow>> {
  const found = new Map<string, RecordRow>();
  for (let start = 0; start < digests.length; start += IDS_A_QUERY) {
    const rows = await sql
      .tables<DatasetTables>()
      .selectFrom('tracing_dataset_record')
      .selectAll()
      .where('dataset', '=', dataset)
      .where('digest', 'in', digests.slice(start, start + IDS_A_QUERY))
      .execute();
    for (const row of rows) found.set(row.digest, row);
  }
  return found;
}

export async function lastPosition(sql: Sql, dataset: string): Promise<number> {
  const row = await sql
    .tables<DatasetTables>()
    .selectFrom('tracing_dataset_record')
    .select((e) => e.fn.max('position').as('last'))
    .where('dataset', '=', dataset)
    .executeTakeFirst();
  return Number(row?.last ?? 0);
}

const RECORD_COLUMNS: readonly (keyof RecordRow)[] = [
  ...(['dataset', 'id', 'digest', 'position', 'inputs', 'outputs', 'expectations', 'tags', 'source'] as const),
  ...(['created_at', 'created_by', 'changed_at', 'changed_by'] as const),
];

export async function insertRecords(tx: Sql, rows: readonly RecordRow[]): Promise<void> {
  const values = rows.map((row) => RECORD_COLUMNS.map((column) => row[column]));
  await tx.insertRows('tracing_dataset_record', RECORD_COLUMNS, values);
}

export async function updateRecord(tx: Sql, row: RecordRow): Promise<void> {
  const { outputs, expectations, tags, source, changed_at, changed_by } = row;
  await tx
    .tables<DatasetTables>()
    .updateTable('tracing_dataset_record')
    .set({ outputs, expectations, tags, source, changed_at, changed_by })
    .where('dataset', '=', row.dataset)
    .where('position', '=', row.position)
    .execute();
}

export async function deleteRecords(tx: Sql, dataset: string, ids: readonly string[]): Promise<number> {
  let gone = 0;
  for (let start = 0; start < ids.length; start += IDS_A_QUERY) {
    const result = await tx
      .tables<DatasetTables>()
      .deleteFrom('tracing_dataset_record')
      .where('dataset', '=', dataset)
      .where('id', 'in', ids.slice(start, start + IDS_A_QUERY))
      .executeTakeFirst();
    gone += Number(result.numDeletedRows);
  }
  return gone;
}

/** Records behind a position, in the order they came, and where the next page starts. */
export async function readRecords(
  sql: Sql,
  dataset: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<{ readonly records: readonly EvaluationRecord[]; readonly next: number | null }> {
  const rows = await sql
    .tables<DatasetTables>()
    .selectFrom('tracing_dataset_record')
    .selectAll()
    .where('dataset', '=', dataset)
    .where('position', '>', after)
    .orderBy('position')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  return { records: page.map(recordOf), next: rows.length > limit ? (page.at(-1)?.position ?? null) : null };
}

function recordOf(row: RecordRow): EvaluationRecord {
  // Only this store writes these columns, and only from the typed model.
  const object = (text: string | null) => (text === null ? null : (JSON.parse(text) as JsonObject));
  return {
    id: row.id,
    dataset: row.dataset,
    inputs: object(row.inputs) ?? {},
    outputs: row.outputs === null ? null : (JSON.parse(row.outputs) as Json),
    expectations: object(row.expectations),
    tags: object(row.tags) ?? {},
    source: object(row.source),
    createdAtMs: row.created_at,
    createdBy: row.created_by,
    changedAtMs: row.changed_at,
    changedBy: row.changed_by,
  };
}
