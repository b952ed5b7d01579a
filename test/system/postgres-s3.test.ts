import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { openBlobStore } from '#platform/blob';
import { openDatabase } from '#platform/sql';
import { createClient } from '#sdk';
import { createScratchPostgres } from '#testing/platform/sql';
import { expectTheStory, playDemo, runTrimtab, type Trimtab } from './played-demo.ts';

const postgres = process.env.TRIMTAB_TEST_POSTGRES;
const s3 = process.env.TRIMTAB_TEST_S3;
const missing = [postgres ? '' : 'TRIMTAB_TEST_POSTGRES', s3 ? '' : 'TRIMTAB_TEST_S3'].filter(Boolean).join(' and ');
const AWS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

const folder = mkdtempSync(join(tmpdir(), 'trimtab-postgres-s3-'));
const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(missing)(`on PostgreSQL and S3${missing && ` (skipped: ${missing} names no server)`}`, () => {
  it('the demo tells the same story, and a server with an empty folder takes all of it over', {
    timeout: 400_000,
  }, async () => {
    const { url: database, drop } = await createScratchPostgres(postgres ?? '');
    cleanups.push(drop);
    const blobs = await createBucket();
    const serve = (dataFolder: string) => {
      const words = ['--data-dir', dataFolder, '--database', database, '--blobs', blobs];
      const server = runTrimtab(['serve', '--json', '--port', '0', '--simulated-clock', '2001-03-01', ...words], AWS);
      cleanups.push(() => ended(server));
      return server;
    };
    const first = serve(join(folder, 'first'));
    const summary = await playDemo(['--url', await addressOf(first)]);
    expectTheStory(summary);
    await expectAllIn(database, blobs);
    await ended(first);

    const client = createClient({ baseUrl: await addressOf(serve(join(folder, 'second'))) });
    expect((await client.server.info()).database).toBe('postgres');
    expect(await client.governance.verifyAudit({ query: {} })).toMatchObject({ ok: true });
    const params = { endpoint: 'delays' };
    const { example } = await client.serving.getSignature({ params });
    const { predictions } = await client.serving.predict({ params, body: { rows: [example] } });
    expect(predictions).toMatchObject([{ version: summary.champion }]);
    const head = { repository: 'flights' };
    const { entries } = await client.data.listEntries({ params: head, query: {} });
    const path = entries[0]?.path ?? '';
    const file = await client.data.readFile({ params: head, query: { path } });
    expect((await file.arrayBuffer()).byteLength).toBe(entries[0]?.sizeBytes);
  });
});

/** Rows are in PostgreSQL, and objects in the bucket. */
async function expectAllIn(database: string, blobs: string): Promise<void> {
  const opened = await openDatabase(database);
  cleanups.push(() => opened.close());
  const predictions = opened
    .tables<{ serving_prediction: { inference_id: string } }>()
    .selectFrom('serving_prediction')
    .select((of) => of.fn.countAll<number>().as('rows'));
  expect(await predictions.executeTakeFirst()).toEqual({ rows: 24_400 });
  Object.assign(process.env, AWS);
  const store = openBlobStore(blobs);
  const prefixes = new Set<string>();
  for await (const key of store.list('')) prefixes.add(key.split('/')[0] ?? '');
  expect([...prefixes].sort()).toEqual(expect.arrayContaining(['data', 'models']));
}

async function createBucket(): Promise<string> {
  const bucket = `trimtab-system-${process.pid}`;
  const answer = await fetch(`${s3}/${bucket}`, { method: 'PUT' });
  expect(answer.ok).toBe(true);
  return `s3://${bucket}/some/prefix?endpoint=${encodeURIComponent(s3 ?? '')}&region=us-east-1&forcePathStyle=true`;
}

/** The address the server writes when it listens. */
async function addressOf(server: Trimtab): Promise<string> {
  let written = '';
  for await (const part of server.stdout) {
    written += part;
    if (written.includes('}')) return (JSON.parse(written) as { url: string }).url;
  }
  throw new Error(`the server did not start: ${await text(server.stderr)}`);
}

async function ended(server: Trimtab): Promise<void> {
  if (server.exitCode !== null) return;
  const end = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await end;
}
