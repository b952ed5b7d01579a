import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { registered, serveModels } from '#testing/domains/registry';
import { runCommand } from '../testing.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A server that knows everybody by the token he comes with; model `delays` with two versions. */
async function setUp() {
  const { registry, url } = await serveModels(({ headers }) => ({
    id: `user:${headers.authorization?.slice('Bearer '.length)}`,
  }));
  const folder = await mkdtemp(join(tmpdir(), 'trimtab-cli-'));
  folders.push(folder);
  const as = (token: string) => {
    return (...words: string[]) => runCommand('--url', url, '--token', token, 'model', ...words);
  };
  const write = async (name: string, content: unknown) => {
    await writeFile(join(folder, name), JSON.stringify(content));
    return join(folder, name);
  };
  return { ann: as('ann'), bob: as('bob'), cid: as('cid'), write, registry };
}

it('requests, comments, approves for a digest, and shows what is where', async () => {
  const { ann, bob, cid } = await setUp();
  const asked = await ann('promote', 'delays', '2', 'staging', '--comment', 'try it', '--expires', '2d');
  expect(asked).toMatchObject({ code: 0, stderr: '' });
  const digest = /--digest ([0-9a-f]{12})$/m.exec(asked.stdout)?.[1] ?? '';
  expect(asked.stdout).toMatch(/^Request 1, version 2 of delays for staging, has 0 of 1 approvals\./);
  expect((await cid('comment', 'delays', '1', 'How is it on ATL?')).stdout).toMatch(/commented +user:cid +How is it/);
  expect(await ann('approve', 'delays', '1')).toMatchObject({ code: 6, stderr: expect.stringMatching(/user:ann/) });
  const other = await bob('approve', 'delays', '1', '--digest', '000000000000');
  expect(other).toMatchObject({ code: 2, stderr: expect.stringMatching(/does not begin with 000000000000/) });
  expect((await bob('promotions', '--state', 'open')).stdout).toMatch(
    /^delays +1 +2 +staging +open +0 of 1 +user:ann/m,
  );
  expect(await bob('approve', 'delays', '1', '--digest', digest)).toMatchObject({
    code: 0,
    stdout: 'staging of delays holds version 2, by request 1.\n',
  });
  expect((await bob('promotions', 'delays', '1')).stdout).toMatch(
    /requested +user:ann +try it\n(.*\n)+.*approved +user:bob/,
  );
  expect((await ann('environments', 'delays')).stdout).toMatch(/^staging +2 +.* user:bob +1 approval$/m);
  expect((await ann('environments', 'delays', '--history', 'staging')).stdout).toMatch(/ - +2 +1 +user:bob$/m);
  expect((await ann('promotions', '--state', 'open')).stdout).toMatch(/^No such request/);
});

it('rejects and withdraws, and says who may not', async () => {
  const { ann, bob } = await setUp();
  for (const version of ['1', '2']) await ann('promote', 'delays', version, 'staging');
  expect(await bob('reject', 'delays', '1')).toMatchObject({ code: 2, stderr: expect.stringMatching(/--comment/) });
  expect((await bob('reject', 'delays', '1', '--comment', 'worse')).stdout).toMatch(/is rejected\.$/m);
  expect(await bob('withdraw', 'delays', '2')).toMatchObject({ code: 6 });
  expect((await ann('withdraw', 'delays', '2')).stdout).toMatch(/is withdrawn\.$/m);
  expect(await bob('approve', 'delays', '1')).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/rejected already/),
  });
  expect(await ann('promote', 'delays', '1', 'production')).toMatchObject({ code: 4 });
  expect(await ann('promote', 'delays', '1', 'moon')).toMatchObject({ code: 3 });
});

it('changes the environments of the server and of a model from a file', async () => {
  const { ann, write } = await setUp();
  const { stdout } = await ann('environments', '--json');
  const [dev] = (JSON.parse(stdout) as { environments: object[] }).environments;
  const file = await write('plan.json', [dev, { ...dev, name: 'live', approvals: 3, approvers: ['role:risk'] }]);
  expect((await ann('environments', '--set', file)).stdout).toMatch(/^live +3 approvals, of role:risk/m);
  const own = await write('own.json', { environments: [{ ...dev, name: 'lab' }] });
  expect((await ann('environments', 'delays', '--set', own)).stdout).toMatch(/^lab .*\nEnvironments of delays alone/m);
  expect((await ann('environments', 'delays', '--inherit')).stdout).toMatch(/^live(.*\n)+Environments of the server/m);
  const twice = await write('twice.json', [dev, dev]);
  expect(await ann('environments', '--set', twice)).toMatchObject({
    code: 5,
    stderr: expect.stringMatching(/named twice/),
  });
  expect(await ann('environments', '--inherit')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/name a model/),
  });
});

it('compares two versions, of one model or of two', async () => {
  const { ann, registry } = await setUp();
  await registered(registry, 'three', { metrics: { 'test.auc': 0.7 }, tags: {} });
  const { stdout } = await ann('compare', 'delays', '1', '3');
  expect(stdout).toMatch(/^version:delays\/1 and version:delays\/3\n/);
  expect(stdout).toMatch(/^test\.auc +0\.673 +0\.7 +0\.027$/m);
  expect(stdout).toMatch(/^tag team +ops +-$/m);
  expect(stdout).not.toMatch(/^code /m);
  expect(stdout).toMatch(/They take the same columns\.$/m);
  expect((await ann('compare', 'delays', '1', '3', '--all')).stdout).toMatch(/^distance +same +number or null/m);
  expect((await ann('compare', 'delays', '1', '1', '--model', 'none')).code).toBe(3);
});

it('searches the catalog', async () => {
  const { ann, registry } = await setUp();
  await registered(registry, 'three', { metrics: { 'test.auc': 0.7 }, description: 'with the weather' });
  const words = await ann('search', 'weather', '--metric', 'test.auc');
  expect(words.stdout).toMatch(/^delays +3 +1 +- +- +not run +0\.7 +2001-/m);
  const best = await ann(
    'search',
    '--filter',
    'metrics.test.auc > 0.1',
    '--order',
    'version',
    '--versions',
    '--limit',
    '2',
  );
  expect(best.stdout).toMatch(/^delays +1 .*\ndelays +2 .*\n1 more match\.$/m);
  expect((await ann('search', 'nothing-of-the-kind')).stdout).toBe('Nothing matches.\n');
  expect(await ann('search', '--filter', 'colour = 1')).toMatchObject({
    code: 5,
    stderr: expect.stringMatching(/sign 1/),
  });
});
