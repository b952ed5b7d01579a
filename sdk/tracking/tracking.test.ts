import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { listenForTracking, serveTracking } from '#testing/domains/tracking';
import { createClient } from '../index.ts';
import { offlineRuns, startRun, uploadOffline } from './index.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp() {
  const { tracking, url, closeServer, closeDatabase } = await serveTracking();
  cleanups.push(closeDatabase, closeServer);
  const folder = mkdtempSync(join(tmpdir(), 'trimtab-sdk-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return { tracking, closeServer, url, folder, client: createClient({ baseUrl: url }) };
}

it('logs numbers, params, tags and files to a server', async () => {
  const { tracking, url } = await setUp();
  const run = await startRun({ experiment: 'e', url, params: { depth: 6 }, tags: { stage: 'trial' } });
  for (let step = 0; step < 2500; step++) run.log({ loss: 1 / (step + 1) }, step, step);
  run.log({ wild: Number.NaN });
  run.params({ rate: 0.1 });
  await run.file('notes.txt', 'It went well.');
  await run.end();
  const stored = await tracking.getRun(run.id);
  expect(stored).toMatchObject({ experiment: 'e', status: 'finished' });
  expect(Object.fromEntries(stored.params)).toEqual({ depth: '6', rate: '0.1' });
  expect(stored.metrics.find(({ key }) => key === 'wild')?.value).toBeNaN();
  expect((await tracking.getMetricHistory(run.id, 'loss', 5000)).total).toBe(2500);
  expect((await tracking.listArtifacts(run.id)).map(({ path }) => path)).toEqual(['notes.txt']);
  expect(run.folder).toBeUndefined();
});

it('tells at the end what the server refused, and keeps what it took', async () => {
  const { tracking, url } = await setUp();
  const run = await startRun({ experiment: 'e', url, params: { depth: 6 } });
  run.params({ depth: 7 });
  await expect(run.flush()).rejects.toMatchObject({ code: 'TRACKING_PARAM_CHANGED' });
  run.log({ loss: 1 });
  await run.end();
  expect((await tracking.getRun(run.id)).metrics).toHaveLength(1);
});

it('writes to a folder, which can be uploaded in parts and twice', async () => {
  const { tracking, client, folder } = await setUp();
  const run = await startRun({ experiment: 'e', offline: folder });
  run.log({ loss: 0.5 }, 1);
  await run.flush();
  await uploadOffline(client, folder, run.id);
  expect((await tracking.getRun(run.id)).status).toBe('running');
  run.log({ loss: 0.4 }, 2);
  await run.file('a/b.bin', new Uint8Array([1, 2, 3]));
  await run.end('failed');
  // A process that died in the middle of a line leaves half of it.
  appendFileSync(join(folder, run.id, 'entries.jsonl'), '{"kind":"ba');
  await uploadOffline(client, folder, run.id);
  await uploadOffline(client, folder, run.id);
  const stored = await tracking.getRun(run.id);
  expect(stored.status).toBe('failed');
  expect(stored.metrics[0]).toMatchObject({ key: 'loss', value: 0.4, step: 2 });
  expect((await tracking.getMetricHistory(run.id, 'loss', 100)).total).toBe(2);
  expect(await offlineRuns(folder)).toMatchObject([{ id: run.id, waiting: 0 }]);
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('*\n');
});

it('goes on in a folder when the server goes away, and what it holds joins the rest', async () => {
  const { tracking, closeServer, url, folder } = await setUp();
  const run = await startRun({ experiment: 'e', url, spool: folder });
  run.log({ loss: 0.5 }, 1);
  await run.flush();
  await closeServer();
  run.log({ loss: 0.4 }, 2);
  await run.end();
  expect(run.folder).toBe(folder);
  const back = await listenForTracking(tracking);
  cleanups.push(back.close);
  const client = createClient({ baseUrl: back.url });
  await uploadOffline(client, folder, run.id);
  const stored = await tracking.getRun(run.id);
  expect(stored.status).toBe('finished');
  expect((await tracking.getMetricHistory(run.id, 'loss', 100)).total).toBe(2);
}, 60_000);
