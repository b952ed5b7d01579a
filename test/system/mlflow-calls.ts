import type { SystemBench } from './bench.ts';

/** A request over MLflow's protocol; once spoiled, any part of it may be anything. */
export interface MlflowRequest {
  readonly method: string;
  /** Below `/api`. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** A good call of nearly every route, in an order in which each is taken, on a server that has something of everything. */
export async function goodCalls(bench: SystemBench): Promise<readonly MlflowRequest[]> {
  const ask = async (path: string, body: object, version = '2.0') => {
    const answer = await bench.send({
      method: 'POST',
      path: `/api/${version}/mlflow/${path}`,
      headers: { 'content-type': 'application/json' },
      body,
    });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text) as unknown;
  };
  const { experiment_id: experiment } = (await ask('experiments/create', { name: 'fuzzed' })) as {
    experiment_id: string;
  };
  const created = (await ask('runs/create', { experiment_id: experiment, start_time: 1 })) as unknown as {
    run: { info: { run_id: string } };
  };
  const { run_id: run } = created.run.info;
  const logged = (await ask('logged-models', { experiment_id: experiment, name: 'lm' })) as unknown as {
    model: { info: { model_id: string } };
  };
  const model = logged.model.info.model_id;
  const madeDataset = (await ask('datasets/create', { name: 'qa' }, '3.0')) as { dataset: { dataset_id: string } };
  const hook = { name: 'told', url: NOWHERE, events: [EVENT] };
  const madeWebhook = (await ask('webhooks', hook)) as { webhook: { webhook_id: string } };
  await ask('registered-models/create', { name: 'fuzzed' });
  await ask('model-versions/create', { name: 'fuzzed', source: `models:/${model}`, model_id: model });
  return [
    ...experimentCalls(experiment),
    ...runCalls(experiment, run, model),
    ...loggedModelCalls(experiment, model),
    ...artifactCalls(experiment, run),
    ...traceCalls(experiment, madeDataset.dataset.dataset_id),
    ...oldTraceCalls(experiment),
    ...registryCalls(run, model),
    ...webhookCalls(madeWebhook.webhook.webhook_id),
  ];
}

/** Nothing listens there. */
const NOWHERE = 'https://127.0.0.1:9/told';
const EVENT = { entity: 'MODEL_VERSION', action: 'CREATED' };

const post = (path: string, body: unknown): MlflowRequest => ({ method: 'POST', path: at(path), body });
const patch = (path: string, body: unknown): MlflowRequest => ({ method: 'PATCH', path: at(path), body });
const erase = (path: string, body: unknown = {}): MlflowRequest => ({ method: 'DELETE', path: at(path), body });
const get = (path: string, query: Readonly<Record<string, unknown>> = {}): MlflowRequest => ({
  method: 'GET',
  path: at(path),
  query,
});

const raw = (method: string, path: string, query: Readonly<Record<string, unknown>> = {}): MlflowRequest => ({
  ...{ method, path: path.split('/'), query },
});

function at(path: string): string[] {
  const version = path.startsWith('3/') ? '3.0' : '2.0';
  return [version, 'mlflow', ...path.replace(/^3\//, '').split('/')];
}

function experimentCalls(experiment_id: string): MlflowRequest[] {
  return [
    get('experiments/get', { experiment_id }),
    get('experiments/get-by-name', { experiment_name: 'fuzzed' }),
    post('experiments/search', {
      max_results: 5,
      filter: "name LIKE 'f%' AND tags.a = 'b'",
      order_by: ['name DESC'],
      view_type: 'ALL',
    }),
    post('experiments/set-experiment-tag', { experiment_id, key: 'a', value: 'b' }),
    post('experiments/delete-experiment-tag', { experiment_id, key: 'a' }),
    post('experiments/delete', { experiment_id }),
    post('experiments/restore', { experiment_id }),
    post('experiments/update', { experiment_id, new_name: 'fuzzed' }),
    get('3/server-info'),
  ];
}

function runCalls(experiment_id: string, run_id: string, model_id: string): MlflowRequest[] {
  const metric = { key: 'loss', value: 0.5, timestamp: 1, step: 1 };
  const dataset = { name: 'd', digest: '1', source_type: 'local', source: '{}', schema: '{}', profile: '{}' };
  return [
    post('runs/create', {
      experiment_id,
      start_time: 1,
      run_name: 'r',
      tags: [{ key: 'a', value: 'b' }],
      user_id: 'u',
    }),
    get('runs/get', { run_id }),
    post('runs/update', { run_id, status: 'RUNNING', run_name: 'renamed' }),
    post('runs/log-metric', { run_id, ...metric }),
    post('runs/log-metric', { run_id, ...metric, model_id, dataset_name: 'd', dataset_digest: '1' }),
    post('runs/log-batch', {
      run_id,
      metrics: [metric, { ...metric, value: 'NaN', step: 2 }],
      params: [{ key: 'p', value: '1' }],
      tags: [{ key: 't', value: '1' }],
    }),
    post('runs/log-parameter', { run_id, key: 'q', value: '1' }),
    post('runs/set-tag', { run_id, key: 't', value: '2' }),
    post('runs/delete-tag', { run_id, key: 't' }),
    post('runs/log-inputs', {
      run_id,
      datasets: [{ tags: [{ key: 'mlflow.data.context', value: 'training' }], dataset }],
      models: [{ model_id }],
    }),
    post('runs/outputs', { run_id, models: [{ model_id, step: 1 }] }),
    post('runs/search', {
      experiment_ids: [experiment_id],
      filter: "metrics.loss < 1 AND params.p = '1' AND attributes.status != 'FAILED' AND dataset.name LIKE 'd%'",
      order_by: ['metrics.loss DESC', 'attributes.start_time'],
      max_results: 10,
      run_view_type: 'ACTIVE_ONLY',
    }),
    get('metrics/get-history', { run_id, metric_key: 'loss', max_results: 10 }),
    get('metrics/get-history-bulk-interval', { run_ids: [run_id], metric_key: 'loss', max_results: 10 }),
    post('runs/delete', { run_id }),
    post('runs/restore', { run_id }),
  ];
}

function loggedModelCalls(experiment_id: string, model_id: string): MlflowRequest[] {
  return [
    post('logged-models', { experiment_id, name: 'another', params: [{ key: 'a', value: 'b' }], tags: [] }),
    get(`logged-models/${model_id}`),
    patch(`logged-models/${model_id}`, { model_id, status: 'LOGGED_MODEL_READY' }),
    patch(`logged-models/${model_id}/tags`, { tags: [{ key: 'a', value: 'b' }] }),
    erase(`logged-models/${model_id}/tags/a`),
    get(`logged-models/${model_id}/artifacts/directories`, { artifact_directory_path: '' }),
    post(`logged-models/${model_id}/params`, { params: [{ key: 'c', value: 'd' }] }),
    post('logged-models/search', {
      experiment_ids: [experiment_id],
      filter: "name = 'lm' AND metrics.loss < 1",
      order_by: [{ field_name: 'metrics.loss', ascending: false }],
      max_results: 5,
    }),
  ];
}

function artifactCalls(experiment: string, run_id: string): MlflowRequest[] {
  const files = '2.0/mlflow-artifacts/artifacts';
  const own = `${experiment}/${run_id}/artifacts`;
  return [
    { ...raw('PUT', `${files}/${own}/notes.txt`), body: { some: 'bytes' } },
    get('artifacts/list', { run_id, path: '' }),
    raw('GET', files, { path: own }),
    raw('GET', `${files}/${own}/notes.txt`),
    raw('DELETE', `${files}/${own}/notes.txt`),
  ];
}

function traceCalls(experiment: string, dataset: string): MlflowRequest[] {
  const location = { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experiment } };
  const info = {
    ...{ trace_id: 'tr-fuzzed', trace_location: location, request_time: '2026-11-25T00:00:00Z', state: 'OK' },
    ...{ execution_duration: '1.5s', tags: { a: 'b' }, trace_metadata: { c: 'd' } },
  };
  return [
    post('3/traces', { trace: { trace_info: info } }),
    get('3/traces/tr-fuzzed'),
    post('3/traces/search', {
      locations: [location],
      filter: "tags.a = 'b'",
      order_by: ['timestamp_ms DESC'],
      max_results: 5,
    }),
    patch('3/traces/tr-fuzzed/tags', { key: 'e', value: 'f' }),
    post('3/traces/tr-fuzzed/assessments', {
      assessment: {
        ...{ assessment_name: 'good', trace_id: 'tr-fuzzed', feedback: { value: 0.5 } },
        source: { source_type: 'HUMAN', source_id: 'ann' },
      },
    }),
    post('3/traces/metrics', {
      ...{ experiment_ids: [experiment], view_type: 'TRACES', metric_name: 'latency', dimensions: ['trace_name'] },
      aggregations: [{ aggregation_type: 'PERCENTILE', percentile_value: 50 }, { aggregation_type: 'AVG' }],
      ...{ start_time_ms: 0, end_time_ms: 9_999_999_999_999, time_interval_seconds: 60, max_results: 5 },
      filters: ["trace.status = 'OK'", "trace.tag.a = 'b'"],
    }),
    post('3/traces/calculate-filter-correlation', {
      ...{ experiment_ids: [experiment], filter_string1: "span.name = 'x'", filter_string2: 'feedback.good > 0.2' },
      base_filter: "trace.text LIKE '%a%'",
    }),
    get('3/traces/batchGet', { trace_ids: ['tr-fuzzed'] }),
    post('3/traces/batchGetInfos', { trace_ids: ['tr-fuzzed'] }),
    post('traces', {
      ...{ experiment_id: experiment, timestamp_ms: 1 },
      ...{ request_metadata: [{ key: 'a', value: 'b' }], tags: [{ key: 'c', value: 'd' }] },
    }),
    post('traces/link-prompts', { trace_id: 'tr-fuzzed', prompt_versions: [{ name: 'ask', version: '1' }] }),
    post('3/traces/delete-traces', { experiment_id: experiment, max_timestamp_millis: 5, max_traces: 1 }),
    post('3/datasets/create', { name: 'qa', experiment_ids: [experiment], tags: '{"a":"b"}' }),
    post('3/datasets/search', {
      ...{ experiment_ids: [experiment], filter_string: "name LIKE 'q%'", order_by: ['name DESC'], max_results: 5 },
    }),
    post(`3/datasets/${dataset}/records`, {
      records: '[{"inputs":{"q":"a"},"outputs":1,"tags":{"a":"b"},"source":{"source_type":"TRACE","source_data":{}}}]',
    }),
    get(`3/datasets/${dataset}/records`, { max_results: 5 }),
    patch(`3/datasets/${dataset}/tags`, { tags: '{"c":"d"}' }),
    erase(`3/datasets/${dataset}/tags/c`),
    post(`3/datasets/${dataset}/add-experiments`, { experiment_ids: [experiment] }),
    post(`3/datasets/${dataset}/remove-experiments`, { experiment_ids: [experiment] }),
    get(`3/datasets/${dataset}/experiment-ids`),
    erase(`3/datasets/${dataset}/records`, { dataset_record_ids: ['dr-none'] }),
    erase('3/traces/tr-fuzzed/tags', { key: 'e' }),
    get('3/traces/get', { trace_id: 'tr-fuzzed', allow_partial: true }),
    raw('GET', '2.0/mlflow/traces/tr-fuzzed/info'),
  ];
}

function oldTraceCalls(experiment: string): MlflowRequest[] {
  return [
    get('traces', {
      experiment_ids: [experiment],
      filter: "tag.c = 'd'",
      order_by: ['timestamp_ms DESC'],
      max_results: 5,
    }),
    patch('traces/tr-fuzzed', {
      ...{ request_id: 'tr-fuzzed', timestamp_ms: 2, status: 'OK' },
      ...{ request_metadata: [{ key: 'a', value: 'b' }], tags: [{ key: 'c', value: 'd' }] },
    }),
    patch('traces/tr-fuzzed/tags', { key: 'e', value: 'f' }),
    erase('traces/tr-fuzzed/tags', { key: 'e' }),
  ];
}

function registryCalls(run_id: string, model_id: string): MlflowRequest[] {
  const name = 'fuzzed';
  const version = '1';
  return [
    post('registered-models/create', {
      ...{ name: 'passing', description: 'd', tags: [{ key: 'a', value: 'b' }] },
    }),
    post('registered-models/rename', { name: 'passing', new_name: 'gone soon' }),
    erase('registered-models/delete', { name: 'gone soon' }),
    get('registered-models/get', { name }),
    patch('registered-models/update', { name, description: 'e' }),
    get('registered-models/search', {
      filter: "name LIKE 'f%' AND tags.a = 'b'",
      order_by: ['name DESC'],
      max_results: 5,
    }),
    post('registered-models/get-latest-versions', { name, stages: ['None'] }),
    post('registered-models/set-tag', { name, key: 'a', value: 'b' }),
    erase('registered-models/delete-tag', { name, key: 'a' }),
    post('registered-models/alias', { name, alias: 'best', version }),
    get('registered-models/alias', { name, alias: 'best' }),
    erase('registered-models/alias', { name, alias: 'best' }),
    post('model-versions/create', {
      ...{ name, source: `runs:/${run_id}/model`, run_id, run_link: 'https://ci/1', description: 'd' },
      tags: [{ key: 'a', value: 'b' }],
    }),
    post('model-versions/create', { name, source: `models:/${name}/1`, model_id }),
    get('model-versions/get', { name, version }),
    get('model-versions/get-download-uri', { name, version }),
    get('model-versions/search', {
      ...{ filter: `name = '${name}' AND run_id IN ('${run_id}')`, order_by: ['version_number DESC'], max_results: 5 },
    }),
    patch('model-versions/update', { name, version, description: 'e' }),
    post('model-versions/transition-stage', { name, version, stage: 'Staging', archive_existing_versions: true }),
    post('model-versions/set-tag', { name, version, key: 'a', value: 'b' }),
    erase('model-versions/delete-tag', { name, version, key: 'a' }),
    erase('model-versions/delete', { name, version: '2' }),
  ];
}

function webhookCalls(id: string): MlflowRequest[] {
  return [
    get('webhooks', { max_results: 5 }),
    get(`webhooks/${id}`),
    patch(`webhooks/${id}`, {
      url: NOWHERE,
      name: 'renamed',
      description: 'd',
      events: [EVENT],
      secret: 'sealed',
      status: 'DISABLED',
    }),
  ];
}
