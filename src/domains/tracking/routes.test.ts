import { describe, expect, it } from 'vitest';
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
  const call = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT', url: string, payload?: object | string) => {
    const json = payload !== undefined && method !== 'PUT';
    const headers = json ? { 'content-type': 'application/json' } : {};
    const answer = await app.inject({ method, url: `/api${url}`, headers, payload });
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, json: () => answer.json() };
  };
  await call('POST', '/experiments', { name: 'delays' });
  return { app, call, tracking };
}

async function started() {
  const bench = await setUp();
  const made = await bench.call('POST', '/runs', { experiment: 'delays', id: 'f'.repeat(32), name: 'first' });
  expect(made.status).toBe(201);
  return { ...bench, run: `/runs/${'f'.repeat(32)}` };
}

describe('the operations of tracking', () => {
  it('take a run through its life', async () => {
    const { call, run } = await started();
    const batch = {
      metrics: [
        { key: 'loss', value: 0.5, step: 1, timestampMs: 5 },
        { key: 'loss', value: 'NaN', step: 2, timestampMs: 6 },
        { key: 'loss', value: 'Infinity', step: 3 },
      ],
      params: [
        { key: 'depth', value: 6 },
        { key: 'deep', value: true },
      ],
      tags: { stage: 'x' },
    };
    for (let i = 0; i < 2; i++) expect((await call('POST', `${run}/log`, batch)).status).toBe(204);
    expect((await call('GET', run)).json()).toMatchObject({
      experiment: 'delays',
      createdBy: 'user:ann',
      params: { depth: '6', deep: 'true' },
      tags: { stage: 'x' },
      metrics: [{ key: 'loss', value: 'Infinity', step: 3, min: 0.5, max: 'Infinity' }],
    });
    const history = await call('GET', `${run}/metric-history?key=loss`);
    expect(history.json()).toMatchObject({ total: 3, sampled: false, points: [{ value: 0.5 }, { value: 'NaN' }, {}] });
    const inputs = [{ ref: 'commit:flights/1', role: 'training' }];
    expect((await call('POST', `${run}/inputs`, { inputs })).json().inputs).toEqual([{ ...inputs[0], path: null }]);
    const ended = await call('PATCH', run, { status: 'finished', codeCommit: 'c0de' });
    expect(ended.json()).toMatchObject({ status: 'finished', codeCommit: 'c0de', endedAtMs: expect.any(Number) });
    const found = await call('POST', '/runs/search', { filter: 'metrics.loss > 1', columns: ['params.depth'] });
    expect(found.json()).toMatchObject({ runs: [{ params: { depth: '6' }, metrics: [] }], nextPageToken: null });
    const compared = await call('POST', '/runs/compare', { runs: ['f'.repeat(32), 'f'.repeat(32)] });
    expect(compared.json().metrics).toEqual([{ key: 'loss', values: ['Infinity', 'Infinity'], differs: false }]);
    expect((await call('GET', '/experiments/delays/columns')).json().metrics).toEqual([{ key: 'loss', runs: 1 }]);
    expect((await call('DELETE', run)).json().lifecycle).toBe('deleted');
    expect((await call('POST', '/runs/search', {})).json().runs).toEqual([]);
    expect((await call('POST', `${run}/restore`)).json().lifecycle).toBe('active');
    expect((await call('GET', '/experiments')).json().experiments).toMatchObject([{ name: 'delays', runs: 1 }]);
  });

  it('take experiments and metrics with any name MLflow allows', async () => {
    const { call, run } = await started();
    const name = '/Users/ann@b.c/délais & co?';
    expect((await call('POST', '/experiments', { name })).status).toBe(201);
    expect((await call('GET', `/experiments/${encodeURIComponent(name)}`)).json()).toMatchObject({ name, runs: 0 });
    const metrics = [{ key: 'system/gpu 0: mémoire', value: 1 }];
    expect((await call('POST', `${run}/log`, { metrics })).status).toBe(204);
    const key = encodeURIComponent('system/gpu 0: mémoire');
    expect((await call('GET', `${run}/metric-history?key=${key}`)).json().total).toBe(1);
  });

  it('store and hand out files as downloads, whatever they hold', async () => {
    const { call, run } = await started();
    const html = '<script>alert(1)</script>';
    const put = await call('PUT', `${run}/artifacts/reports/${encodeURIComponent("é'x.html")}`, html);
    expect(put.json()).toMatchObject({ path: "reports/é'x.html", sizeBytes: html.length, contentType: 'text/html' });
    expect((await call('GET', `${run}/artifacts?under=reports`)).json().artifacts).toHaveLength(1);
    const got = await call('GET', `${run}/artifacts/reports/${encodeURIComponent("é'x.html")}`);
    expect(got.text).toBe(html);
    expect(got.headers).toMatchObject({
      'content-disposition': "attachment; filename*=UTF-8''%C3%A9%27x.html",
      'x-content-type-options': 'nosniff',
      'content-length': String(html.length),
    });
    expect((await call('PUT', `${run}/artifacts/empty.json`, '')).json()).toMatchObject({ sizeBytes: 0 });
    expect((await call('GET', `${run}/artifacts/empty.json`)).text).toBe('');
  });

  const metric = { key: 'auc', value: 1 };
  it.each<[object | string, number, string]>([
    ['{"metrics":[{"key":"auc","value":NaN}]}', 400, 'HTTP_JSON_MALFORMED'],
    [{ metrics: [{ key: 'auc', value: 'much' }] }, 400, 'HTTP_INVALID'],
    [{ metrics: [{ key: 'auc' }] }, 400, 'HTTP_INVALID'],
    [{ metrics: [{ ...metric, colour: 1 }] }, 400, 'HTTP_INVALID'],
    [{ metrics: [{ ...metric, step: 1.5 }] }, 400, 'HTTP_INVALID'],
    [{ metrics: [{ ...metric, step: 1e300 }] }, 400, 'HTTP_INVALID'],
    [{ metrics: [{ ...metric, timestampMs: -1 }] }, 400, 'HTTP_INVALID'],
    ['{"metrics":[{"key":"auc","value":1e999}]}', 400, 'HTTP_INVALID'],
    [{ metrics: Array.from({ length: 1001 }, () => metric) }, 400, 'HTTP_INVALID'],
    [{ metrics: [metric, { ...metric, key: '../x' }] }, 400, 'TRACKING_KEY_INVALID'],
    [{ metrics: [metric, { ...metric, key: '' }] }, 400, 'TRACKING_KEY_INVALID'],
    [{ metrics: [metric, { ...metric, key: 'k'.repeat(251) }] }, 400, 'TRACKING_KEY_INVALID'],
    [{ metrics: [metric, { ...metric, key: 'a;b' }] }, 400, 'TRACKING_KEY_INVALID'],
    [{ metrics: [metric], params: [{ key: '/x', value: 1 }] }, 400, 'TRACKING_KEY_INVALID'],
    [{ metrics: [metric], params: [{ key: 'x', value: 'v'.repeat(6001) }] }, 400, 'TRACKING_VALUE_INVALID'],
    [{ metrics: [metric], params: [{ key: 'x', value: {} }] }, 400, 'HTTP_INVALID'],
    [
      {
        metrics: [metric],
        params: [
          { key: 'x', value: 1 },
          { key: 'x', value: 2 },
        ],
      },
      400,
      'TRACKING_VALUE_INVALID',
    ],
    [{ metrics: [metric], tags: { x: 'v'.repeat(8001) } }, 400, 'TRACKING_VALUE_INVALID'],
    [{ metrics: [metric], tags: { x: 'a\0b' } }, 400, 'HTTP_INVALID'],
    [{ metrics: [metric], tags: { 'a//b': 'x' } }, 400, 'TRACKING_KEY_INVALID'],
    [' '.repeat(5 * 1024 * 1024), 413, 'HTTP_BODY_TOO_LARGE'],
  ])('refuse batch %# and store nothing of it', async (body, status, code) => {
    const { call, run } = await started();
    const answer = await call('POST', `${run}/log`, body);
    expect([answer.status, answer.json().error.code]).toEqual([status, code]);
    expect((await call('GET', run)).json()).toMatchObject({ metrics: [], params: {}, tags: {} });
  });

  it.each<[object, number, string]>([
    [{ experiment: 'none' }, 404, 'TRACKING_EXPERIMENT_NOT_FOUND'],
    [{ experiment: 'delays', id: 'x/z' }, 400, 'HTTP_INVALID'],
    [{ experiment: 'delays', parent: 'none' }, 404, 'TRACKING_RUN_NOT_FOUND'],
    [{ experiment: 'delays', name: 'a\nb' }, 400, 'TRACKING_KEY_INVALID'],
    [{ experiment: 'delays', name: '  ' }, 400, 'TRACKING_KEY_INVALID'],
    [{ experiment: 'delays', inputs: [{ ref: 'flights', role: 'training' }] }, 400, 'TRACKING_VALUE_INVALID'],
    [{ experiment: 'delays', inputs: [{ ref: 'commit:flights/1', role: 'food' }] }, 400, 'HTTP_INVALID'],
    [{ experiment: 'delays', tags: { a: 1 } }, 400, 'HTTP_INVALID'],
    [{ experiment: 'delays', startedAtMs: -5 }, 400, 'HTTP_INVALID'],
  ])('refuse the run %j', async (body, status, code) => {
    const { call } = await setUp();
    const answer = await call('POST', '/runs', body);
    expect([answer.status, answer.json().error.code]).toEqual([status, code]);
    expect((await call('POST', '/runs/search', {})).json().runs).toEqual([]);
  });

  it.each([
    ['..%2f..%2fetc', 'TRACKING_PATH_INVALID'],
    ['plots%2f%2e%2e%2fx', 'TRACKING_PATH_INVALID'],
    ['a//b', 'TRACKING_PATH_INVALID'],
    ['%2fabs', 'TRACKING_PATH_INVALID'],
    ['a%5cb', 'TRACKING_PATH_INVALID'],
    ['a%00b', 'HTTP_INVALID'],
    ['a%07b', 'TRACKING_PATH_INVALID'],
    [`${'x/'.repeat(600)}y`, 'TRACKING_PATH_INVALID'],
  ])('refuse the artifact path %s', async (path, code) => {
    const { call, run } = await started();
    for (const method of ['PUT', 'GET'] as const) {
      const answer = await call(method, `${run}/artifacts/${path}`, method === 'PUT' ? 'x' : undefined);
      expect([answer.status, answer.json().error.code]).toEqual([400, code]);
    }
    expect((await call('GET', `${run}/artifacts`)).json().artifacts).toEqual([]);
  });

  it.each([
    ['GET', '/runs/none', undefined],
    ['PATCH', '/runs/none', { name: 'x' }],
    ['DELETE', '/runs/none', undefined],
    ['POST', '/runs/none/restore', undefined],
    ['POST', '/runs/none/log', {}],
    ['POST', '/runs/none/inputs', { inputs: [] }],
    ['GET', '/runs/none/metric-history?key=x', undefined],
    ['GET', '/runs/none/artifacts', undefined],
    ['PUT', '/runs/none/artifacts/x', 'x'],
    ['GET', '/runs/none/artifacts/x', undefined],
  ] as const)('say of %s %s that there is no such run', async (method, url, body) => {
    const { call } = await setUp();
    const answer = await call(method, url, body);
    expect([answer.status, answer.json().error.code]).toEqual([404, 'TRACKING_RUN_NOT_FOUND']);
  });
});
