import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Fastify from 'fastify';
import protobuf from 'protobufjs/light.js';
import { afterEach, expect, it } from 'vitest';
import { openFileTree } from '#platform/blob';
import { migrate, openDatabase } from '#platform/sql';
import { mlflowPlugin, otlpPlugin, traceEndpoints, tracingWords } from '#protocols/mlflow';
import { setUpTracing, TRACING_TEST_MIGRATIONS, traceId } from '#testing/domains/tracing';
import { OTLP } from './otlp-proto.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const T1 = traceId(1);
const HEADERS = { 'x-mlflow-experiment-id': '1' };

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  cleanups.push(() => database.close());
  await migrate(database, TRACING_TEST_MIGRATIONS);
  const { tracing } = setUpTracing(database);
  const folder = mkdtempSync(join(tmpdir(), 'trimtab-traces-'));
  cleanups.push(async () => rmSync(folder, { recursive: true, force: true }));
  const files = { filesAt: (uri: string) => openFileTree(join(folder, uri.replace('mlflow-artifacts:', ''))) };
  const app = Fastify();
  const admit = (_: unknown, id: string) => {
    if (id !== '1') throw new Error(`not into ${id}`);
  };
  await app.register(
    mlflowPlugin({
      endpoints: traceEndpoints({ tracing, files, admit }),
      words: [tracingWords],
      authenticate: () => ({ id: 'user:ann' }),
      plugins: [otlpPlugin({ tracing, admit })],
    }),
  );
  cleanups.push(() => app.close());
  const call = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object) => {
    const answer = await app.inject({ method, url: `/api${path}`, payload });
    return { status: answer.statusCode, body: answer.json() };
  };
  const send = (payload: object | Buffer, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: '/v1/traces', payload, headers: { ...HEADERS, ...headers } });
  return { app, call, send, tracing, files };
}

const SPAN = {
  traceId: T1.slice(3),
  spanId: '00000000000000a1',
  name: 'root',
  startTimeUnixNano: '1772323200000000123',
  endTimeUnixNano: '1772323200250000000',
  attributes: [
    { key: 'mlflow.spanInputs', value: { stringValue: '{"q": "hi"}' } },
    { key: 'n', value: { intValue: 3 } },
    { key: 'f', value: { doubleValue: 2 } },
  ],
  status: { code: 2, message: 'off\0' },
};
const request = (...spans: object[]) => ({ resourceSpans: [{ resource: {}, scopeSpans: [{ spans }] }] });

it('take spans as JSON and as protobuf, plain and compressed, and give them back exactly', async () => {
  const { call, send } = await setUp();
  expect((await send(request(SPAN))).statusCode).toBe(200);
  const type = protobuf.Root.fromJSON(OTLP).lookupType('ExportTraceServiceRequest');
  const bytes = Buffer.from(
    type
      .encode(
        type.fromObject(
          request({
            ...SPAN,
            ...{ traceId: Buffer.from(SPAN.traceId, 'hex'), spanId: Buffer.from('00000000000000a2', 'hex') },
            ...{ parentSpanId: Buffer.from(SPAN.spanId, 'hex'), name: 'child', status: { code: 1 } },
          }),
        ),
      )
      .finish(),
  );
  const proto = { 'content-type': 'application/x-protobuf' };
  expect((await send(bytes, proto)).statusCode).toBe(200);
  expect((await send(gzipSync(bytes), { ...proto, 'content-encoding': 'gzip' })).statusCode).toBe(200);
  const { body } = await call('GET', `/3.0/mlflow/traces/get?trace_id=${T1}`);
  expect(body.trace.trace_info).toMatchObject({
    ...{ trace_id: T1, state: 'ERROR', execution_duration: '0.25s', request_time: '2026-03-01T00:00:00.000Z' },
    ...{ request_preview: '{"q":"hi"}', trace_location: { mlflow_experiment: { experiment_id: '1' } } },
  });
  const [root, child] = body.trace.spans;
  expect(root).toMatchObject({
    start_time_unix_nano: SPAN.startTimeUnixNano,
    status: { code: 'STATUS_CODE_ERROR', message: 'off\ufffd' },
  });
  expect(root.parent_span_id).toBeUndefined();
  expect(root.attributes).toEqual([
    {
      key: 'mlflow.spanInputs',
      value: { kvlist_value: { values: [{ key: 'q', value: { string_value: 'hi' } }] } },
    },
    { key: 'n', value: { int_value: '3' } },
    { key: 'f', value: { double_value: 2 } },
  ]);
  expect(child).toMatchObject({ name: 'child', parent_span_id: root.span_id });
});

it('refuse what is no export of spans, and keep nothing of it', async () => {
  const { send, tracing } = await setUp();
  const proto = { 'content-type': 'application/x-protobuf' };
  for (const [payload, headers, words] of [
    [{}, {}, 'no spans found'],
    [request({ ...SPAN, traceId: 'xyz' }), {}, 'traceId'],
    [request({ ...SPAN, startTimeUnixNano: 'soon' }), {}, 'soon'],
    [request(SPAN), { 'x-mlflow-experiment-id': '' }, 'x-mlflow-experiment-id'],
    [Buffer.from('x'), { 'content-type': 'text/plain' }, 'Content-Type'],
    [Buffer.from('{'), { 'content-type': 'application/json' }, 'Invalid OpenTelemetry format'],
    [Buffer.from([255, 255, 255]), proto, 'Invalid OpenTelemetry format'],
    [Buffer.from('x'), { ...proto, 'content-encoding': 'gzip' }, 'decompress'],
    [Buffer.from('x'), { ...proto, 'content-encoding': 'br' }, 'Unsupported Content-Encoding'],
  ] as const) {
    const answer = await send(payload, headers);
    expect([answer.statusCode, answer.json().message]).toEqual([400, expect.stringContaining(words)]);
  }
  expect((await send(request(SPAN), { 'x-mlflow-experiment-id': '9' })).statusCode).toBe(404);
  expect(await tracing.getTraceInfos([T1])).toEqual([]);
});

it('tell, tag, find and delete a trace as MLflow does', async () => {
  const { call } = await setUp();
  const info = {
    ...{ trace_id: 'tr-x', request_time: '2026-03-01T10:00:00.5Z', execution_duration: '1.25s', state: 'OK' },
    trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: '1' } },
    ...{ tags: { a: 'b' }, trace_metadata: { m: 'n' } },
    assessments: [
      { assessment_name: 'good', feedback: { value: true }, source: { source_type: 'HUMAN', source_id: 'ann' } },
    ],
  };
  const told = await call('POST', '/3.0/mlflow/traces', { trace: { trace_info: info } });
  expect(told.body.trace.trace_info).toMatchObject({ ...info, request_time: '2026-03-01T10:00:00.500Z' });
  await call('PATCH', '/3.0/mlflow/traces/tr-x/tags', { key: 'a', value: 'c' });
  await call('DELETE', '/2.0/mlflow/traces/tr-x/tags', { key: 'mlflow.artifactLocation' });
  const places = [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: '1' } }];
  const search = { locations: places, filter: "tags.a = 'c'", max_results: 1 };
  const found = await call('POST', '/3.0/mlflow/traces/search', search);
  expect(found.body.traces).toHaveLength(1);
  expect(found.body.traces[0].tags).toEqual({ a: 'c' });
  expect((await call('GET', '/2.0/mlflow/traces?experiment_ids=1')).body.traces).toMatchObject([
    { request_id: 'tr-x', timestamp_ms: 1772359200500, execution_time_ms: 1250, status: 'OK' },
  ]);
  const wrong = await call('POST', '/3.0/mlflow/traces/search', { ...search, filter: "colours.a = 'c'" });
  expect(wrong).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
  expect(wrong.body.message).toContain("Invalid entity type 'colours'");
  const twice = { experiment_id: '1', max_timestamp_millis: 1, request_ids: ['tr-x'] };
  expect((await call('POST', '/3.0/mlflow/traces/delete-traces', twice)).status).toBe(400);
  const gone = await call('POST', '/3.0/mlflow/traces/delete-traces', { experiment_id: '1', request_ids: ['tr-x'] });
  expect(gone.body).toEqual({ traces_deleted: 1 });
  expect(await call('GET', '/3.0/mlflow/traces/tr-x')).toMatchObject({
    status: 404,
    body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: "Trace with ID 'tr-x' not found." },
  });
});

it('assess a trace by masks and overrides', async () => {
  const { call, send } = await setUp();
  await send(request(SPAN));
  const root = `/3.0/mlflow/traces/${T1}/assessments`;
  const assessment = {
    ...{ assessment_name: 'right', source: { source_type: 'CODE', source_id: 'test' }, metadata: { k: 'v' } },
    expectation: { serialized_value: { serialization_format: 'JSON_FORMAT', value: '{"a":[1]}' } },
  };
  const { body } = await call('POST', root, { assessment });
  const id = body.assessment.assessment_id;
  expect(body.assessment).toMatchObject({ ...assessment, valid: true, trace_id: T1 });
  const update = {
    assessment: { assessment_name: 'righter', expectation: { value: 3 } },
    update_mask: 'assessmentName,expectation',
  };
  const changed = await call('PATCH', `${root}/${id}`, update);
  expect(changed.body.assessment).toMatchObject({
    assessment_name: 'righter',
    expectation: { value: 3 },
    metadata: { k: 'v' },
  });
  const wrong = { assessment: { feedback: { value: 1 } }, update_mask: { paths: ['feedback'] } };
  expect((await call('PATCH', `${root}/${id}`, wrong)).status).toBe(400);
  const error = { error_code: 'E', error_message: 'no' };
  const over = { ...assessment, expectation: undefined, feedback: { value: null, error }, overrides: id };
  const second = await call('POST', root, { assessment: over });
  expect(second.body.assessment.feedback).toEqual({ value: null, error });
  expect((await call('GET', `${root}/${id}`)).body.assessment.valid).toBe(false);
  expect(await call('DELETE', `${root}/${second.body.assessment.assessment_id}`)).toEqual({ status: 200, body: {} });
  expect((await call('GET', `${root}/${id}`)).body.assessment.valid).toBe(true);
});

it('count by time and state, and correlate', async () => {
  const { call, send } = await setUp();
  await send(request(SPAN, { ...SPAN, traceId: traceId(2).slice(3), status: {} }));
  const query = {
    ...{ experiment_ids: ['1'], view_type: 'TRACES', metric_name: 'latency', filters: ["trace.status = 'OK'"] },
    ...{ start_time_ms: 0, end_time_ms: 1e13, time_interval_seconds: 3600 },
    aggregations: [{ aggregation_type: 'AVG' }, { aggregation_type: 'PERCENTILE', percentile_value: 99 }],
  };
  expect((await call('POST', '/3.0/mlflow/traces/metrics', query)).body).toEqual({
    data_points: [
      {
        metric_name: 'latency',
        dimensions: { time_bucket: '2026-03-01T00:00:00+00:00' },
        values: { AVG: 250, 'P99.0': 250 },
      },
    ],
  });
  expect((await call('POST', '/3.0/mlflow/traces/metrics', { ...query, view_type: 'RUNS' })).status).toBe(400);
  const both = { experiment_ids: ['1'], filter_string1: "status = 'OK'", filter_string2: "name = 'none'" };
  expect((await call('POST', '/3.0/mlflow/traces/calculate-filter-correlation', both)).body).toEqual({
    ...{ npmi: 'NaN', npmi_smoothed: 'NaN', filter1_count: 1, filter2_count: 0, joint_count: 0, total_count: 2 },
  });
});

it('keep datasets with records that are text of JSON', async () => {
  const { call } = await setUp();
  const root = '/3.0/mlflow/datasets';
  const made = await call('POST', `${root}/create`, { name: 'qa', experiment_ids: ['1'], tags: '{"team":"ml"}' });
  const { dataset_id: id } = made.body.dataset;
  expect(made.body.dataset).toMatchObject({ name: 'qa', tags: '{"team":"ml"}', experiment_ids: ['1'] });
  const records = [{ inputs: { q: 'a' }, source: { source_type: 'trace', source_data: { trace_id: 'tr-1' } } }];
  expect((await call('POST', `${root}/${id}/records`, { records: JSON.stringify(records) })).body).toEqual({
    ...{ inserted_count: 1, updated_count: 0 },
  });
  const [record] = JSON.parse((await call('GET', `${root}/${id}/records?max_results=5`)).body.records);
  expect(record).toMatchObject({ dataset_id: id, inputs: { q: 'a' }, source_id: 'tr-1', source_type: 'TRACE' });
  const search = { experiment_ids: ['1'], filter_string: "tags.team = 'ml'" };
  const found = await call('POST', `${root}/search`, search);
  expect(found.body.datasets).toMatchObject([{ dataset_id: id, profile: '{"num_records":1}' }]);
  expect(
    (await call('DELETE', `${root}/${id}/records`, { dataset_record_ids: [record.dataset_record_id] })).body,
  ).toEqual({ deleted_count: 1 });
  expect((await call('POST', `${root}/${id}/remove-experiments`, { experiment_ids: ['1'] })).status).toBe(200);
  expect((await call('GET', `${root}/${id}/experiment-ids`)).body).toEqual({});
  expect((await call('DELETE', `${root}/${id}`)).body).toEqual({});
  expect(await call('GET', `${root}/${id}`)).toMatchObject({
    status: 404,
    body: { message: expect.stringContaining('not found') },
  });
});

it('give files that clients attached to a trace, from where its experiment keeps files', async () => {
  const { app, send, files, tracing } = await setUp();
  await send(request(SPAN));
  const name = 'c2a1b0f4-5d1e-4a53-9a3c-0f9a1b2c3d4e';
  await files
    .filesAt(`mlflow-artifacts:/1/traces/${T1}/artifacts`)
    .put(`attachments/${name}`, Buffer.from('a picture'));
  // Whoever may change tags must not choose whose files are given.
  await files.filesAt('s3://elsewhere').put(`attachments/${name}`, Buffer.from('a secret'));
  await tracing.tagTrace(T1, new Map([['mlflow.artifactLocation', 's3://elsewhere']]));
  const get = (query: Record<string, string>) =>
    app.inject({ method: 'GET', url: `/ajax-api/2.0/mlflow/get-trace-artifact?${new URLSearchParams(query)}` });
  const file = await get({ request_id: T1, path: name });
  expect([file.statusCode, file.body]).toEqual([200, 'a picture']);
  expect(file.headers['content-disposition']).toBe(`attachment; filename=${name}`);
  const spans = await get({ request_id: T1 });
  expect(spans.json().spans).toHaveLength(1);
  for (const [query, refusal] of [
    [{ request_id: T1, path: '../x' }, "400 Invalid attachment path: '../x'. Attachment path must be a valid UUID."],
    [{ request_id: T1, path: name.replace('c', 'd') }, `404 No such artifact: 'attachments/${name.replace('c', 'd')}'`],
    [{ request_id: 'tr-none', path: name }, "404 Trace with ID 'tr-none' not found."],
    [{ path: name }, '400 Request must include the "request_id" query parameter.'],
  ] as const) {
    const { statusCode, body } = await get(query);
    expect(`${statusCode} ${JSON.parse(body).message}`).toBe(refusal);
  }
});
