import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, expect, it } from 'vitest';
import { serveTracking } from '#testing/domains/tracking';
import { addArtifact } from './artifact.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

it('lists, fetches, stores and deletes files of a run and a logged model', async () => {
  const { tracking, url, closeServer, closeDatabase } = await serveTracking();
  const folder = await mkdtemp(join(tmpdir(), 'trimtab-cli-artifact-'));
  cleanups.push(closeDatabase, closeServer, () => rm(folder, { recursive: true, force: true }));
  const trimtab = async (...parameters: string[]) => {
    let out = '';
    const original = process.stdout.write;
    process.stdout.write = (text: string | Uint8Array) => {
      out += text;
      return true;
    };
    try {
      const program = new Command('trimtab').option('--url <address>').option('--json').exitOverride();
      addArtifact(program);
      await program.parseAsync(['node', 'trimtab', '--url', url, 'artifact', ...parameters]);
      return out;
    } finally {
      process.stdout.write = original;
    }
  };
  await tracking.createExperiment({ name: 'delays' }, 'user:ann');
  const { id } = await tracking.createRun({ experiment: 'delays' }, 'user:ann');
  const model = await tracking.createLoggedModel({ experiment: { name: 'delays' } }, 'user:ann');
  await tracking.filesAt(model.artifactUri).put('MLmodel', Buffer.from('flavors: {}'));

  await writeFile(join(folder, 'roc.csv'), 'fpr,tpr\n0,0\n');
  expect(await trimtab('put', id, join(folder, 'roc.csv'), '--path', 'plots/roc.csv')).toContain(
    'plots/roc.csv: 12 bytes',
  );
  expect(await trimtab('put', id, join(folder, 'roc.csv'))).toContain('SHA-256 ');
  const listed = await trimtab('list', id);
  expect(listed).toMatch(/plots\/ +folder/);
  expect(listed).toMatch(/roc\.csv +table +12/);
  expect(await trimtab('list', id, 'plots')).toContain('plots/roc.csv');
  expect(await trimtab('list', model.id)).toMatch(/MLmodel +code +11/);
  expect(await trimtab('list', id, 'none')).toContain('There is nothing at mlflow-artifacts:/1/');
  expect(await trimtab('get', id, 'plots', '--to', join(folder, 'got'))).toContain('Written to');
  expect(await readdir(join(folder, 'got'))).toEqual(['roc.csv']);
  await trimtab('get', model.id, 'MLmodel', '--to', join(folder, 'MLmodel'));
  expect(await readFile(join(folder, 'MLmodel'), 'utf8')).toBe('flavors: {}');
  await expect(trimtab('get', id, 'none', '--to', join(folder, 'none'))).rejects.toMatchObject({
    code: 'TRACKING_ARTIFACT_NOT_FOUND',
  });
  expect(await trimtab('delete', id, 'plots')).toContain('plots is gone');
  expect((await tracking.listArtifacts(id)).map(({ path }) => path)).toEqual(['roc.csv']);
});
