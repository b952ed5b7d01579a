import { expect, it } from 'vitest';
import { createHttpServer } from '#platform/http';
import { migrate, openDatabase } from '#platform/sql';
import { trackingRoutes } from './routes.ts';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from './testing.ts';

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  await migrate(database, TRACKING_TEST_MIGRATIONS);
  const { tracking } = setUpTracking(database);
  const app = await createHttpServer({
    routes: trackingRoutes(tracking),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  const call = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT', url: string, payload?: object) => {
    const answer = await app.inject({ method, url: `/api${url}`, ...(payload ? { payload } : {}) });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };
  await call('POST', '/experiments', { name: 'delays' });
  const start = async () => (await call('POST', '/runs', { experiment: 'delays' })).body.id as string;
  return { call, start, tracking };
}

it('take a logged model through its life', async () => {
  const { call, start, tracking } = await setUp();
  const run = await start();
  const request = {
    experiment: 'delays',
    id: `m-${'a'.repeat(32)}`,
    name: 'tree',
    sourceRun: run,
    params: { depth: '6' },
  };
  const made = await call('POST', '/logged-models', request);
  expect(made).toMatchObject({ status: 201, body: { name: 'tree', status: 'pending', createdBy: 'user:ann' } });
  expect(await call('POST', '/logged-models', request)).toEqual(made);
  const metric = { key: 'auc', value: Number.NaN, step: 0, timestampMs: 1, model: request.id };
  await tracking.logBatch(run, { metrics: [metric] });
  const path = `/logged-models/${request.id}`;
  const change = { status: 'ready', tags: { t: '1' } };
  expect((await call('PATCH', path, change)).body).toMatchObject({ status: 'ready', metrics: [{ value: 'NaN' }] });
  expect((await call('PATCH', path, { removeTags: ['t'] })).body.tags).toEqual({});
  const search = { experiments: ['delays'], filter: "status = 'ready'", orderBy: [{ field: 'metrics.auc' }], limit: 1 };
  const found = await call('POST', '/logged-models/search', search);
  expect(found.body).toMatchObject({ models: [{ id: request.id }], nextPageToken: null });
  await call('POST', '/logged-models', { experiment: 'delays', name: 'b' });
  const page = await call('POST', '/logged-models/search', { limit: 1 });
  const next = await call('POST', '/logged-models/search', { limit: 1, pageToken: page.body.nextPageToken });
  expect([page, next].map(({ body }) => body.models.length)).toEqual([1, 1]);
  const wrong = await call('POST', '/logged-models/search', {
    limit: 1,
    filter: "name = 'b'",
    pageToken: page.body.nextPageToken,
  });
  expect(wrong.body.error.code).toBe('TRACKING_PAGE_TOKEN_INVALID');
  expect((await call('DELETE', path)).body.lifecycle).toBe('deleted');
  expect((await call('POST', '/logged-models/search', search)).body.models).toEqual([]);
  expect((await call('POST', `${path}/restore`)).body.lifecycle).toBe('active');
  expect((await call('GET', path)).body.lifecycle).toBe('active');
});

it('keep views that are shared by their id', async () => {
  const { call } = await setUp();
  const definition = {
    filter: 'metrics.auc > 0.7',
    charts: [{ kind: 'line', keys: ['auc'] }],
    settings: { smoothing: 0.6 },
  };
  const made = await call('POST', '/experiments/delays/views', { name: 'best', definition });
  expect(made).toMatchObject({ status: 201, body: { definition, revision: 1 } });
  const path = `/run-views/${made.body.id}`;
  const changed = await call('PUT', path, { revision: 1, name: 'better', definition });
  expect(changed.body).toMatchObject({ name: 'better', revision: 2 });
  expect((await call('PUT', path, { revision: 1, name: 'x', definition })).status).toBe(409);
  expect((await call('GET', '/experiments/delays/views')).body.views).toEqual([changed.body]);
  expect((await call('DELETE', path)).status).toBe(204);
  expect((await call('GET', path)).status).toBe(404);
  const large = { name: 'large', definition: { settings: { text: 'x'.repeat(300_000) } } };
  expect((await call('POST', '/experiments/delays/views', large)).status).toBe(413);
});

it('mark, move, copy, compare and delete runs', async () => {
  const { call, start } = await setUp();
  const run = await start();
  await call('POST', '/experiments', { name: 'other' });
  expect((await call('POST', '/runs/marks', { runs: [run], pinned: true, group: null })).body).toEqual({ changed: 1 });
  expect((await call('PUT', `/runs/${run}/note`, { text: 'Good.' })).status).toBe(204);
  const { copies } = (await call('POST', '/runs/copy', { runs: [run], to: 'other', key: 'a key of mine' })).body;
  expect((await call('POST', '/runs/move', { runs: [run], to: 'other' })).body).toEqual({ moved: [run] });
  const diff = (await call('POST', '/runs/diff', { left: run, right: copies[0].to })).body;
  expect(diff).toMatchObject({ code: { files: [] }, environment: { packages: [] } });
  expect((await call('POST', '/trash', { runs: [run] })).body).toEqual({ runs: 1, experiments: 0, loggedModels: 0 });
  expect((await call('GET', '/trash?kind=run')).body).toMatchObject({ items: [{ id: run }], counts: { runs: 1 } });
  expect((await call('POST', '/trash/restore', { runs: [run] })).body).toMatchObject({ runs: 1 });
  await call('POST', '/trash', { runs: [run] });
  expect((await call('POST', '/trash/empty', { runs: [run], reason: 'a test' })).body).toMatchObject({
    runs: 1,
    left: [],
  });
  expect((await call('GET', `/runs/${run}`)).status).toBe(404);
});

it('put experiments into folders', async () => {
  const { call } = await setUp();
  expect((await call('PUT', '/experiments/delays/folder', { folder: 'team/a' })).status).toBe(204);
  expect((await call('POST', '/experiment-folders/move', { from: 'team', to: 'crew' })).body).toEqual({
    experiments: 1,
  });
  expect((await call('GET', '/experiment-folders')).body.folders).toEqual([
    { path: 'crew', experiments: [], total: 1 },
    { path: 'crew/a', experiments: [{ id: '1', name: 'delays' }], total: 1 },
  ]);
  expect((await call('GET', '/experiments/delays')).body.tags).toEqual({ 'trimtab.folder': 'crew/a' });
  expect((await call('GET', '/experiments/delays/datasets')).body).toEqual({ datasets: [] });
});

it.each([
  ['POST', '/runs/move', { runs: [], to: 'delays' }, 400],
  ['POST', '/runs/move', { runs: ['none'], to: 'delays' }, 404],
  ['POST', '/runs/copy', { runs: ['none'], to: 'delays' }, 400],
  ['POST', '/runs/copy', { runs: ['none'], to: 'delays', key: 'short' }, 400],
  ['POST', '/runs/marks', { runs: ['none'], pinned: 'yes' }, 400],
  ['POST', '/runs/marks', { runs: ['none'], group: '' }, 400],
  ['PUT', '/runs/none/note', { text: 'x' }, 404],
  ['POST', '/runs/diff', { left: 'none', right: 'none' }, 404],
  ['PUT', '/experiments/delays/folder', { folder: '../x' }, 400],
  ['PUT', '/experiments/delays/folder', {}, 400],
  ['POST', '/trash', { runs: ['none'] }, 404],
  ['POST', '/trash', { experiments: ['-1'] }, 404],
  ['POST', '/trash/empty', { olderThanMs: -1 }, 400],
  ['POST', '/trash/empty', { everything: true }, 400],
  ['GET', '/trash?kind=cat', undefined, 400],
  ['GET', '/trash?limit=0', undefined, 400],
  ['POST', '/logged-models', { experiment: 'none' }, 404],
  ['POST', '/logged-models', { experiment: 'delays', id: 'mine' }, 400],
  ['POST', '/logged-models', { experiment: 'delays', name: 'a/b' }, 400],
  ['POST', '/logged-models/search', { filter: 'x', limit: 1001 }, 400],
  ['POST', '/logged-models/search', { filter: 'colour = 1' }, 400],
  ['POST', '/experiments/none/views', { name: 'x', definition: {} }, 404],
  ['POST', '/experiments/delays/views', { name: 'x', definition: { colour: 1 } }, 400],
] as const)('refuse %s %s %j', async (method, url, payload, status) => {
  const { call } = await setUp();
  expect((await call(method, url, payload)).status).toBe(status);
});
