import { type Condition, comparator, type Field, fieldsOf, type Lookup, matcher } from '#platform/search';
import type { Sql } from '#platform/sql';
import type { Tables } from './store.ts';
import { parseModelField, parseModelFilter } from './vocabulary.ts';

interface DatasetChoice {
  readonly name: string;
  /** Any if left out. */
  readonly digest?: string | undefined;
}

interface ModelOrder {
  /** `metrics.<key>` or an attribute. */
  readonly field: string;
  readonly descending?: boolean | undefined;
  /** Only as measured on this dataset. */
  readonly datasetName?: string | undefined;
  readonly datasetDigest?: string | undefined;
}

export interface ModelQuery {
  /** Numbers of experiments to look in; all when undefined. */
  readonly experimentIds: readonly number[] | undefined;
  readonly filter: string;
  readonly datasets: readonly DatasetChoice[];
  readonly orderBy: readonly ModelOrder[];
}

/**
 * Ids of the active models that match, in order. A metric in the filter holds when any of its values does, on one of
 * the datasets if there are such; without a metric in the filter, datasets choose models measured on one of them.
 * The latest value of a metric, by which models are sorted, is the greatest by time, step and value. Models of the same
 * rank come newest first.
 *
 * @throws TRACKING_LOGGED_MODEL_SEARCH_INVALID
 */
export async function findModelIds(sql: Sql, query: ModelQuery): Promise<readonly string[]> {
  const condition = parseModelFilter(query.filter);
  const orders = query.orderBy.map((order) => ({ ...order, read: parseModelField(order.field) }));
  const fields = condition ? fieldsOf(condition) : [];
  const heads = await readHeads(sql, query.experimentIds, equalities(condition));
  if (heads.length === 0) return [];
  const params = await readTexts(sql, 'tracking_logged_model_param', query, keysOf(fields, 'params'));
  const tags = await readTexts(sql, 'tracking_logged_model_tag', query, keysOf(fields, 'tags'));
  const filtered = keysOf(fields, 'metrics');
  const sorting = keysOf(
    orders.map(({ read }) => read),
    'metrics',
  );
  const metrics = await readMetrics(sql, query, [...filtered, ...sorting]);
  const measured = filtered.length === 0 ? await readMeasured(sql, query) : undefined;

  const lookupOf =
    (head: Head): Lookup =>
    ({ entity, key }) => {
      if (entity === 'attributes') return attributeOf(head, key);
      if (entity === 'params') return params.get(head.id)?.get(key);
      if (entity === 'tags') return tags.get(head.id)?.get(key);
      const own = metrics.get(head.id) ?? [];
      return own.filter((metric) => metric.key === key && isOnOne(metric, query.datasets)).map(({ value }) => value);
    };
  // An order is looked up by its place, as one metric may be asked for on two datasets.
  const orderLookupOf =
    (head: Head): Lookup =>
    ({ key }) => {
      const order = orders[Number(key)];
      if (!order) return undefined;
      if (order.read.entity === 'attributes') return attributeOf(head, order.read.key);
      return latestOf(metrics.get(head.id) ?? [], order.read.key, order);
    };
  const holds = condition ? matcher(condition) : () => true;
  const compare = comparator(
    orders.map(({ read, descending = false }, index) => ({
      field: { entity: 'order', key: String(index), type: read.type },
      descending,
    })),
  );
  return heads
    .filter((head) => (!measured || measured.has(head.id)) && holds(lookupOf(head)))
    .map((head) => ({ head, lookup: orderLookupOf(head) }))
    .sort((a, b) => compare(a.lookup, b.lookup) || newerFirst(a.head, b.head))
    .map(({ head }) => head.id);
}

interface Head {
  readonly id: string;
  readonly experiment: number;
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly source_run: string | null;
  readonly artifact_uri: string;
  readonly created_at: number;
  readonly updated_at: number;
}

interface Equality {
  readonly column: 'source_run' | 'id' | 'name';
  readonly value: string;
}

/** Equalities that every match must meet, for the database to look up by an index. */
function equalities(condition: Condition | undefined): readonly Equality[] {
  if (!condition) return [];
  if (condition.kind === 'and') return condition.parts.flatMap(equalities);
  if (condition.kind !== 'compare' || condition.operator !== '=' || condition.field.entity !== 'attributes') return [];
  const columns = { sourceRun: 'source_run', id: 'id', name: 'name' } as const;
  const column = columns[condition.field.key as keyof typeof columns];
  return column ? [{ column, value: String(condition.value) }] : [];
}

async function readHeads(
  sql: Sql,
  experimentIds: readonly number[] | undefined,
  equal: readonly Equality[],
): Promise<readonly Head[]> {
  if (experimentIds?.length === 0) return [];
  let query = sql
    .tables<Tables>()
    .selectFrom('tracking_logged_model')
    .select(['id', 'experiment', 'name', 'type', 'status', 'source_run', 'artifact_uri', 'created_at', 'updated_at'])
    .where('lifecycle', '=', 'active');
  if (experimentIds) query = query.where('experiment', 'in', experimentIds);
  for (const { column, value } of equal) query = query.where(column, '=', value);
  return query.execute();
}

function attributeOf(head: Head, key: string): string | number | null {
  switch (key) {
    case 'id':
      return head.id;
    case 'name':
      return head.name;
    case 'type':
      return head.type;
    case 'status':
      return head.status;
    case 'experimentId':
      return String(head.experiment);
    case 'sourceRun':
      return head.source_run;
    case 'artifactUri':
      return head.artifact_uri;
    case 'createdAt':
      return head.created_at;
    default:
      return head.updated_at;
  }
}

function keysOf(fields: readonly Field[], entity: string): readonly string[] {
  return [...new Set(fields.filter((field) => field.entity === entity).map(({ key }) => key))];
}

/** Values of some keys of the models of a search, by model and key. */
async function readTexts(
  sql: Sql,
  table: 'tracking_logged_model_param' | 'tracking_logged_model_tag',
  { experimentIds }: ModelQuery,
  keys: readonly string[],
): Promise<Map<string, Map<string, string>>> {
  const texts = new Map<string, Map<string, string>>();
  if (keys.length === 0) return texts;
  let query = sql.tables<Tables>().selectFrom(table).selectAll().where('key', 'in', keys);
  if (experimentIds) {
    query = query.where('model', 'in', (e) =>
      e.selectFrom('tracking_logged_model').select('id').where('experiment', 'in', experimentIds),
    );
  }
  for (const { model, key, value } of await query.execute()) {
    const own = texts.get(model) ?? new Map<string, string>();
    texts.set(model, own.set(key, value));
  }
  return texts;
}

interface Metric {
  readonly key: string;
  readonly atMs: number;
  readonly step: number;
  readonly value: number;
  readonly dataset: string;
  readonly digest: string;
}

async function readMetrics(
  sql: Sql,
  { experimentIds }: ModelQuery,
  keys: readonly string[],
): Promise<Map<string, Metric[]>> {
  const metrics = new Map<string, Metric[]>();
  if (keys.length === 0) return metrics;
  let query = sql
    .tables<Tables>()
    .selectFrom('tracking_logged_model_metric as t')
    .innerJoin('tracking_logged_model as m', 'm.id', 't.model')
    .selectAll('t')
    .where('t.key', 'in', keys);
  if (experimentIds) query = query.where('m.experiment', 'in', experimentIds);
  for (const row of await query.execute()) {
    const own = metrics.get(row.model) ?? [];
    metrics.set(row.model, own);
    own.push({
      key: row.key,
      atMs: row.at_ms,
      step: row.step,
      value: row.is_nan ? Number.NaN : row.value,
      dataset: row.dataset_name,
      digest: row.dataset_digest,
    });
  }
  return metrics;
}

/** Models measured on one of the datasets; undefined when there are no datasets to choose by. */
async function readMeasured(sql: Sql, { datasets }: ModelQuery): Promise<ReadonlySet<string> | undefined> {
  if (datasets.length === 0) return undefined;
  const rows = await sql
    .tables<Tables>()
    .selectFrom('tracking_logged_model_metric')
    .select('model')
    .distinct()
    .where((e) =>
      e.or(
        datasets.map(({ name, digest }) =>
          digest === undefined
            ? e('dataset_name', '=', name)
            : e.and([e('dataset_name', '=', name), e('dataset_digest', '=', digest)]),
        ),
      ),
    )
    .execute();
  return new Set(rows.map(({ model }) => model));
}

function isOnOne(metric: Metric, datasets: readonly DatasetChoice[]): boolean {
  if (datasets.length === 0) return true;
  return datasets.some(({ name, digest }) => metric.dataset === name && (digest ?? metric.digest) === metric.digest);
}

function latestOf(metrics: readonly Metric[], key: string, { datasetName, datasetDigest }: ModelOrder) {
  let latest: Metric | undefined;
  for (const metric of metrics) {
    if (metric.key !== key) continue;
    if ((datasetName ?? metric.dataset) !== metric.dataset) continue;
    if ((datasetDigest ?? metric.digest) !== metric.digest) continue;
    if (!latest || isLater(metric, latest)) latest = metric;
  }
  return latest?.value;
}

function isLater(a: Metric, b: Metric): boolean {
  if (a.atMs !== b.atMs) return a.atMs > b.atMs;
  return a.step === b.step ? a.value > b.value : a.step > b.step;
}

function newerFirst(a: Head, b: Head): number {
  return b.created_at - a.created_at || (a.id < b.id ? -1 : 1);
}
