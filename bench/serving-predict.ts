/**
 * Single-row predict, log write included, against an empty Fastify POST route on the same machine.
 *
 *   npx node bench/serving-predict.ts model.onnx [seconds] [rounds] [connections]
 *
 * The model takes date (timestamp), distance (number) and origin (string) and gives `probability`. Both servers are
 * processes of their own, run in turns; the load comes from this one. On few cores the load generator takes its share,
 * so the CPU time a request costs the server is the steadier figure.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import Fastify from 'fastify';
import { createServing, onnxRuntime, servingMigrations, servingRoutes } from '#domains/serving';
import { createEvents, eventsMigrations } from '#platform/events';
import { createHttpServer } from '#platform/http';
import { systemClock, systemRng } from '#platform/kernel';
import { migrate, openDatabase } from '#platform/sql';

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

const [first, second, third, fourth, fifth] = process.argv.slice(2);
if (first === 'serve') await serve(second === 'empty' ? 'empty' : 'predict', third ?? '', fourth ?? '');
else await compare(first, Number(second ?? 8), Number(third ?? 3), Number(fourth ?? 32), fifth);

async function compare(model: string | undefined, seconds: number, rounds: number, connections: number, only?: string) {
  if (!model) throw new Error('name an ONNX file: npx node bench/serving-predict.ts model.onnx');
  const kinds: Kind[] = only === 'predict' ? ['predict'] : ['empty', 'predict'];
  const servers = await Promise.all(kinds.map((kind) => start(kind, model)));
  const ratios: number[] = [];
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
      if (empty && predict) ratios.push(predict.requestsPerSecond / empty.requestsPerSecond);
    }
  } finally {
    for (const server of servers) server.stop();
  }
  ratios.sort((a, b) => a - b);
  const text = (ratio: number | undefined) => ratio?.toFixed(3);
  // Each ratio is of two neighbours in time, so a machine that is busy for a while slows both.
  console.log(
    `ratio ${text(ratios[ratios.length >> 1])} (median of ${rounds}, ${text(ratios[0])} to ${text(ratios.at(-1))})`,
  );
}

interface Server {
  readonly kind: Kind;
  readonly url: string;
  readonly child: ChildProcess;
  stop(): void;
}

async function start(kind: Kind, model: string): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'trimtab-bench-'));
  const child = fork(fileURLToPath(import.meta.url), ['serve', kind, model, folder]);
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
    child.once('message', (value) => resolve(value as T));
    child.once('exit', () => reject(new Error('the server ended')));
  });
}

async function serve(kind: Kind, model: string, folder: string): Promise<void> {
  const app = kind === 'empty' ? emptyServer() : await predictServer(model, folder);
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

async function predictServer(model: string, folder: string) {
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
    modelSource: { load: async () => ({ onnx: readFileSync(model), signature: { inputs, output: 'probability' } }) },
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
