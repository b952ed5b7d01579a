import type { EvaluationDataset, EvaluationRecord, RecordContent, Tracing } from '#domains/tracing';
import { endpoint, type MlflowEndpoint } from '../endpoint.ts';
import { invalid } from '../errors.ts';
import { parseLenientJson } from '../lenient-json.ts';
import { Message } from '../message.ts';
import { offsetIn, pageToken } from '../paging.ts';

const ROOT = '/3.0/mlflow/datasets';
const DEFAULT_RESULTS = 1000;
const MAX_RESULTS = 50_000;

/** Datasets by which programs that ask language models are judged. */
export function evaluationDatasetEndpoints(tracing: Tracing): readonly MlflowEndpoint[] {
  const idIn = (path: Readonly<Record<string, string>>) => path.dataset_id ?? '';
  return [
    endpoint('POST', `${ROOT}/create`, async ({ message }) => ({
      dataset: datasetJson(
        await tracing.createDataset({
          name: message.requiredText('name'),
          experimentIds: message.texts('experiment_ids'),
          tags: tagsIn(message),
        }),
      ),
    })),
    ...(['POST', 'GET'] as const).map((method) =>
      endpoint(method, `${ROOT}/search`, ({ message }) => searchDatasets(tracing, message)),
    ),
    endpoint('GET', `${ROOT}/:dataset_id`, async ({ path }) => ({
      dataset: datasetJson(await tracing.getDataset(idIn(path))),
    })),
    endpoint('DELETE', `${ROOT}/:dataset_id`, async ({ path }) => {
      await tracing.deleteDataset(idIn(path));
      return {};
    }),
    endpoint('PATCH', `${ROOT}/:dataset_id/tags`, async ({ message, path }) => {
      if (!message.has('tags')) throw message.missing('tags');
      await tracing.tagDataset(idIn(path), tagsIn(message));
      return {};
    }),
    endpoint('DELETE', `${ROOT}/:dataset_id/tags/:key`, async ({ path }) => {
      await tracing.tagDataset(idIn(path), new Map(), [path.key ?? '']);
      return {};
    }),
    endpoint('POST', `${ROOT}/:dataset_id/records`, async ({ message, path }) => {
      const { inserted, updated } = await tracing.putDatasetRecords(idIn(path), recordsIn(message));
      return { inserted_count: inserted, updated_count: updated };
    }),
    endpoint('GET', `${ROOT}/:dataset_id/records`, async ({ message, path }) => {
      const page = { after: offsetIn(message), limit: limitIn(message) };
      const { records, next } = await tracing.listDatasetRecords(idIn(path), page);
      return {
        records: JSON.stringify(records.map(recordJson)),
        ...(next === null ? {} : { next_page_token: pageToken(next) }),
      };
    }),
    endpoint('DELETE', `${ROOT}/:dataset_id/records`, async ({ message, path }) => ({
      deleted_count: await tracing.deleteDatasetRecords(idIn(path), message.texts('dataset_record_ids')),
    })),
    endpoint('GET', `${ROOT}/:dataset_id/experiment-ids`, async ({ path }) => {
      const experimentIds = await tracing.experimentsOfDataset(idIn(path));
      return experimentIds.length === 0 ? {} : { experiment_ids: experimentIds };
    }),
    endpoint('POST', `${ROOT}/:dataset_id/add-experiments`, async ({ message, path }) => ({
      dataset: datasetJson(await tracing.tieDataset(idIn(path), { add: message.texts('experiment_ids') })),
    })),
    endpoint('POST', `${ROOT}/:dataset_id/remove-experiments`, async ({ message, path }) => ({
      dataset: datasetJson(await tracing.tieDataset(idIn(path), { remove: message.texts('experiment_ids') })),
    })),
  ];
}

async function searchDatasets(tracing: Tracing, message: Message): Promise<object> {
  const experimentIds = message.texts('experiment_ids');
  const { datasets, nextOffset } = await tracing.searchDatasets({
    experimentIds: experimentIds.length === 0 ? undefined : experimentIds,
    filter: message.text('filter_string') ?? '',
    orderBy: message.texts('order_by'),
    offset: offsetIn(message),
    limit: limitIn(message),
  });
  return {
    ...(datasets.length === 0 ? {} : { datasets: datasets.map(datasetJson) }),
    ...(nextOffset === null ? {} : { next_page_token: pageToken(nextOffset) }),
  };
}

function limitIn(message: Message): number {
  const limit = message.integer('max_results') || DEFAULT_RESULTS;
  if (limit > 0 && limit <= MAX_RESULTS) return limit;
  throw message.invalidValue('max_results', `It must be between 1 and ${MAX_RESULTS}.`);
}

/** What varies in form is text of JSON in these messages. */
function datasetJson(dataset: EvaluationDataset): object {
  const { schema, recordCount, createdBy, changedBy, experimentIds } = dataset;
  return {
    dataset_id: dataset.id,
    name: dataset.name,
    tags: JSON.stringify(Object.fromEntries(dataset.tags)),
    ...(schema === null ? {} : { schema: JSON.stringify(schema) }),
    ...(recordCount === 0 ? {} : { profile: JSON.stringify({ num_records: recordCount }) }),
    digest: dataset.digest,
    created_time: dataset.createdAtMs,
    last_update_time: dataset.changedAtMs,
    ...(createdBy === null ? {} : { created_by: createdBy }),
    ...(changedBy === null ? {} : { last_updated_by: changedBy }),
    ...(experimentIds.length === 0 ? {} : { experiment_ids: experimentIds }),
  };
}

function recordJson(record: EvaluationRecord): object {
  const { outputs, expectations, source, createdBy, changedBy } = record;
  const { source_type: sourceType = 'UNSPECIFIED', source_data: data } = source ?? {};
  const sourceId = (data as Readonly<Record<string, unknown>> | undefined)?.[
    sourceType === 'TRACE' ? 'trace_id' : 'source_id'
  ];
  return {
    dataset_record_id: record.id,
    dataset_id: record.dataset,
    inputs: record.inputs,
    ...(outputs === null ? {} : { outputs }),
    ...(expectations === null ? {} : { expectations }),
    tags: record.tags,
    ...(source === null ? {} : { source, source_type: sourceType }),
    ...(typeof sourceId === 'string' ? { source_id: sourceId } : {}),
    created_time: record.createdAtMs,
    last_update_time: record.changedAtMs,
    ...(createdBy === null ? {} : { created_by: createdBy }),
    ...(changedBy === null ? {} : { last_updated_by: changedBy }),
  };
}

function tagsIn(message: Message): Map<string, string> {
  const text = message.text('tags');
  if (!text) return new Map();
  const tags = Object.entries(parseLenientJson(text));
  return new Map(
    tags.flatMap(([key, value]) => {
      if (value === null) return [];
      return [[key, typeof value === 'string' ? value : JSON.stringify(value)] as const];
    }),
  );
}

function recordsIn(message: Message): readonly RecordContent[] {
  const { records } = parseLenientJson(`{"records":${message.requiredText('records')}}`);
  return new Message({ records }).messages('records').map((record) => {
    // JSON of the request holds JSON alone.
    const part = (name: string) => record.message(name)?.fields as RecordContent['inputs'] | undefined;
    const { outputs } = record.fields as { outputs?: RecordContent['outputs'] };
    const source = part('source');
    return {
      inputs: part('inputs') ?? {},
      outputs,
      expectations: part('expectations'),
      tags: part('tags'),
      source: source && { ...source, source_type: sourceType(source.source_type) },
    };
  });
}

const SOURCE_TYPES = ['UNSPECIFIED', 'TRACE', 'HUMAN', 'DOCUMENT', 'CODE'];

function sourceType(given: unknown): string {
  const type = typeof given === 'string' ? given.toUpperCase() : 'UNSPECIFIED';
  if (SOURCE_TYPES.includes(type)) return type;
  throw invalid(`Invalid dataset record source type: ${type}. Valid source types: ${SOURCE_TYPES.join(', ')}`);
}
