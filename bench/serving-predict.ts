/**
 * Single-row predict, log write included, against an empty Fastify POST route on the same machine.
 *
 *   npx node bench/serving-predict.ts [seconds] [rounds] [connections]
 *
 * The model is flight-model.ts, a hundred trees with their preprocessing. Both servers are processes of their own, run
 * in turns; the load comes from this one. On few cores the load generator takes its share, so the CPU time a request
 * costs the server is the steadier figure. A run with one connection measures the commit: nothing shares it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import Fastify from 'fastify';
import { createServing, onnxRuntime, servingMigrations, servingRoutes } from '#domains/serving';
import { createEvents, eventsMigrations } from '#platform/events';
import { createHttpServer } from '#platform/http';
import { systemClock, systemRng } from '#platform/kernel';
import { migrate, openDatabase } from '#platform/sql';
import { flightModel } from './flight-model.ts';

const BODY = JSON.stringify({ rows: [{ date: '2001-03-01T10:30:00Z', distance: 594, origin: 'ATL' }] });
const PATHS = { empty: '/empty', predict: '/api/endpoints/delays/predict' } as const;
type Kind = keyof typeof PATHS;

interface Measured {
  readonly requestsPerSecond: number;
  readonly cpuMicrosPerRequest: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
}

const [first, second, third] = process.argv.slice(2);
if (first === 'serve') await serve(second === 'empty' ? 'empty' : 'predict', third ?? '');
else await compare(Number(first ?? 8), Number(second ?? 3), Number(third ?? 32));

async function compare(seconds: number, rounds: number, connections: number) {
  const servers = await Promise.all((['empty', 'predict'] as const).map(start));
  const rates: number[] = [];
  const costs: number[] = [];
  try {
    for (const server of servers) await load(server, 3, connections);
    for (let round = 0; round < rounds; round++) {
      const measured: Measured[] = [];
      for (const server of servers) {
        const result = await load(server, seconds, connections);
        measured.push(result);
        console.log(server.kind.padEnd(8), JSON.stringify(result));
      }
      const [empty, predict] = measured;
      if (!empty || !predict) continue;
      rates.push(predict.requestsPerSecond / empty.requestsPerSecond);
      costs.push(empty.cpuMicrosPerRequest / predict.cpuMicrosPerRequest);
    }
  } finally {
    for (const server of servers) server.stop();
  }
  const [oneMinute, fiveMinutes] = loadavg().map((load) => load.toFixed(1));
  console.log(`${connections} connections, ${cpus().length} cores, load ${oneMinute} (1 min), ${fiveMinutes} (5 min)`);
  console.log(`ratio by rate ${spread(rates)}, by CPU of the server ${spread(costs)}`);
}

/** Each ratio is of two neighbours in time, so a machine that is busy for a while slows both. */
function spread(ratios: readonly number[]): string {
  const sorted = ratios.toSorted((a, b) => a - b).map((ratio) => ratio.toFixed(3));
  return `${sorted[sorted.length >> 1]} (median of ${sorted.length}, ${sorted[0]} to ${sorted.at(-1)})`;
}

interface Server {
  readonly kind: Kind;
  readonly url: string;
  readonly child: ChildProcess;
  stop(): void;
}

async function start(kind: Kind): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'trimtab-bench-'));
  const child = fork(fileURLToPath(import.meta.url), ['serve', kind, folder]);
  const { port } = await message<{ port: number }>(child);
  const stop = () => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  return { kind, url: `http://127.0.0.1:${port}${PATHS[kind]}`, child, stop };
}

async function load({ url, child }: Server, duration: number, connections: number): Promise<Measured> {
  const before = await usage(child);
  const headers = { 'content-type': 'application/json' };
  const result = await autocannon({ url, method: 'POST', body: BODY, headers, connections, duration });
  const cpuMicros = (await usage(child)) - before;
  return {
    requestsPerSecond: Math.round(result['2xx'] / result.duration),
    cpuMicrosPerRequest: Math.round((cpuMicros / result['2xx']) * 10) / 10,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    failed: result.non2xx + result.errors,
  };
}

async function usage(child: ChildProcess): Promise<number> {
  child.send('usage');
  return (await message<{ cpuMicros: number }>(child)).cpuMicros;
}

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('the server ended'));
    child.once('exit', ended);
    child.once('message', (value) => {
      child.off('exit', ended);
      resolve(value as T);
    });
  });
}

async function serve(kind: Kind, folder: string): Promise<void> {
  const app = kind === 'empty' ? emptyServer() : await predictServer(folder);
  await app.listen({ port: 0, host: '127.0.0.1' });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMicros: user + system });
  });
  const address = app.server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined });
}

function emptyServer() {
  const app = Fastify();
  app.post('/empty', async () => ({ ok: true }));
  return app;
}

async function predictServer(folder: string) {
  const onnx = await flightModel();
  const database = await openDatabase(`sqlite:${join(folder, 'bench.db')}`);
  await migrate(database, [...eventsMigrations, ...servingMigrations]);
  const inputs = [
    { name: 'date', type: 'timestamp' },
    { name: 'distance', type: 'number' },
    { name: 'origin', type: 'string' },
  ] as const;
  const serving = createServing({
    database,
    clock: systemClock,
    rng: systemRng(),
    events: createEvents({ database, clock: systemClock }),
    pointerLog: { record: async () => undefined },
    modelSource: { load: async () => ({ onnx, signature: { inputs, output: 'probability' } }) },
    runtime: onnxRuntime,
  });
  await serving.start();
  const variants = [{ name: 'champion', version: 'version:delays/1', weight: 10_000 }] as const;
  await serving.createEndpoint({ name: 'delays', variants }, { actor: 'bench', reason: 'bench' });
  return createHttpServer({
    routes: servingRoutes(serving),
    authenticate: () => ({ id: 'bench' }),
    info: { title: 'bench', version: '0', description: '' },
  });
}
