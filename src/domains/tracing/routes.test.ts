import { afterEach, expect, it } from 'vitest';
import { createHttpServer } from '#platform/http';
import { migrate, openDatabase } from '#platform/sql';
import { receivedSpan, setUpTracing, TRACING_TEST_MIGRATIONS, traceId } from '#testing/domains/tracing';
import { tracingRoutes } from './routes.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const EXPERIMENT = '/api/experiments/experiment%201';
const T1 = traceId(1);

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  cleanups.push(() => database.close());
  await migrate(database, TRACING_TEST_MIGRATIONS);
  const { tracing } = setUpTracing(database);
  const app = await createHttpServer({
    routes: tracingRoutes(tracing),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  cleanups.push(() => app.close());
  const usage = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };
  await tracing.logSpans('1', [
    receivedSpan({ id: 1, endMs: 20, attributes: { 'mlflow.spanInputs': { q: 'hi' }, 'session.id': 's1' } }),
    receivedSpan({ id: 2, parent: 1, startMs: 5, attributes: { 'mlflow.chat.tokenUsage': usage }, service: 'bot' }),
    receivedSpan({ trace: 2, id: 1, startMs: 30, endMs: 70, failed: 'off' }),
  ]);
  const call = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) => {
    const answer = await app.inject({ method, url, payload });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };
  return { tracing, call };
}

it('list traces page by page, and tell what they amount to', async () => {
  const { call } = await setUp();
  const first = await call('GET', `${EXPERIMENT}/traces?limit=1&orderBy=execution_time_ms%20asc`);
  expect(first.body.traces).toMatchObject([{ id: T1, state: 'ok', durationMs: 20, spans: 2, session: 's1' }]);
  expect(first.body.traces[0].tokens).toEqual({ input: 3, output: 4, total: 7 });
  const query = `limit=1&orderBy=execution_time_ms%20asc&pageToken=${first.body.nextPageToken}`;
  expect((await call('GET', `${EXPERIMENT}/traces?${query}`)).body).toMatchObject({
    traces: [{ id: traceId(2), state: 'error' }],
    nextPageToken: null,
  });
  const other = await call('GET', `${EXPERIMENT}/traces?pageToken=${first.body.nextPageToken}`);
  expect(other).toMatchObject({ status: 400, body: { error: { code: 'TRACING_PAGE_TOKEN_INVALID' } } });
  expect((await call('GET', `${EXPERIMENT}/trace-figures`)).body).toEqual({
    ...{ traces: 2, errors: 1, p50Ms: 30, p95Ms: 39, tokens: { input: 3, output: 4, total: 7 }, costUsd: 0 },
  });
  const failed = await call('GET', `${EXPERIMENT}/trace-figures?filter=status%20%3D%20'ERROR'`);
  expect(failed.body).toMatchObject({ traces: 1, errors: 1, p50Ms: 40 });
  expect((await call('GET', '/api/experiments/none/traces')).body.error.code).toBe('TRACING_EXPERIMENT_NOT_FOUND');
});

it('tell a trace with its spans, links and times', async () => {
  const { call, tracing } = await setUp();
  await tracing.linkTracesToRun([T1], 'r1');
  await tracing.linkPrompts(T1, [{ name: 'a/b', version: '3' }]);
  const { body } = await call('GET', `/api/traces/${T1}`);
  expect(body).toMatchObject({ runs: ['r1'], prompts: [{ name: 'a/b', version: '3' }], requestPreview: '{"q":"hi"}' });
  expect(body.tree).toMatchObject([
    { parent: null, offsetMs: 0, durationMs: 20, inputs: { q: 'hi' }, outputs: null, status: 'ok' },
    { parent: body.tree[0].id, offsetMs: 5, durationMs: 5, service: 'bot', tokens: { total: 7 } },
  ]);
  const failed = await call('GET', `/api/traces/${traceId(2)}`);
  expect(failed.body.tree[0]).toMatchObject({
    statusMessage: 'off',
    events: [{ name: 'exception', offsetMs: 0, attributes: { 'exception.message': 'off' } }],
  });
  expect((await call('GET', '/api/traces/tr-none')).status).toBe(404);
});

it('take tags and opinions, and delete', async () => {
  const { call } = await setUp();
  const tagged = await call('PATCH', `/api/traces/${T1}/tags`, { set: { a: '1' }, drop: ['b'] });
  expect(tagged.body.tags.a).toBe('1');
  const made = await call('POST', `/api/traces/${T1}/assessments`, { name: 'good', value: true, rationale: 'it is' });
  expect(made.body).toMatchObject({ kind: 'feedback', value: true, source: { kind: 'human', id: 'user:ann' } });
  const path = `/api/traces/${T1}/assessments/${made.body.id}`;
  expect((await call('DELETE', path)).status).toBe(204);
  expect((await call('GET', `/api/traces/${T1}`)).body.assessments).toEqual([]);
  const gone = await call('POST', `${EXPERIMENT}/traces/delete`, { traces: [T1, 'tr-none'] });
  expect(gone.body).toEqual({ deleted: 1 });
  expect((await call('GET', `/api/traces/${T1}`)).status).toBe(404);
});
