import { describe, expect, it } from 'vitest';
import { createHttpServer } from '#platform/http';
import { servingRoutes } from './routes.ts';
import { FLIGHT, setUpServing } from './testing.ts';

const CHAMPION = [{ name: 'champion', version: 'version:flights/1', weight: 10_000 }];

async function setUp() {
  const bench = await setUpServing();
  const app = await createHttpServer({
    routes: servingRoutes(bench.serving),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  const call = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object | string) => {
    const headers = payload === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await app.inject({ method, url: `/api/endpoints${url}`, headers, payload });
    return { status: answer.statusCode, json: () => answer.json() };
  };
  return { ...bench, app, call };
}

async function deployed() {
  const bench = await setUp();
  const made = await bench.call('POST', '', { name: 'delays', variants: CHAMPION });
  expect(made.status).toBe(201);
  return bench;
}

describe('the operations of serving', () => {
  it('take an endpoint through its life', async () => {
    const { call, pointerLog } = await deployed();
    const predicted = await call('POST', '/delays/predict', { rows: [FLIGHT], inferenceIds: ['one'] });
    expect(predicted.json()).toMatchObject({
      endpoint: 'delays',
      predictions: [{ inferenceId: 'one', value: 1500, variant: 'champion', version: 'version:flights/1' }],
    });
    const variants = [
      { name: 'champion', version: 'version:flights/1', weight: 8000 },
      { name: 'canary', version: 'version:flights/2', weight: 2000 },
    ];
    const traffic = await call('PUT', '/delays/traffic', { variants, reason: 'try version 2', revision: 1 });
    expect(traffic.json()).toMatchObject({ revision: 2, variants, ready: true });
    const stale = await call('PUT', '/delays/traffic', { variants: CHAMPION, reason: 'back', revision: 1 });
    expect([stale.status, stale.json().error.code]).toEqual([409, 'SERVING_REVISION_CONFLICT']);
    expect((await call('POST', '/delays/block', { reason: 'broken feed' })).json()).toMatchObject({
      status: 'blocked',
      statusReason: 'broken feed',
    });
    expect((await call('PUT', '/delays/traffic', { variants: CHAMPION, reason: 'back' })).status).toBe(409);
    expect((await call('POST', '/delays/unblock', { reason: 'mended' })).json()).toMatchObject({ status: 'serving' });
    expect((await call('GET', '/delays/stats?windowMs=60000')).json()).toMatchObject({
      requests: 1,
      rows: 1,
      inFlight: 0,
    });
    expect((await call('GET', '/delays/predictions?limit=5')).json().predictions).toMatchObject([
      { inferenceId: 'one' },
    ]);
    expect((await call('GET', '')).json().endpoints).toHaveLength(1);
    expect((await call('DELETE', '/delays?reason=done')).status).toBe(204);
    expect((await call('GET', '/delays')).status).toBe(404);
    expect(pointerLog.moves.map(({ reason, actor }) => [reason, actor])).toEqual(
      ['created', 'try version 2', 'broken feed', 'mended', 'done'].map((reason) => [reason, 'user:ann']),
    );
  });

  it('tell the signature with an example and a command line that work', async () => {
    const { call } = await deployed();
    const signature = (await call('GET', '/delays/signature')).json();
    expect(signature.inputs.map(({ name, type }: { name: string; type: string }) => [name, type])).toEqual([
      ['date', 'timestamp'],
      ['distance', 'number'],
      ['origin', 'string'],
    ]);
    expect((await call('POST', '/delays/predict', { rows: [signature.example] })).status).toBe(200);
    const body = /-d '(.*)'$/.exec(signature.curl)?.[1] ?? '';
    expect((await call('POST', '/delays/predict', body)).status).toBe(200);
  });

  it.each([
    ['{"rows":[{"date":NaN}]}', 'HTTP_JSON_MALFORMED'],
    [{ rows: [] }, 'HTTP_INVALID'],
    [{ rows: ['x'] }, 'HTTP_INVALID'],
    [{ rows: [null] }, 'HTTP_INVALID'],
    [{ rows: [[]] }, 'HTTP_INVALID'],
    [{ rows: [FLIGHT], colour: 1 }, 'HTTP_INVALID'],
    [{ rows: [{ ...FLIGHT, colour: 'red' }] }, 'SERVING_ROW_INVALID'],
    ['{"rows":[{"date":0,"distance":1e999,"origin":"ATL"}]}', 'HTTP_INVALID'],
    ['{"rows":[{"date":0,"distance":1,"origin":"ATL","__proto__":{}}]}', 'HTTP_JSON_MALFORMED'],
    [{ rows: [FLIGHT], at: '2001-02-30' }, 'SERVING_REQUEST_INVALID'],
    [{ rows: Array.from({ length: 10_001 }, () => ({})) }, 'HTTP_INVALID'],
  ])('refuse the body %j with %s and log nothing', async (body, code) => {
    const { call, serving } = await deployed();
    const answer = await call('POST', '/delays/predict', body);
    expect([answer.status, answer.json().error.code]).toEqual([400, code]);
    expect(await serving.listPredictions('delays', { limit: 1 })).toEqual([]);
  });

  it('refuse a body of 100 MB and go on', async () => {
    const { call } = await deployed();
    expect((await call('POST', '/delays/predict', ' '.repeat(100 * 1024 * 1024))).status).toBe(413);
    expect((await call('POST', '/delays/predict', { rows: [FLIGHT] })).status).toBe(200);
  });

  it('find one logged prediction by its id, for whoever must answer for it', async () => {
    const { call } = await deployed();
    const { predictions } = (await call('POST', '/delays/predict', { rows: [FLIGHT] })).json();
    const [{ inferenceId, value, version }] = predictions;
    const found = await call('GET', `/delays/predictions/${inferenceId}`);
    expect(found.json()).toMatchObject({ inferenceId, prediction: value, version, features: { origin: 'ATL' } });
    const missing = await call('GET', '/delays/predictions/nobody');
    expect([missing.status, missing.json().error.code]).toEqual([404, 'SERVING_PREDICTION_NOT_FOUND']);
  });

  it('show the metrics to Prometheus', async () => {
    const { call, app } = await deployed();
    await call('POST', '/delays/predict', { rows: [FLIGHT] });
    const { headers, body } = await app.inject({ url: '/metrics' });
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toContain(
      'trimtab_serving_rows_total{endpoint="delays",variant="champion",version="version:flights/1"} 1',
    );
    expect(body).toMatch(/trimtab_serving_request_duration_seconds_bucket\{[^}]*le="\+Inf"[^}]*\} 1/);
  });
});
