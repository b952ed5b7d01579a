/**
 * Metric ingest through HTTP against a bare loop that inserts the same rows into node:sqlite.
 *
 *   npx node bench/tracking-ingest.ts [seconds] [rounds]
 *
 * A batch holds 1000 metrics; one client sends one batch after another and waits for each answer. The server is a
 * process of its own with its database in a file, as is the bare loop's. The loop prepares one statement, inserts a
 * thousand rows a transaction and writes each row as it is sent: run, key, step, time, value. It is run twice: into a
 * table in which a row is unique, as the server keeps them, which is the bar; and for comparison into one without any
 * key. All take turns, so a machine that is busy for a while slows all.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { createTracking, trackingMigrations, trackingRoutes } from '#domains/tracking';
import { MemoryBlobStore } from '#platform/blob';
import { createEvents, eventsMigrations } from '#platform/events';
import { createHttpServer } from '#platform/http';
import { systemClock, systemRng } from '#platform/kernel';
import { migrate, openDatabase } from '#platform/sql';

const BATCH = 1000;
const EXPERIMENT = 'bench';

interface Metric {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  readonly timestampMs: number;
}

/** How a batch's metrics spread over keys: a training loop that logs much, one that logs little, and a wide table. */
const SHAPES = { '10 keys x 100 steps': 10, '1 key x 1000 steps': 1, '1000 keys x 1 step': 1000 } as const;

const [first, second] = process.argv.slice(2);
if (first === 'serve') await serve(second ?? '');
else await compare(Number(first ?? 4), Number(second ?? 5));

async function compare(seconds: number, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'trimtab-bench-'));
  const child = fork(fileURLToPath(import.meta.url), ['serve', folder]);
  try {
    const port = await new Promise<number>((resolve) => child.once('message', (m) => resolve(Number(m))));
    const url = `http://127.0.0.1:${port}`;
    for (const [shape, keys] of Object.entries(SHAPES)) {
      const ratios: number[] = [];
      const heapRatios: number[] = [];
      for (let round = 0; round <= rounds; round++) {
        const bare = bareLoop(join(folder, `bare-${keys}-${round}.db`), 'unique', keys, seconds);
        const heap = bareLoop(join(folder, `heap-${keys}-${round}.db`), 'no key', keys, seconds);
        const http = await throughHttp(url, child, `${keys}-${round}`, keys, seconds);
        // The first round warms both up.
        if (round === 0) continue;
        ratios.push(http.rowsPerSecond / bare);
        heapRatios.push(http.rowsPerSecond / heap);
        const cpu = `${http.cpuMicrosPerRow.toFixed(2)} us CPU a row`;
        console.log(
          `${shape}: bare ${rate(bare)}, without a key ${rate(heap)}, HTTP ${rate(http.rowsPerSecond)} (${cpu}, p50 ${http.p50Ms.toFixed(1)} ms)`,
        );
      }
      console.log(`${shape}: ratio ${spread(ratios)}; to a table without a key ${spread(heapRatios)}`);
    }
  } finally {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function spread(ratios: readonly number[]): string {
  const sorted = ratios.toSorted((a, b) => a - b);
  const [median, least, most] = [sorted[sorted.length >> 1], sorted[0], sorted.at(-1)].map((r) => r?.toFixed(2));
  return `${median} (${least} to ${most})`;
}

function rate(rowsPerSecond: number): string {
  return `${Math.round(rowsPerSecond / 1000)} k rows/s`;
}

/** The metrics of batch `index`; every one is new. */
function batch(index: number, keys: number): Metric[] {
  const steps = BATCH / keys;
  return Array.from({ length: BATCH }, (_, i) => {
    const step = index * steps + Math.floor(i / keys);
    return { key: `metric/${i % keys}`, value: Math.sin(step + i) * 0.7, step, timestampMs: 1_763_000_000_000 + step };
  });
}

function bareLoop(file: string, kind: 'unique' | 'no key', keys: number, seconds: number): number {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000');
  const unique = kind === 'unique' ? ', primary key (run, key, step, at_ms, value)' : '';
  database.exec(`create table metric (run text not null, key text not null, step integer not null,
    at_ms integer not null, value real not null ${unique})`);
  const insert = database.prepare('insert into metric (run, key, step, at_ms, value) values (?, ?, ?, ?, ?)');
  const run = 'f'.repeat(32);
  let rows = 0;
  let spentMs = 0;
  for (let index = 0; spentMs < seconds * 1000; index++) {
    const metrics = batch(index, keys);
    const startedMs = performance.now();
    database.exec('begin');
    for (const { key, step, timestampMs, value } of metrics) insert.run(run, key, step, timestampMs, value);
    database.exec('commit');
    spentMs += performance.now() - startedMs;
    rows += metrics.length;
  }
  database.close();
  return (rows * 1000) / spentMs;
}

async function throughHttp(url: string, child: ChildProcess, name: string, keys: number, seconds: number) {
  const dispatcher = new Agent({ connections: 1 });
  const post = async (path: string, body: string) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await request(url + path, { method: 'POST', headers, body, dispatcher });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${answer.statusCode}: ${text}`);
    return text;
  };
  const run = JSON.parse(await post('/api/runs', JSON.stringify({ experiment: EXPERIMENT, name }))) as { id: string };
  const took: number[] = [];
  let spentMs = 0;
  const before = await usage(child);
  for (let index = 0; spentMs < seconds * 1000; index++) {
    // Making the text is the client's work, and so is not timed; sending it and the answer are.
    const body = JSON.stringify({ metrics: batch(index, keys) });
    const startedMs = performance.now();
    await post(`/api/runs/${run.id}/log`, body);
    took.push(performance.now() - startedMs);
    spentMs += took.at(-1) ?? 0;
  }
  const cpuMicros = (await usage(child)) - before;
  await dispatcher.close();
  const rows = took.length * BATCH;
  took.sort((a, b) => a - b);
  return {
    rowsPerSecond: (rows * 1000) / spentMs,
    cpuMicrosPerRow: cpuMicros / rows,
    p50Ms: took[took.length >> 1] ?? 0,
  };
}

async function usage(child: ChildProcess): Promise<number> {
  const answer = new Promise<number>((resolve) => child.once('message', (m) => resolve(Number(m))));
  child.send('usage');
  return answer;
}

async function serve(folder: string): Promise<void> {
  const database = await openDatabase(`sqlite:${join(folder, 'server.db')}`);
  await migrate(database, [...eventsMigrations, ...trackingMigrations]);
  const clock = systemClock;
  const events = createEvents({ database, clock });
  const lineage = { link: async () => undefined };
  const blobs = new MemoryBlobStore();
  const pointerLog = { record: async () => undefined };
  const tracking = createTracking({ database, blobs, clock, rng: systemRng(), events, lineage, pointerLog });
  await tracking.createExperiment({ name: EXPERIMENT }, 'bench');
  await events.start();
  const app = await createHttpServer({
    routes: trackingRoutes(tracking),
    authenticate: () => ({ id: 'bench' }),
    info: { title: 'bench', version: '0', description: '' },
  });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.server.address();
  process.send?.(typeof address === 'object' ? address?.port : undefined);
}
