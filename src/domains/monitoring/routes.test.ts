import { afterEach, describe, expect, it } from 'vitest';
import { createHttpServer } from '#platform/http';
import { type Database, migrate, openDatabase } from '#platform/sql';
import { monitoringRoutes } from './routes.ts';
import { dayMs, MONITORING_TEST_MIGRATIONS, setUpMonitoring, smallReference } from './testing.ts';

const opened: Database[] = [];
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  opened.push(database);
  await migrate(database, MONITORING_TEST_MIGRATIONS);
  const bench = await setUpMonitoring(database);
  const app = await createHttpServer({
    routes: monitoringRoutes(bench.monitoring),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  const call = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object | string) => {
    const headers = payload === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await app.inject({ method, url: `/api${url}`, headers, payload });
    return { status: answer.statusCode, json: () => answer.json() };
  };
  const stored = await call('POST', '/monitor-references', { reference: smallReference() });
  expect(stored.status).toBe(201);
  const reference: string = stored.json().id;
  const made = { name: 'delays', endpoint: 'delays', reference, segments: ['origin'] };
  return { ...bench, call, reference, made };
}

describe('the operations of monitoring', () => {
  it('take a monitor through its life', async () => {
    const { call, reference, made, replay, timeline } = await setUp();
    expect((await call('GET', '/monitors')).json()).toEqual({ monitors: [] });
    expect((await call('GET', `/monitor-references/${reference}`)).json()).toMatchObject({
      windows: 20,
      labelled: true,
    });
    expect((await call('POST', '/monitors', made)).status).toBe(201);
    const { rows } = await replay(0, { labels: false });
    const labels = rows.map(({ inferenceId }, i) => ({ inferenceId, value: i % 5 === 0 ? 1 : 0 }));
    expect((await call('POST', '/endpoints/delays/labels', { labels })).json()).toEqual({ recorded: 1000, known: 0 });
    expect((await call('POST', '/monitors/delays/tick', {})).json()).toEqual({ evaluated: [] });
    timeline.set(dayMs(2));
    expect((await call('POST', '/monitors/delays/tick', {})).json()).toEqual({
      evaluated: [
        { startMs: dayMs(0), pass: 'inputs' },
        { startMs: dayMs(1), pass: 'inputs' },
        { startMs: dayMs(0), pass: 'performance' },
      ],
    });
    expect((await call('GET', '/monitors/delays/windows?limit=1')).json().windows).toMatchObject([{ labelled: 1000 }]);
    expect((await call('GET', `/monitors/delays/windows?fromMs=${dayMs(1)}`)).json().windows).toEqual([]);
    expect((await call('GET', `/monitors/delays/windows/${dayMs(0)}`)).json().performance.labelled).toBe(1000);
    expect((await call('GET', '/monitors/delays/drift')).json().features).toHaveLength(4);
    expect((await call('GET', '/monitors/delays/performance')).json().days).toHaveLength(1);
    expect((await call('GET', '/alerts?monitor=delays&state=open')).json()).toEqual({ alerts: [] });
    const changed = await call('PATCH', '/monitors/delays', { rules: { minRows: 500 }, reason: 'more rows' });
    expect(changed.json()).toMatchObject({ rules: { minRows: 500, driftAlpha: 0.01 } });
    expect((await call('DELETE', '/monitors/delays?reason=done')).status).toBe(204);
    expect((await call('GET', '/monitors/delays')).status).toBe(404);
  });

  it('refuse bad input with the field at fault, and keep nothing of it', async () => {
    const { call, made, reference } = await setUp();
    const bad: readonly [string, 'GET' | 'POST' | 'PATCH', string, object | string | undefined, number, RegExp][] = [
      ['no JSON', 'POST', '/monitors', '{"name":', 400, /JSON/],
      ['a name with ../', 'POST', '/monitors', { ...made, name: '../x' }, 400, /KERNEL_NAME_INVALID/],
      ['an unknown property', 'POST', '/monitors', { ...made, speed: 1 }, 400, /speed/],
      ['a window of no length', 'POST', '/monitors', { ...made, windowMs: 0 }, 400, /windowMs/],
      ['a share above 1', 'POST', '/monitors', { ...made, rules: { unseenShare: 2 } }, 400, /unseenShare/],
      [
        'a webhook that is no address',
        'POST',
        '/monitors',
        { ...made, webhooks: ['file:///etc/passwd'] },
        400,
        /webhooks/,
      ],
      ['an unknown reference', 'POST', '/monitors', { ...made, reference: 'x' }, 404, /MONITORING_REFERENCE_NOT_FOUND/],
      ['an unknown feature', 'POST', '/monitors', { ...made, features: [{ name: 'x' }] }, 400, /FEATURE_UNKNOWN/],
      [
        'a reference that is none',
        'POST',
        '/monitor-references',
        { reference: { format: 1 } },
        400,
        /REFERENCE_INVALID/,
      ],
      ['no reference', 'POST', '/monitor-references', {}, 400, /reference/],
      [
        'a label of 2',
        'POST',
        '/endpoints/delays/labels',
        { labels: [{ inferenceId: 'a', value: 2 }] },
        400,
        /give 0 or 1/,
      ],
      [
        'a label that is text',
        'POST',
        '/endpoints/delays/labels',
        { labels: [{ inferenceId: 'a', value: 'x' }] },
        400,
        /value/,
      ],
      ['no labels', 'POST', '/endpoints/delays/labels', { labels: [] }, 400, /labels/],
      ['labels without an id', 'POST', '/endpoints/delays/labels', { labels: [{ value: 1 }] }, 400, /inferenceId/],
      [
        'a body of 17 MB',
        'POST',
        '/endpoints/delays/labels',
        `"${'x'.repeat(17 * 1024 * 1024)}"`,
        413,
        /large|limit|bytes/i,
      ],
      ['a limit of 0', 'GET', '/monitors/delays/windows?limit=0', undefined, 400, /limit/],
      ['a time that is none', 'GET', '/monitors/delays/windows/yesterday', undefined, 400, /startMs/],
      ['a change without a reason', 'PATCH', '/monitors/delays', { rules: {} }, 400, /reason/],
    ];
    for (const [what, method, url, body, status, problem] of bad) {
      const answer = await call(method, url, body);
      expect([what, answer.status]).toEqual([what, status]);
      expect(JSON.stringify(answer.json()), what).toMatch(problem);
    }
    expect((await call('GET', '/monitors')).json()).toEqual({ monitors: [] });
    expect((await call('POST', '/monitors', { ...made, reference })).status).toBe(201);
  });
});
