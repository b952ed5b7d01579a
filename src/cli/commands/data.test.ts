import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { dataRoutes } from '#domains/data';
import { createHttpServer } from '#platform/http';
import { migrate, openDatabase } from '#platform/sql';
import { DATA_TEST_MIGRATIONS, openTestData } from '#testing/domains/data';
import { runCommand } from '../testing.ts';

/** The commands over a real server. */

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  cleanups.push(() => database.close());
  await migrate(database, DATA_TEST_MIGRATIONS);
  const test = await openTestData(database);
  cleanups.push(() => test.close());
  const app = await createHttpServer({
    routes: dataRoutes(test.data),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  cleanups.push(() => app.close());
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const folder = await mkdtemp(join(tmpdir(), 'trimtab-cli-data-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const run = (...parameters: string[]) => runCommand('--url', url, 'data', ...parameters);
  return { ...test, folder, run, json: async (...p: string[]) => JSON.parse((await run(...p, '--json')).stdout) };
}

it('commits a folder, shows it and checks it out again, resuming what was begun', async () => {
  const { folder, run, json } = await setUp();
  const source = join(folder, 'raw');
  await mkdir(join(source, 'deep'), { recursive: true });
  await writeFile(join(source, 'a.csv'), 'id,amount\n1,10\n2,20\n');
  await writeFile(join(source, 'deep', 'b.txt'), 'hello');
  expect((await run('repos')).stdout).toContain('trimtab data create');
  expect(await run('create', 'shop', '--description', 'orders')).toMatchObject({
    code: 0,
    stdout: 'Repository shop: 1 commit on main.\n',
  });
  const commit = await json('commit', 'shop', source, '--to', 'in', '-m', 'first');
  expect(commit).toMatchObject({ entries: 2, message: 'first' });
  expect((await run('commit', 'shop', source, '--to', 'in', '-m', 'again')).stdout).toContain(
    'Nothing differs from main',
  );
  expect((await run('ls', 'shop', '--long')).stdout).toMatch(
    /in\/raw\/a\.csv +20 +2 +[0-9a-f]{12} +id BIGINT, amount BIGINT/,
  );
  expect((await run('tag', 'shop', 'v1')).stdout).toBe(`Tag v1 names ${commit.id.slice(0, 12)}.\n`);
  await run('branch', 'shop', 'next');
  await writeFile(join(source, 'a.csv'), 'id,amount\n1,10\n2,20\n3,30\n');
  const target = join(folder, 'out');
  await run(
    'commit',
    'shop',
    join(source, 'a.csv'),
    '--to',
    'in/raw',
    '--branch',
    'next',
    '--remove',
    'in/raw/deep/b.txt',
    '-m',
    'second',
  );
  const diff = await run('diff', 'shop', 'v1', 'next');
  expect(diff.stdout).toMatch(/changed +in\/raw\/a\.csv +20 -> 25 +2 -> 3/);
  expect(diff.stdout).toContain('0 added, 1 removed, 1 changed.');
  expect((await run('log', 'shop', '--ref', 'next')).stdout.split('\n')[1]).toMatch(/user:ann +1 +25 +second$/);
  expect((await run('repos')).stdout).toMatch(/shop +3 +2 +25 /);

  expect(await json('checkout', 'shop', 'v1', target)).toMatchObject({ written: 2, kept: 0, commit: commit.id });
  expect(await readFile(join(target, 'in/raw/a.csv'), 'utf8')).toBe('id,amount\n1,10\n2,20\n');
  await writeFile(join(target, 'in/raw/deep/b.txt'), 'HELLO');
  expect(await json('checkout', 'shop', 'v1', target)).toMatchObject({ written: 1, kept: 1 });
  expect(await readFile(join(target, 'in/raw/deep/b.txt'), 'utf8')).toBe('hello');
  expect((await readdir(join(target, 'in/raw'))).sort()).toEqual(['a.csv', 'deep']);
  expect((await run('branch', 'shop', 'next', '--delete', '--reason', 'merged')).stdout).toContain(
    'Branch next is gone',
  );
  expect((await run('branch', 'shop')).stdout).not.toContain('next');
});

it('ends with the exit code of the failure, and says what to do', async () => {
  const { folder, run } = await setUp();
  const ragged = join(folder, 'ragged.csv');
  await writeFile(ragged, 'a,b\n1,2\n3\n');
  await run('create', 'shop');
  const missing = await run('log', 'none');
  expect([missing.code, missing.stderr]).toEqual([
    3,
    'error: There is no repository "none". List them with: trimtab data repos\n',
  ]);
  const refused = await run('commit', 'shop', ragged, '-m', 'm');
  expect([refused.code, refused.stdout]).toEqual([5, '']);
  expect(refused.stderr).toContain('line 3');
  expect((await run('commit', 'shop', '-m', 'm')).code).toBe(2);
  expect((await run('commit', 'shop', join(folder, 'gone'), '-m', 'm')).code).toBe(2);
  expect((await run('checkout', 'shop', 'v9', join(folder, 'out'))).code).toBe(3);
  await expect(stat(join(folder, 'out'))).rejects.toThrow();
});

it('shows an example in the help of each command', async () => {
  for (const command of ['repos', 'create', 'commit', 'checkout', 'log', 'diff', 'branch', 'tag', 'ls']) {
    const { code, stdout } = await runCommand('data', command, '--help');
    expect([code, stdout]).toEqual([0, expect.stringContaining(`\nExample:\n  trimtab data ${command}`)]);
  }
});
