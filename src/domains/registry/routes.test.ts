import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { createHttpServer } from '#platform/http';
import { migrate, openDatabase } from '#platform/sql';
import { registryRoutes } from './routes.ts';
import { goodMeasurements, newVersion, outlineOf, REGISTRY_TEST_MIGRATIONS, setUpRegistry } from './testing.ts';

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  await migrate(database, REGISTRY_TEST_MIGRATIONS);
  const bench = await setUpRegistry(database);
  const app = await createHttpServer({
    routes: registryRoutes(bench.registry),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  const call = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object) => {
    const answer = await app.inject({ method, url: `/api/models${url}`, payload });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };
  const upload = async (bytes: Uint8Array) => {
    const headers = { 'content-type': 'application/octet-stream' };
    const payload = Readable.from([Buffer.from(bytes)]);
    return (await app.inject({ method: 'PUT', url: '/api/model-files', headers, payload })).json();
  };
  return { ...bench, app, call, upload };
}

it('takes a model through its life', async () => {
  const { app, call, upload, moves } = await setUp();
  const bytes = outlineOf('one');
  const { digest, sizeBytes } = await upload(bytes);
  expect(sizeBytes).toBe(bytes.length);
  const made = await call('POST', '/delays/versions', newVersion(digest));
  expect(made).toMatchObject({ status: 201, body: { ref: 'version:delays/1', registeredBy: 'user:ann' } });
  const gate = await call('POST', '/delays/versions/1/gate', { measurements: goodMeasurements() });
  expect(gate).toMatchObject({ status: 201, body: { passed: true, decidedBy: 'user:ann' } });
  const alias = await call('PUT', '/delays/aliases/champion', { version: 1, expected: null, reason: 'first' });
  expect(alias).toMatchObject({ status: 200, body: { alias: 'champion', version: 1 } });
  expect(await call('GET', '')).toMatchObject({
    body: { models: [{ name: 'delays', latestVersion: 1, aliases: [{ alias: 'champion', version: 1 }] }] },
  });
  expect(await call('GET', '/delays/versions?limit=5')).toMatchObject({
    body: { versions: [{ version: 1, aliases: ['champion'], gatePassed: true }] },
  });
  expect(await call('GET', '/delays/versions/champion')).toMatchObject({
    body: { gate: { id: gate.body.id }, golden: { predictions: [0.25, 0.125] } },
  });
  expect((await call('GET', '/delays/versions/1/gate')).body).toEqual(gate.body);
  expect((await call('GET', '/delays/versions/1/gates')).body).toEqual({ gates: [gate.body] });
  const file = await app.inject({ url: '/api/models/delays/versions/champion/file' });
  expect(Buffer.compare(file.rawPayload, bytes)).toBe(0);
  expect(file.headers).toMatchObject({
    'content-length': String(bytes.length),
    'content-disposition': 'attachment; filename="delays-1.onnx"',
  });
  expect((await call('DELETE', '/delays/aliases/champion?reason=retired&expected=1')).status).toBe(204);
  expect(moves.map(({ actor, to }) => [actor, to])).toEqual([
    ['user:ann', 'version:delays/1'],
    ['user:ann', null],
  ]);
});

it('refuses bad input, names the field, and keeps nothing', async () => {
  const { app, call, upload, registry, moves } = await setUp();
  const { digest } = await upload(outlineOf('one'));
  const version = newVersion(digest);
  const column = { name: 'x', type: 'number', nullable: false };
  const refusals: [string, object, number, RegExp][] = [
    ['POST /', { name: '../etc' }, 400, /"..\/etc" cannot be the name of a model/],
    ['POST /', { name: 'x', colour: 'red' }, 400, /body.*colour/],
    ['POST /', { name: 'x', protectedAliases: ['latest'] }, 400, /"latest" cannot be an alias/],
    ['POST /delays/versions', { ...version, file: 'abc' }, 400, /body.file/],
    ['POST /delays/versions', { ...version, run: 'r1' }, 400, /body.run/],
    ['POST /delays/versions', { ...version, inputs: ['flights'] }, 400, /body.inputs.0/],
    ['POST /delays/versions', { ...version, metrics: { auc: 'high' } }, 400, /body.metrics.auc/],
    ['POST /delays/versions', { ...version, run: undefined }, 400, /run/],
    ['POST /delays/versions', { ...version, signature: { inputs: [], output: 'value' } }, 400, /body.signature.inputs/],
    [
      'POST /delays/versions',
      { ...version, signature: { inputs: [{ ...column, type: 'date' }], output: 'value' } },
      400,
      /body.signature.inputs.0.type/,
    ],
    ['POST /delays/versions', { ...version, file: 'f'.repeat(64) }, 404, /No uploaded file has the digest ffff/],
    ['POST /nobody/versions', version, 404, /no model "nobody"/],
    ['PUT /delays/aliases/beta', { version: 1, reason: 'x' }, 404, /no version 1/],
    ['PUT /delays/aliases/beta', { version: 0, reason: 'x' }, 400, /body.version/],
    ['PUT /delays/aliases/beta', { version: 1 }, 400, /reason/],
    ['PUT /delays/aliases/..%2Fx', { version: 1, reason: 'x' }, 400, /"..\/x" cannot be the name of a model alias/],
  ];
  for (const [line, payload, status, words] of refusals) {
    const [method, url] = line.split(' ') as ['POST' | 'PUT', string];
    const answer = await call(method, url === '/' ? '' : url, payload);
    expect([line, answer.status, answer.body.error.message]).toEqual([line, status, expect.stringMatching(words)]);
  }
  const empty = await app.inject({ method: 'PUT', url: '/api/model-files', payload: '' });
  expect([empty.statusCode, empty.json().error.code]).toEqual([400, 'REGISTRY_FILE_EMPTY']);
  expect(await registry.listVersions('delays', { limit: 10 })).toEqual([]);
  expect(await registry.listModels()).toHaveLength(1);
  expect(moves).toEqual([]);
});

it('refuses measurements and policies that make no sense', async () => {
  const { call, upload, registry } = await setUp();
  const { digest } = await upload(outlineOf('one'));
  await call('POST', '/delays/versions', newVersion(digest));
  const good = goodMeasurements();
  const refusals: [object, RegExp][] = [
    [{}, /measurements/],
    [{ measurements: { ...good, latency: { requests: 0, p50Ms: 1, p99Ms: 1 } } }, /measurements.latency.requests/],
    [{ measurements: { ...good, verdict: 'passed' } }, /verdict/],
    [{ measurements: { ...good, onnx: { rows: 1, maxDifference: -1 } } }, /measurements.onnx.maxDifference/],
    [{ measurements: { ...good, comparison: { ...good.comparison, low: 0 } } }, /"comparison.low" to high/],
    [{ measurements: good, policy: { minMargin: -1 } }, /policy.minMargin/],
    [{ measurements: good, policy: { checks: [] } }, /checks/],
  ];
  for (const [payload, words] of refusals) {
    const answer = await call('POST', '/delays/versions/1/gate', payload);
    expect([answer.status, answer.body.error.message]).toEqual([400, expect.stringMatching(words)]);
  }
  expect(await registry.listGates('delays', '1')).toEqual([]);
});
