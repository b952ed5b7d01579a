import { describe, expect, it } from 'vitest';
import { createHttpServer } from '#platform/http';
import { migrate, openDatabase } from '#platform/sql';
import { tuningRoutes } from './routes.ts';
import { setUpTuning, TUNING_TEST_MIGRATIONS } from './testing.ts';

const SPACE = { rate: { kind: 'float', low: 0.01, high: 1 } };
const STUDY = { name: 'gbdt', directions: ['minimize'], space: SPACE };

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  await migrate(database, TUNING_TEST_MIGRATIONS);
  const app = await createHttpServer({
    routes: tuningRoutes(setUpTuning(database).tuning),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  const call = async (method: 'GET' | 'POST', url: string, payload?: object | string) => {
    const headers = payload === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await app.inject({ method, url: `/api/studies${url}`, headers, payload });
    return { status: answer.statusCode, body: answer.json() };
  };
  return { call };
}

describe('the operations of tuning', () => {
  it('take a study through its life', async () => {
    const { call } = await setUp();
    expect(await call('POST', '', STUDY)).toMatchObject({ status: 201, body: { createdBy: 'user:ann', best: [] } });
    expect(await call('POST', '/gbdt/ask', { key: 'a' })).toMatchObject({
      status: 201,
      body: { number: 0, run: null },
    });
    const report = await call('POST', '/gbdt/trials/0/reports', { step: 1, value: 'NaN' });
    expect(report).toMatchObject({ status: 200, body: { prune: false } });
    const told = await call('POST', '/gbdt/trials/0/tell', { values: ['-Infinity'] });
    expect(told).toMatchObject({ status: 200, body: { state: 'complete', values: ['-Infinity'] } });
    expect((await call('GET', '/gbdt/trials/0')).body.reports).toEqual([{ step: 1, value: 'NaN' }]);
    expect((await call('GET', '/gbdt/trials?state=complete')).body.trials).toHaveLength(1);
    expect((await call('GET', '')).body.studies).toMatchObject([{ name: 'gbdt', counts: { complete: 1 } }]);
    expect((await call('GET', '/gbdt')).body.best).toMatchObject([{ number: 0 }]);
  });

  it.each([
    [{ ...STUDY, name: '../x' }, 'KERNEL_NAME_INVALID'],
    [{ ...STUDY, directions: [] }, 'HTTP_INVALID'],
    [{ ...STUDY, directions: ['down'] }, 'HTTP_INVALID'],
    [{ ...STUDY, space: {} }, 'HTTP_INVALID'],
    [{ ...STUDY, space: { x: { kind: 'float', low: 1 } } }, 'HTTP_INVALID'],
    [{ ...STUDY, space: { x: { kind: 'float', low: 1, high: 0 } } }, 'TUNING_SPACE_INVALID'],
    [{ ...STUDY, space: { x: { kind: 'float', low: 0, high: 1, log: true } } }, 'TUNING_SPACE_INVALID'],
    [{ ...STUDY, space: { x: { kind: 'float', low: 1, high: 2, log: true, step: 1 } } }, 'TUNING_SPACE_INVALID'],
    [{ ...STUDY, space: { x: { kind: 'float', low: -1.7e308, high: 1.7e308 } } }, 'TUNING_SPACE_INVALID'],
    [{ ...STUDY, space: { x: { kind: 'float', low: 0, high: 1, step: 0 } } }, 'HTTP_INVALID'],
    [{ ...STUDY, space: { x: { kind: 'int', low: 0.5, high: 1 } } }, 'HTTP_INVALID'],
    [{ ...STUDY, space: { x: { kind: 'int', low: 0, high: 1e300 } } }, 'HTTP_INVALID'],
    [{ ...STUDY, space: { x: { kind: 'int', low: 0, high: 8, log: true } } }, 'TUNING_SPACE_INVALID'],
    [{ ...STUDY, space: { x: { kind: 'categorical', choices: [] } } }, 'HTTP_INVALID'],
    [{ ...STUDY, space: { x: { kind: 'categorical', choices: ['a', 'a'] } } }, 'TUNING_SPACE_INVALID'],
    [{ ...STUDY, space: { 'a/b': SPACE.rate } }, 'TUNING_SPACE_INVALID'],
    [{ ...STUDY, sampler: { name: 'magic' } }, 'HTTP_INVALID'],
    [{ ...STUDY, sampler: { name: 'tpe', seed: -1 } }, 'HTTP_INVALID'],
    [{ ...STUDY, directions: ['minimize', 'minimize'] }, 'TUNING_STRATEGY_UNFIT'],
    [
      { ...STUDY, directions: ['minimize', 'minimize'], sampler: { name: 'random' }, pruner: { name: 'median' } },
      'TUNING_STRATEGY_UNFIT',
    ],
    ['{"name":"gbdt","directions":["minimize"],"space":{"__proto__":{}}}', 'HTTP_JSON_MALFORMED'],
  ])('refuse the study %j with %s and make none', async (body, code) => {
    const { call } = await setUp();
    const answer = await call('POST', '', body);
    expect([answer.status, answer.body.error.code]).toEqual([400, code]);
    expect((await call('GET', '')).body.studies).toEqual([]);
  });

  it.each([
    ['/none/ask', {}, 404, 'TUNING_STUDY_NOT_FOUND'],
    ['/gbdt/ask', { key: '' }, 400, 'HTTP_INVALID'],
    ['/gbdt/trials/7/tell', { values: [1] }, 404, 'TUNING_TRIAL_NOT_FOUND'],
    ['/gbdt/trials/-1/tell', { values: [1] }, 400, 'HTTP_INVALID'],
    ['/gbdt/trials/x/tell', { values: [1] }, 400, 'HTTP_INVALID'],
    ['/gbdt/trials/0/tell', { values: ['much'] }, 400, 'HTTP_INVALID'],
    ['/gbdt/trials/0/tell', {}, 400, 'TUNING_VALUES_INVALID'],
    ['/gbdt/trials/0/reports', { step: 1 }, 400, 'HTTP_INVALID'],
    ['/gbdt/trials/0/reports', { step: -1, value: 1 }, 400, 'HTTP_INVALID'],
    ['/gbdt/trials/0/reports', { step: 1e300, value: 1 }, 400, 'HTTP_INVALID'],
    ['/gbdt/trials/0/reports', '{"step":1,"value":NaN}', 400, 'HTTP_JSON_MALFORMED'],
  ])('refuse %s %j with %i %s', async (url, body, status, code) => {
    const { call } = await setUp();
    await call('POST', '', STUDY);
    await call('POST', '/gbdt/ask', {});
    const answer = await call('POST', url, body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect((await call('GET', '/gbdt/trials/0')).body).toMatchObject({ state: 'running', reports: [] });
  });
});
