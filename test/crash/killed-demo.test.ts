import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import type { DemoSummary } from '#demo';
import { seededRng } from '#platform/kernel';
import { createClient } from '#sdk';
import { freePort } from '../program.ts';
import { missingFrom, writeUntil } from './acknowledged.ts';
import { KilledServer, pause } from './killed-server.ts';

const PROGRAM = new URL('../../bin/trimtab.js', import.meta.url).pathname;
const KILLS = 20;
const folder = mkdtempSync(join(tmpdir(), 'trimtab-crash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('tells the same story when the server is killed twenty times, and loses nothing it acknowledged', {
  timeout: 600_000,
}, async () => {
  const server = new KilledServer(await freePort(), folder);
  await server.start();
  const done = new AbortController();
  const probe = writeUntil(server.url, done.signal);
  const demo = promisify(execFile)(process.execPath, [PROGRAM, 'demo', '--fast', '--json', '--url', server.url], {
    maxBuffer: 64 * 1024 * 1024,
  }).finally(() => done.abort());

  // Moments between a tenth of a second and a second and a half after the last start: kills fall into every stage, and all
  // of them before a fast machine has played the demo to its end.
  const rng = seededRng(20);
  let kills = 0;
  while (!done.signal.aborted && kills < KILLS) {
    await pause(100 + rng.int(1_400));
    if (done.signal.aborted) break;
    await server.kill();
    kills++;
    await server.start();
  }
  const { stdout } = await demo;
  const noted = await probe;
  const summary = JSON.parse(stdout) as DemoSummary;

  expect(kills).toBe(KILLS);
  expect(await missingFrom(server.url, noted)).toEqual([]);
  expect(noted.metrics.length).toBeGreaterThan(KILLS);
  expect(summary.audit.ok).toBe(true);
  expect(summary.logged).toBeGreaterThanOrEqual(summary.predictions);
  expect(summary.transitions.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['data-fault-found', 'data-fault-ended', 'performance-lost', 'promoted']),
  );

  const client = createClient({ baseUrl: server.url });
  const { runs } = await client.pipelines.listRuns({});
  for (const { id } of runs) {
    const { run, steps } = await client.pipelines.getRun({ params: { run: id } });
    expect(run.status).toBe('succeeded');
    // A step outlives the server: it was started once, and its end was noted by whichever server came next.
    for (const step of steps) expect(step.attempts.length).toBeLessThanOrEqual(1);
  }
  await server.kill();
});
