import { afterEach, describe, expect, it } from 'vitest';
import { contract, dataQualityOperations, type StoredSchema, type ValidationReport } from '#contract';
import { createHttpServer } from '#platform/http';
import { migrate, openDatabase } from '#platform/sql';
import { dataQualityRoutes } from './routes.ts';
import { openTestQuality, QUALITY_TEST_MIGRATIONS } from './testing.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The routes as the server binds them, each answer checked against the contract. */
async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  cleanups.push(() => database.close());
  await migrate(database, QUALITY_TEST_MIGRATIONS);
  const test = await openTestQuality(database);
  cleanups.push(() => test.close());
  const app = await createHttpServer({
    routes: dataQualityRoutes(test.quality),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  cleanups.push(() => app.close());
  const lines = Array.from(
    { length: 200 },
    (_, i) => `${i},${i === 150 ? -9999 : i % 7},2001-01-${String(1 + (i % 28)).padStart(2, '0')},x${i % 2}`,
  );
  await test.add('t.csv', { text: `id,n,day,s\n${lines.join('\n')}\n` });
  const call = async <Answer>(method: 'GET' | 'POST' | 'PUT', path: string, body?: object) => {
    const answer = await app.inject({
      method,
      url: `/api/repositories/flights${path}`,
      ...(body ? { payload: body } : {}),
    });
    return { status: answer.statusCode, body: answer.json<Answer & { error?: { code: string; message: string } }>() };
  };
  return { ...test, call };
}

describe('over HTTP', () => {
  it('a table goes from profile to split', async () => {
    const { call } = await setUp();
    expect(await call('GET', '/profile?ref=main&path=t.csv')).toMatchObject({ status: 200, body: { rows: 200 } });
    const inferred = await call<StoredSchema['schema']>('POST', '/schemas/infer', { ref: 'main', path: 't.csv' });
    expect(inferred.status).toBe(200);
    const put = await call<StoredSchema>('PUT', '/schemas/t', { branch: 'main', schema: inferred.body });
    expect(put).toMatchObject({ status: 200, body: { path: 'schemas/t.json' } });
    expect(await call('GET', '/schemas/t?ref=main')).toMatchObject({ status: 200, body: put.body });
    const named = { ref: 'main', path: 't.csv', schemaPath: 'schemas/t.json' };
    const report = await call<ValidationReport>('POST', '/validate', named);
    expect(report).toMatchObject({ status: 200, body: { passed: false, failedRows: 1 } });
    expect(report.body.rules[0]).toMatchObject({
      rule: 'n.range',
      examples: [{ row: 150, values: { n: -9999, day: '2001-01-11' } }],
    });
    const quarantine = await call('POST', '/quarantine', { ...named, branch: 'main' });
    expect(quarantine).toMatchObject({ status: 200, body: { clean: { rows: 199 }, quarantine: { rows: 1 } } });
    const boundaries = { validationFrom: '2001-01-15', testFrom: Date.UTC(2001, 0, 20) };
    const wanted = {
      ref: 'main',
      path: 'clean/t.parquet',
      timeColumn: 'day',
      boundaries,
      branch: 'main',
      outPrefix: 's',
    };
    expect(await call('POST', '/split', wanted)).toMatchObject({ status: 200, body: { parts: [{}, {}, {}] } });
    const rows = await call(
      'GET',
      `/rows?ref=main&path=s/train.parquet&limit=1&where=${encodeURIComponent("s = 'x1'")}`,
    );
    expect(rows).toMatchObject({ status: 200, body: { rows: [{ values: { id: 1, s: 'x1' } }] } });
  });

  it.each([
    ['a page that is too long', 'GET', '/rows?ref=main&path=t.csv&limit=1001', 400, 'HTTP_INVALID', 'limit'],
    [
      'an unknown column',
      'GET',
      '/rows?ref=main&path=t.csv&where=m%3E1',
      400,
      'DATA_QUALITY_CONDITION_INVALID',
      'there is no column "m"',
    ],
    [
      'a way out of the repository',
      'GET',
      '/profile?ref=main&path=../../etc/passwd',
      400,
      'DATA_PATH_INVALID',
      '../../etc/passwd',
    ],
    ['a branch there is not', 'GET', '/profile?ref=dev&path=t.csv', 404, 'DATA_REF_NOT_FOUND', '"dev"'],
    ['a name with ../', 'GET', '/schemas/..%2Fx?ref=main', 400, 'HTTP_INVALID', 'schema'],
  ] as const)('refuses %s', async (_, method, path, status, code, words) => {
    const { call } = await setUp();
    const answer = await call(method, path);
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect(answer.body.error?.message).toContain(words);
  });

  it('refuses a schema with a property it does not know, naming it', async () => {
    const { call } = await setUp();
    const schema = {
      name: 't',
      columns: [{ name: 'n', type: 'integer', required: true, checks: [], nullable: true }],
      extraColumns: 'allow',
      rules: [],
    };
    const answer = await call('POST', '/validate', { ref: 'main', path: 't.csv', schema });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'HTTP_INVALID' } } });
    expect(answer.body.error?.message).toContain('nullable');
  });

  it('binds every operation of the contract', () => {
    const routes = dataQualityRoutes({} as never);
    expect(routes.map(({ operation }) => operation.id).sort()).toEqual(
      Object.values(dataQualityOperations)
        .map(({ id }) => id)
        .sort(),
    );
    expect(contract.data).toMatchObject(dataQualityOperations);
  });
});
