import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, expect, it } from 'vitest';
import { createDataQuality, dataQualityMigrations, dataQualityRoutes } from '#domains/data';
import { createHttpServer } from '#platform/http';
import { migrate, openDatabase } from '#platform/sql';
import { DATA_TEST_MIGRATIONS, openTestData } from '#testing/domains/data';
import { addDataQuality } from './data-quality.ts';

/** The commands over a real server. */

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  cleanups.push(() => database.close());
  await migrate(database, [...DATA_TEST_MIGRATIONS, ...dataQualityMigrations]);
  const test = await openTestData(database);
  cleanups.push(() => test.close());
  const { data, tables, clock, events } = test;
  const quality = createDataQuality({
    data,
    tables,
    database,
    clock,
    events,
    lineage: { link: async () => undefined },
  });
  const app = await createHttpServer({
    routes: dataQualityRoutes(quality),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  cleanups.push(() => app.close());
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const folder = await mkdtemp(join(tmpdir(), 'trimtab-cli-quality-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const lines = Array.from(
    { length: 300 },
    (_, i) => `2001-01-${String(1 + (i % 30)).padStart(2, '0')},${i === 7 ? -1116 : i % 11}`,
  );
  await writeFile(join(folder, 't.csv'), `day,delay\n${lines.join('\n')}\n`);
  await data.createRepository({ name: 'flights' }, 'user:ann');
  const { object } = await data.putLocalFile('flights', join(folder, 't.csv'));
  const changes = [{ path: 't.csv', object }];
  await data.commit({ repository: 'flights', branch: 'main', message: 'x', changes }, 'user:ann');
  return { folder, run: (...parameters: string[]) => run(url, parameters) };
}

async function run(url: string, parameters: readonly string[]): Promise<{ out: string; code: number }> {
  let out = '';
  const original = process.stdout.write;
  process.stdout.write = (text: string | Uint8Array) => {
    out += text;
    return true;
  };
  try {
    const program = new Command('trimtab').option('--url <address>').option('--json');
    const data = program.command('data');
    addDataQuality(data);
    await program.parseAsync(['node', 'trimtab', '--url', url, 'data', ...parameters]);
    return { out, code: Number(process.exitCode ?? 0) };
  } finally {
    process.stdout.write = original;
    process.exitCode = undefined;
  }
}

it('leads from a profile to a split', async () => {
  const { run } = await setUp();
  const profile = await run('profile', 'flights', 't.csv');
  expect(profile.out).toContain('t.csv: 300 rows');
  expect(profile.out).toMatch(/delay +integer +0 +12 +-1116 to 10, median 5, 99 % 10/);
  expect((await run('rows', 'flights', 't.csv', '--where', 'delay < 0')).out).toContain('1 of 1 rows shown.');
  const infer = ['schema', 'infer', 'flights', 't.csv', '--times', 'day=2001-01-01..', '--branch', 'main'];
  expect((await run(...infer)).out).toContain('schemas/t.json is in commit');
  expect(JSON.parse((await run('schema', 'show', 'flights', 't')).out)).toMatchObject({ name: 't' });
  const failed = await run('validate', 'flights', 't.csv', '--schema', 't');
  expect(failed.code).toBe(8);
  expect(failed.out).toContain('t.csv does not pass schema t: of 300 rows 1 fail');
  expect(failed.out).toContain('row 7: {"day":"2001-01-08","delay":-1116}');
  const apart = await run('quarantine', 'flights', 't.csv', '--schema', 't');
  expect(apart.out).toContain('Quarantined: 1 rows in quarantine/t.parquet');
  const clean = await run('validate', 'flights', 'clean/t.parquet', '--schema', 't', '--json');
  expect(clean.code).toBe(0);
  expect(JSON.parse(clean.out)).toMatchObject({ passed: true, rows: 299 });
  const split = [
    'split',
    'flights',
    'clean/t.parquet',
    '--time',
    'day',
    '--shares',
    '0.5,0.25',
    '--out',
    's',
    '--json',
  ];
  const { parts } = JSON.parse((await run(...split)).out);
  expect(parts.map(({ path }: { path: string }) => path)).toEqual([
    's/train.parquet',
    's/validation.parquet',
    's/test.parquet',
  ]);
});

it('commits a schema from a file', async () => {
  const { run, folder } = await setUp();
  const column = {
    name: 'delay',
    type: 'integer',
    required: true,
    checks: [{ kind: 'range', max: 5, severity: 'error' }],
  };
  const schema = { name: 'strict', columns: [column], extraColumns: 'allow', rules: [] };
  await writeFile(join(folder, 'strict.json'), JSON.stringify(schema));
  await run('schema', 'put', 'flights', join(folder, 'strict.json'), '-m', 'Stricter');
  expect((await run('validate', 'flights', 't.csv', '--schema', 'strict')).code).toBe(8);
  expect(JSON.parse((await run('schema', 'show', 'flights', 'strict')).out)).toEqual(schema);
});
