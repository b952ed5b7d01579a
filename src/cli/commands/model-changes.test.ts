import { expect, it } from 'vitest';
import { serveModels } from '#testing/domains/registry';
import { runCommand } from '../testing.ts';

async function setUp() {
  const { url } = await serveModels();
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
