import Fastify from 'fastify';
import { afterEach, expect, it } from 'vitest';
import { migrate, openDatabase } from '#platform/sql';
import { loggedModelEndpoints, loggedModelWords, mlflowPlugin, searchDatasetsEndpoints } from '#protocols/mlflow';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '#testing/domains/tracking';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  cleanups.push(() => database.close());
  await migrate(database, TRACKING_TEST_MIGRATIONS);
  const { tracking, clock } = setUpTracking(database);
  await tracking.createExperiment({ name: 'delays' }, 'user:ann');
  const app = Fastify();
  const endpoints = [...loggedModelEndpoints(tracking), ...searchDatasetsEndpoints(tracking)];
  await app.register(mlflowPlugin({ endpoints, words: [loggedModelWords], authenticate: () => ({ id: 'user:ann' }) }));
  cleanups.push(() => app.close());
  const call = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object) => {
    const answer = await app.inject({ method, url: `/api/2.0/mlflow/logged-models${path}`, payload });
    return { status: answer.statusCode, body: answer.json() };
  };
  const made = async (name: string, request: object = {}) => {
    clock.advance(1000);
    return (await call('POST', '', { experiment_id: '1', name, ...request })).body.model.info.model_id as string;
  };
  return { app, call, made, tracking, clock };
}

it('make, tell, finalize and delete a logged model as MLflow does', async () => {
  const { call, clock } = await setUp();
  const told = {
    source_run_id: 'r1',
    model_type: 'tree',
    params: [{ key: 'a', value: 'b' }],
    tags: [{ key: 't', value: '1' }],
  };
  const created = await call('POST', '', { experiment_id: '1', name: 'lm', ...told });
  const id = created.body.model.info.model_id;
  const info = {
    ...{ model_id: id, experiment_id: '1', name: 'lm', model_type: 'tree', source_run_id: 'r1' },
    ...{ creation_timestamp_ms: clock.now(), last_updated_timestamp_ms: clock.now() },
    ...{ artifact_uri: `mlflow-artifacts:/1/models/${id}/artifacts`, status: 'LOGGED_MODEL_PENDING' },
    tags: [{ key: 't', value: '1' }],
  };
  expect(created).toEqual({ status: 200, body: { model: { info, data: { params: [{ key: 'a', value: 'b' }] } } } });
  expect(await call('GET', `/${id}`)).toEqual(created);
  expect(await call('POST', `/${id}/params`, { params: [{ key: 'c', value: 'd' }] })).toEqual({
    status: 200,
    body: {},
  });
  expect(await call('PATCH', `/${id}/tags`, { tags: [{ key: 't', value: '2' }] })).toEqual({ status: 200, body: {} });
  expect(await call('DELETE', `/${id}/tags/t`)).toEqual({ status: 200, body: {} });
  const ready = await call('PATCH', `/${id}`, { model_id: id, status: 'LOGGED_MODEL_READY' });
  expect(ready.body.model.info).toMatchObject({ status: 'LOGGED_MODEL_READY' });
  expect(ready.body.model.info.tags).toBeUndefined();
  expect((await call('PATCH', `/${id}`, { status: 3 })).body.model.info.status).toBe('LOGGED_MODEL_UPLOAD_FAILED');
  expect(await call('DELETE', `/${id}`)).toEqual({ status: 200, body: {} });
  expect((await call('GET', `/${id}`)).status).toBe(404);
  expect((await call('GET', `/${id}?allow_deleted=true`)).status).toBe(200);
  expect((await call('POST', '/search', { experiment_ids: ['1'] })).body).toEqual({});
});

it('leave out what is not there, and make up a name', async () => {
  const { call } = await setUp();
  const { body } = await call('POST', '', { experiment_id: '1', name: '' });
  expect(body.model.data).toEqual({});
  expect(body.model.info).toMatchObject({
    name: expect.stringMatching(/^\w+-\w+-\d+$/),
    model_type: '',
    source_run_id: '',
  });
});

it.each<[string, string, object | undefined, number, string, string]>([
  ['POST', '', {}, 400, 'INVALID_PARAMETER_VALUE', "Missing value for required parameter 'experiment_id'."],
  ['POST', '', { experiment_id: '77' }, 404, 'RESOURCE_DOES_NOT_EXIST', ''],
  ['POST', '', { experiment_id: 'x' }, 400, 'INVALID_PARAMETER_VALUE', "Invalid experiment ID 'x'."],
  ['POST', '', { experiment_id: '9999999999999' }, 404, 'RESOURCE_DOES_NOT_EXIST', 'No Experiment with id='],
  [
    'POST',
    '',
    { experiment_id: '1', name: 'my/model' },
    400,
    'INVALID_PARAMETER_VALUE',
    "Invalid model name ('my/model')",
  ],
  ['POST', '', { experiment_id: '1', params: 'x' }, 400, 'INVALID_PARAMETER_VALUE', "for parameter 'params' supplied"],
  ['POST', '', { experiment_id: '1', params: [{ value: 'x' }] }, 400, 'INVALID_PARAMETER_VALUE', "'params[0].key'"],
  ['GET', '/none', undefined, 404, 'RESOURCE_DOES_NOT_EXIST', "Logged model with ID 'none' not found."],
  ['PATCH', '/none', { status: 2 }, 404, 'RESOURCE_DOES_NOT_EXIST', "Logged model with ID 'none' not found."],
  ['PATCH', '/none', {}, 400, 'INVALID_PARAMETER_VALUE', "Missing value for required parameter 'status'."],
  [
    'PATCH',
    '/none',
    { status: 'BOGUS' },
    400,
    'INVALID_PARAMETER_VALUE',
    'Invalid value "BOGUS" for parameter \'status\'',
  ],
  ['DELETE', '/none', undefined, 404, 'RESOURCE_DOES_NOT_EXIST', 'not found'],
  ['PATCH', '/none/tags', { tags: [] }, 404, 'RESOURCE_DOES_NOT_EXIST', 'not found'],
  ['POST', '/none/params', { params: [] }, 404, 'RESOURCE_DOES_NOT_EXIST', 'not found'],
  ['POST', '/search', {}, 400, 'INVALID_PARAMETER_VALUE', "Missing value for required parameter 'experiment_ids'."],
  ['POST', '/search', { experiment_ids: ['1'], max_results: -1 }, 400, 'INVALID_PARAMETER_VALUE', 'max_results'],
  [
    'POST',
    '/search',
    { experiment_ids: ['1'], datasets: [{}] },
    400,
    'INVALID_PARAMETER_VALUE',
    '`dataset_name` in the `datasets` clause',
  ],
  [
    'POST',
    '/search',
    { experiment_ids: ['1'], page_token: '%%' },
    400,
    'INVALID_PARAMETER_VALUE',
    'Invalid page token',
  ],
  [
    'POST',
    '/search',
    { experiment_ids: ['1'], filter: 'Foo' },
    400,
    'INVALID_PARAMETER_VALUE',
    "Invalid filter string: 'Foo'",
  ],
  [
    ...(['POST', '/search', { experiment_ids: ['1'], filter: 'bogus.x > 0' }, 400, 'INVALID_PARAMETER_VALUE'] as const),
    "Invalid entity type: 'bogus'. Expected one of ['attributes', 'metrics', 'params', 'tags'].",
  ],
  [
    ...(['POST', '/search', { experiment_ids: ['1'], filter: "name > 'a'" }, 400, 'INVALID_PARAMETER_VALUE'] as const),
    "Invalid comparison operator for attributes.name: '>'.",
  ],
  [
    ...(['POST', '/search', { experiment_ids: ['1'], order_by: [{ field_name: 'x' }] }, 400] as const),
    ...(['INVALID_PARAMETER_VALUE', 'Invalid order by field name: x'] as const),
  ],
  [
    ...(['POST', '/search', { experiment_ids: ['1'], order_by: [{ field_name: 'params.x' }] }, 400] as const),
    ...(['INVALID_PARAMETER_VALUE', 'Invalid order by field name: params.x. Only metrics are supported.'] as const),
  ],
])('refuse %s %s %j', async (method, path, payload, status, code, message) => {
  const { call, tracking } = await setUp();
  const answer = await call(method as 'GET', path, payload);
  expect(answer).toMatchObject({ status, body: { error_code: code, message: expect.stringContaining(message) } });
  const request = { experiments: undefined, filter: '', datasets: [], orderBy: [], offset: 0, limit: 1 };
  expect((await tracking.searchLoggedModels(request)).models).toEqual([]);
});

it('refuse a tag that is not there, and another value of a param', async () => {
  const { call, made } = await setUp();
  const id = await made('a', { params: [{ key: 'p', value: '1' }] });
  expect(await call('DELETE', `/${id}/tags/none`)).toMatchObject({
    status: 404,
    body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `No tag with key 'none' found for model with ID '${id}'.` },
  });
  expect(await call('POST', `/${id}/params`, { params: [{ key: 'p', value: '2' }] })).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('Changing param values is not allowed.') },
  });
  expect((await call('POST', `/${id}/params`, { params: [{ key: 'p', value: '1' }] })).status).toBe(200);
});

it('give pages whose tokens belong to one search', async () => {
  const { call, made } = await setUp();
  const [a, b, c] = [await made('a'), await made('b'), await made('c')];
  const search = async (request: object) => {
    const { status, body } = await call('POST', '/search', { experiment_ids: ['1'], ...request });
    const ids = (body.models ?? []).map((model: { info: { model_id: string } }) => model.info.model_id);
    return { status, ids, token: body.next_page_token, message: body.message };
  };
  const first = await search({ max_results: 2 });
  expect(first).toMatchObject({ status: 200, ids: [c, b] });
  expect(await search({ max_results: 2, page_token: first.token })).toMatchObject({ ids: [a], token: undefined });
  const sorted = await search({ max_results: 1, order_by: [{ field_name: 'name', ascending: false }] });
  expect(sorted.ids).toEqual([c]);
  for (const [request, message] of [
    [{ experiment_ids: ['1', '0'] }, 'Experiment IDs in the page token do not match'],
    [{ filter: "name = 'a'" }, 'Filter string in the page token does not match'],
    [{ order_by: [{ field_name: 'name' }] }, 'Order by in the page token does not match'],
    [{ datasets: [{ dataset_name: 'x' }] }, 'Datasets in the page token do not match'],
  ] as const) {
    const refused = await search({ ...request, page_token: first.token });
    expect(refused).toMatchObject({ status: 400, message: expect.stringContaining(message) });
  }
  const forged = Buffer.from(
    JSON.stringify({ experiment_ids: ['1'], filter_string: null, order_by: null, offset: -1 }),
  );
  expect(await search({ page_token: forged.toString('base64') })).toMatchObject({ status: 400 });
  expect((await search({ filter: "name = 'a' OR name = 'b'" })).ids).toEqual([b, a]);
});

it('tell the datasets of experiments', async () => {
  const { app, tracking } = await setUp();
  const dataset = { name: 'ds', digest: 'dd', sourceType: 'local', source: '{}', schema: null, profile: null };
  const search = async (ids: unknown, root = '/ajax-api') => {
    const url = `${root}/2.0/mlflow/experiments/search-datasets`;
    const answer = await app.inject({ method: 'POST', url, payload: { experiment_ids: ids } });
    return [answer.statusCode, answer.json()];
  };
  expect(await search(['1'])).toEqual([200, {}]);
  const one = await tracking.createRun({ experiment: 'delays' }, 'user:ann');
  const two = await tracking.createRun({ experiment: 'delays' }, 'user:ann');
  await tracking.addDatasets(one.id, [{ dataset, tags: new Map([['mlflow.data.context', 'training']]) }]);
  await tracking.addDatasets(two.id, [{ dataset: { ...dataset, name: 'plain' }, tags: new Map() }]);
  const summaries = [
    { experiment_id: '1', name: 'ds', digest: 'dd', context: 'training' },
    { experiment_id: '1', name: 'plain', digest: 'dd' },
  ];
  expect(await search(['1', '2', 'x'])).toEqual([200, { dataset_summaries: summaries }]);
  expect((await search([]))[1]).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE' });
  const many = Array.from({ length: 21 }, (_, i) => String(i));
  expect((await search(many))[1]).toMatchObject({
    message: expect.stringContaining('more than 20 experiment_ids. Received 21'),
  });
  expect((await search(['1'], '/api'))[0]).toBe(404);
});
