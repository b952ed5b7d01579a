import { afterEach, expect, it } from 'vitest';
import { registryRoutes } from '#domains/registry';
import { createHttpServer } from '#platform/http';
import { migrate, openDatabase } from '#platform/sql';
import { REGISTRY_TEST_MIGRATIONS, registered, setUpRegistry } from '#testing/domains/registry';
import { runCommand } from '../testing.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  await migrate(database, REGISTRY_TEST_MIGRATIONS);
  const { registry } = await setUpRegistry(database);
  for (const text of ['one', 'two']) await registered(registry, text);
  const app = await createHttpServer({
    routes: registryRoutes(registry),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  cleanups.push(
    () => database.close(),
    () => app.close(),
  );
  return (...words: string[]) => runCommand('--url', url, 'model', ...words);
}

it('renames, describes, tags and stages', async () => {
  const model = await setUp();
  expect(await model('rename', 'delays', 'lateness')).toMatchObject({
    code: 0,
    stdout: 'delays is called lateness now; references call it delays.\n',
  });
  expect(await model('show', 'delays')).toMatchObject({ code: 3 });
  expect(await model('describe', 'lateness', 'late or not')).toMatchObject({ stdout: 'late or not\n' });
  expect(await model('describe', 'lateness', 'better', '--version', 'latest')).toMatchObject({ stdout: 'better\n' });
  expect(await model('tag', 'lateness', 'owner=ann', 'x=a=b')).toMatchObject({ stdout: 'owner=ann, x=a=b\n' });
  const version = ['--version', '2', '--remove', 'team'];
  expect(await model('tag', 'lateness', 'seen=yes', ...version)).toMatchObject({ stdout: 'seen=yes\n' });
  expect(await model('tag', 'lateness')).toMatchObject({ code: 2 });
  const shown = await model('show', 'lateness');
  expect(shown.stdout).toMatch(/late or not[\s\S]*Tags: owner=ann, x=a=b/);
  expect((await model('show', 'lateness', '2')).stdout).toMatch(/^tags +seen=yes$/m);
  const stage = ['--reason', 'agreed', '--archive-existing'];
  await model('stage', 'lateness', '1', 'Production', ...stage);
  expect(await model('stage', 'lateness', '2', 'Production', ...stage)).toMatchObject({
    stdout: 'version:delays/2 is in stage Production.\n',
  });
  expect((await model('show', 'lateness', '1')).stdout).toMatch(/^stage +Archived$/m);
  expect(await model('stage', 'lateness', '2', 'Archived', ...stage)).toMatchObject({ code: 5 });
  expect(await model('stage', 'lateness', '2', 'Live', '--reason', 'x')).toMatchObject({ code: 2 });
});

it('deletes a version, and a model only when told to', async () => {
  const model = await setUp();
  const reason = ['--reason', 'wrong labels'];
  expect(await model('delete', 'delays', '2', ...reason)).toMatchObject({
    code: 0,
    stdout: 'Version 2 of delays is deleted.\n',
  });
  expect(await model('show', 'delays', '2')).toMatchObject({ code: 3 });
  expect(await model('delete', 'delays', ...reason)).toMatchObject({ code: 2 });
  expect(await model('delete', 'delays', '1', '--all', ...reason)).toMatchObject({ code: 2 });
  expect(await model('delete', 'delays', '--all', ...reason)).toMatchObject({ code: 0 });
  expect(await model('show', 'delays')).toMatchObject({ code: 3 });
});
