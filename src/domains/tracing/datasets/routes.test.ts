import { expect, it } from 'vitest';
import { createHttpServer } from '#platform/http';
import { setUpTracing, TRACING_TEST_MIGRATIONS } from '#testing/domains/tracing';
import { describeDatabases } from '#testing/platform/sql';
import { tracingRoutes } from '../routes.ts';

describeDatabases('evaluation datasets over HTTP', (open) => {
  async function setUp() {
    const { tracing, clock } = setUpTracing(await open(TRACING_TEST_MIGRATIONS));
    const app = await createHttpServer({
      routes: tracingRoutes(tracing),
      authenticate: () => ({ id: 'user:ann' }),
      info: { title: 'test', version: '0', description: '' },
      checkAnswers: true,
    });
    const call = async (method: 'GET' | 'DELETE', path: string, query: Readonly<Record<string, string>> = {}) => {
      const url = `/api/evaluation-datasets${path}?${new URLSearchParams(query)}`;
      const answer = await app.inject({ method, url });
      return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
    };
    return { tracing, clock, call };
  }

  it('are listed by experiment, filter and page', async () => {
    const { tracing, clock, call } = await setUp();
    for (const [name, experimentIds] of [
      ['a', ['1']],
      ['b', ['1', '2']],
      ['c', []],
    ] as const) {
      clock.advance(1000);
      await tracing.createDataset({ name, experimentIds, tags: new Map([['mlflow.user', 'ann']]) });
    }
    const names = async (query: Readonly<Record<string, string>>) => {
      const { body } = await call('GET', '', query);
      return body.datasets.map(({ name }: { name: string }) => name).join('');
    };
    expect(await names({})).toBe('cba');
    expect(await names({ experiment: 'experiment 1', orderBy: 'name asc' })).toBe('ab');
    expect(await names({ filter: "name = 'b'" })).toBe('b');
    const first = await call('GET', '', { limit: '2' });
    expect(first.body.datasets[1]).toMatchObject({
      ...{ name: 'b', records: 0, fields: null, createdBy: 'ann', tags: { 'mlflow.user': 'ann' } },
      experiments: [
        { id: '1', name: 'experiment 1' },
        { id: '2', name: 'experiment 2' },
      ],
    });
    const pageToken = first.body.nextPageToken;
    expect((await call('GET', '', { limit: '2', pageToken })).body).toMatchObject({
      datasets: [{ name: 'a' }],
      nextPageToken: null,
    });
    for (const [query, code] of [
      [{ pageToken, experiment: 'experiment 1' }, 'TRACING_PAGE_TOKEN_INVALID'],
      [{ filter: 'colour = 1' }, 'TRACING_FILTER_INVALID'],
      [{ experiment: 'none' }, 'TRACING_EXPERIMENT_NOT_FOUND'],
    ] as const) {
      expect((await call('GET', '', query)).body.error.code).toBe(code);
    }
  });

  it('show their records page by page until they are deleted', async () => {
    const { tracing, call } = await setUp();
    const { id } = await tracing.createDataset({ name: 'qa', experimentIds: ['1'] });
    const source = { source_type: 'TRACE', source_data: { trace_id: 'tr-1' } };
    await tracing.putDatasetRecords(id, [
      { inputs: { q: 'a' }, expectations: { answer: 'x' }, source },
      { inputs: { q: 'b' }, outputs: ['one', 1.5] },
      { inputs: { q: 'c' }, outputs: 'text', tags: { level: 'easy' } },
    ]);
    expect((await call('GET', `/${id}`)).body).toMatchObject({
      records: 3,
      fields: { inputs: { q: 'string' }, outputs: 'array', expectations: { answer: 'string' } },
    });
    const first = await call('GET', `/${id}/records`, { limit: '2' });
    expect(first.body.records).toMatchObject([
      { inputs: { q: 'a' }, outputs: null, expectations: { answer: 'x' }, tags: {}, source },
      { inputs: { q: 'b' }, outputs: ['one', 1.5], expectations: null, source: null },
    ]);
    const pageToken = first.body.nextPageToken;
    const rest = await call('GET', `/${id}/records`, { pageToken });
    expect(rest.body).toMatchObject({ records: [{ outputs: 'text', tags: { level: 'easy' } }], nextPageToken: null });
    const other = await tracing.createDataset({ name: 'other' });
    const elsewhere = await call('GET', `/${other.id}/records`, { pageToken });
    expect(elsewhere.body.error.code).toBe('TRACING_PAGE_TOKEN_INVALID');
    expect((await call('DELETE', `/${id}`)).status).toBe(204);
    for (const [method, path] of [
      ['GET', `/${id}`],
      ['GET', `/${id}/records`],
      ['DELETE', `/${id}`],
    ] as const) {
      const { status, body } = await call(method, path);
      expect([status, body.error.code]).toEqual([404, 'TRACING_DATASET_NOT_FOUND']);
    }
    expect((await call('GET', '')).body.datasets).toHaveLength(1);
  });
});
