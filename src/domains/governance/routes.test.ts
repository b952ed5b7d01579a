import { expect, it } from 'vitest';
import { createEvents, eventsMigrations } from '#platform/events';
import { createHttpServer } from '#platform/http';
import { ManualClock } from '#platform/kernel';
import { migrate, openDatabase } from '#platform/sql';
import { createGovernance } from './governance.ts';
import { governanceRoutes } from './routes.ts';
import { governanceMigrations } from './store/schema.ts';

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  await migrate(database, [...eventsMigrations, ...governanceMigrations]);
  const clock = new ManualClock(Date.UTC(2001, 2, 1));
  const governance = createGovernance({ database, clock, events: createEvents({ database, clock }) });
  const app = await createHttpServer({
    routes: governanceRoutes(governance),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  for (const to of ['steady', 'retraining', 'canary']) {
    const move = { actor: 'trimtab:loop', pointer: 'loop:delays', from: null, to, reason: `now ${to}` };
    await database.transaction((tx) => governance.record(tx, move));
  }
  const get = async (url: string) => {
    const answer = await app.inject({ url: `/api${url}` });
    return { status: answer.statusCode, body: answer.json() };
  };
  return { app, get };
}

it('answers with the log, an entry, a checkpoint and a verdict', async () => {
  const { get } = await setUp();
  const log = await get('/audit?pointer=loop:*&limit=2');
  expect(log).toMatchObject({
    status: 200,
    body: { entries: [{ to: 'canary' }, { to: 'retraining' }], nextBefore: 2 },
  });
  expect((await get('/audit?before=2')).body).toMatchObject({ entries: [{ to: 'steady' }], nextBefore: null });
  expect((await get('/audit/3')).body).toEqual(log.body.entries[0]);
  const { sequence, digest } = (await get('/audit/checkpoint')).body;
  expect([sequence, digest]).toEqual([3, log.body.entries[0].digest]);
  expect((await get(`/audit/verify?sequence=${sequence}&digest=${digest}`)).body).toEqual({
    ok: true,
    entries: 3,
    head: digest,
    problem: null,
  });
  const other = await get(`/audit/verify?sequence=2&digest=${digest}`);
  expect(other).toMatchObject({ status: 200, body: { ok: false, problem: { sequence: 2 } } });
});

it('answers with lineage, noted by callers', async () => {
  const { app, get } = await setUp();
  const edges = [{ from: 'pipeline-run:p1', to: 'version:delays/1', relation: 'produced' }];
  for (const added of [1, 0]) {
    const noted = await app.inject({ method: 'POST', url: '/api/lineage', payload: { edges } });
    expect([noted.statusCode, noted.json()]).toEqual([200, { added }]);
  }
  expect((await get('/lineage?ref=version:delays/1')).body).toMatchObject({
    nodes: [
      { ref: 'version:delays/1', distance: 0 },
      { ref: 'pipeline-run:p1', distance: -1 },
    ],
    edges,
  });
});

it('refuses bad input and names it', async () => {
  const { app, get } = await setUp();
  const refusals: [string, number, RegExp][] = [
    ['/audit/0', 400, /path.sequence/],
    ['/audit/x', 400, /path.sequence/],
    ['/audit/4', 404, /no entry 4/],
    ['/audit?limit=0', 400, /query.limit/],
    ['/audit?limit=many', 400, /query.limit/],
    ['/audit/verify?sequence=3', 400, /its digest is missing/],
    ['/audit/verify?sequence=3&digest=abc', 400, /query.digest/],
    ['/lineage', 400, /ref/],
    ['/lineage?ref=delays', 400, /"delays" is no reference/],
    ['/lineage?ref=run:1&depth=51', 400, /query.depth/],
    ['/lineage?ref=run:1&direction=sideways', 400, /query.direction/],
  ];
  for (const [url, status, words] of refusals) {
    const answer = await get(url);
    expect([url, answer.status, answer.body.error.message]).toEqual([url, status, expect.stringMatching(words)]);
  }
  for (const edges of [
    [],
    [{ from: 'run:1', to: 'x', relation: 'y' }],
    [{ from: 'run:1', to: 'run:1', relation: 'y' }],
  ]) {
    const answer = await app.inject({ method: 'POST', url: '/api/lineage', payload: { edges } });
    expect(answer.statusCode).toBe(400);
  }
});
