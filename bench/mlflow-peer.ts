/**
 * Our server against MLflow's own, over MLflow's REST API: same machine, same client, each with its default settings and
 * an empty SQLite database. Both run at once and are asked in turns, so a machine that is busy for a while slows both.
 *
 *   npx node bench/mlflow-peer.ts <python with mlflow> [seconds a turn] [turns]
 *
 * The client is a closed loop: each of its connections sends the next request when the last is answered. It shares the
 * machine's cores with the server it measures, so what it costs itself makes the faster server look slower.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';

const CLIENTS = 8;
const RUNS = 2000;
const KEYS = 20;
const LONG_POINTS = 1_000_000;
const SETTLE_MS = 15_000;
const PROGRAM = new URL('../bin/trimtab.js', import.meta.url).pathname;

interface Peer {
  readonly url: string;
  readonly child: ChildProcess;
  readonly startMs: number;
  readonly pool: Pool;
  /** What a server answers to a request of MLflow's API, or at an address of its own that starts with a slash, as text. */
  readonly post: (path: string, body: object) => Promise<string>;
  readonly get: (path: string) => Promise<string>;
}

interface Figure {
  readonly name: string;
  readonly bar: string;
  readonly ours: string;
  readonly theirs: string;
  readonly ratio: number;
}

/** Sends one request of a client. */
type Send = (client: number) => Promise<unknown>;

const [python, seconds = '4', turns = '3'] = process.argv.slice(2);
if (!python) throw new Error('name a Python that has mlflow: npx node bench/mlflow-peer.ts <python>');
const durationMs = Number(seconds) * 1000;

const folder = mkdtempSync(join(tmpdir(), 'trimtab-peer-'));
const figures: Figure[] = [];
const ours = await start((port) => [
  process.execPath,
  [PROGRAM, 'serve', '--port', String(port), '--data-dir', join(folder, 'trimtab')],
]);
const theirs = await start((port) => [
  python,
  [
    ...['-m', 'mlflow', 'server', '--port', String(port)],
    ...['--backend-store-uri', `sqlite:///${folder}/mlflow.db`, '--artifacts-destination', `${folder}/mlflow`],
  ],
]);
try {
  // Workers that are still importing would count for less than they will take.
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  note('start', 'under 1 s', ours.startMs, theirs.startMs, 'ms');
  note('idle memory', 'a quarter', memoryMb(ours.child), memoryMb(theirs.child), 'MiB');
  await writes();
  await searches();
  note('loaded memory', 'a quarter', memoryMb(ours.child), memoryMb(theirs.child), 'MiB');
  await longHistory();
  tell();
} finally {
  for (const { child, pool } of [ours, theirs]) {
    await pool.close();
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }
  rmSync(folder, { recursive: true, force: true });
}

async function writes(): Promise<void> {
  const place = await both((peer) => createExperiment(peer, 'load'));
  await compare('create run, 8 clients', '15 times', CLIENTS, (peer) => () => createRun(peer, place(peer)));
  const runs = await both((peer) => Promise.all(Array.from({ length: CLIENTS }, () => createRun(peer, place(peer)))));
  const steps = await both(async () => new Array<number>(CLIENTS).fill(0));
  const take = (peer: Peer, client: number, count: number) => {
    const from = steps(peer)[client] ?? 0;
    steps(peer)[client] = from + count;
    return from;
  };
  const logMetric = (peer: Peer) => (client: number) => {
    const step = take(peer, client, 1);
    const metric = { key: 'loss', value: 1 / (step + 1), timestamp: step, step };
    return peer.post('runs/log-metric', { run_id: runs(peer)[client], ...metric });
  };
  await compare('log-metric, 8 clients', '15 times', CLIENTS, logMetric);
  await compare('training loop: log-metric, one client in turn', '15 times', 1, logMetric);
  for (const [size, bar] of [
    [100, ''],
    [1000, '40 times'],
  ] as const) {
    await compare(`log-batch of ${size} metrics, 8 clients`, bar, CLIENTS, (peer) => (client) => {
      const from = take(peer, client, size);
      const metrics = Array.from({ length: size }, (_, at) => metricAt(from + at));
      return peer.post('runs/log-batch', { run_id: runs(peer)[client], metrics });
    });
  }
  await compare('get run, 8 clients', '', CLIENTS, (peer) => () => peer.get(`runs/get?run_id=${runs(peer)[0]}`));
}

function metricAt(at: number) {
  return { key: `m${at % 10}`, value: Math.sin(at), timestamp: at, step: at };
}

async function searches(): Promise<void> {
  const place = await both((peer) => createExperiment(peer, 'search'));
  await Promise.all([ours, theirs].map((peer) => seed(peer, place(peer))));
  for (const clients of [1, CLIENTS]) {
    for (const limit of [100, 1000]) {
      const name = `search ${limit} of ${RUNS} runs, ${clients} client${clients > 1 ? 's' : ''}`;
      await compare(
        name,
        '50 times',
        clients,
        (peer) => () => peer.post('runs/search', { experiment_ids: [place(peer)], max_results: limit }),
      );
    }
  }
  await compare(
    'search 100, filtered and ordered by a metric',
    '',
    1,
    (peer) => () =>
      peer.post('runs/search', {
        experiment_ids: [place(peer)],
        max_results: 100,
        filter: "metrics.m1 > 0 and params.p1 = '1'",
        order_by: ['metrics.m2 DESC'],
      }),
  );
}

/** Ours alone: MLflow's server takes minutes to store it. */
async function longHistory(): Promise<void> {
  const run = await createRun(ours, '0');
  for (let from = 0; from < LONG_POINTS; from += 1000) {
    const metrics = Array.from({ length: 1000 }, (_, at) => ({ ...metricAt(from + at), key: 'long' }));
    await ours.post('runs/log-batch', { run_id: run, metrics });
  }
  const ways = {
    'thinned to 2,000 with its extremes': () => ours.get(`/api/runs/${run}/metric-history?key=long&maxPoints=2000`),
    "at 2,000 even steps, MLflow's bulk-interval": () =>
      ours.get(`metrics/get-history-bulk-interval?run_ids=${run}&metric_key=long&max_results=2000`),
  };
  for (const [way, ask] of Object.entries(ways)) {
    const p50 = median(await load(1, ask, durationMs));
    figures.push({
      ...{ name: `history of ${LONG_POINTS} points ${way}`, bar: 'under 60 ms' },
      ...{ ours: `p50 ${p50.toFixed(1)} ms`, theirs: '', ratio: Number.NaN },
    });
  }
}

/** Something of each server. */
async function both<T>(make: (peer: Peer) => Promise<T>): Promise<(peer: Peer) => T> {
  const [our, their] = [await make(ours), await make(theirs)];
  return (peer) => (peer === ours ? our : their);
}

/** Requests a second of both servers, which take turns. */
async function compare(name: string, bar: string, clients: number, sendTo: (peer: Peer) => Send): Promise<void> {
  const [our, their]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < Number(turns); turn++) {
    our.push(...(await load(clients, sendTo(ours), durationMs)));
    their.push(...(await load(clients, sendTo(theirs), durationMs)));
  }
  const perSecond = (times: readonly number[]) => (1000 * clients * times.length) / times.reduce((a, b) => a + b, 0);
  const words = (times: readonly number[]) => `${perSecond(times).toFixed(1)}/s (p50 ${median(times).toFixed(1)} ms)`;
  figures.push({ name, bar, ours: words(our), theirs: words(their), ratio: perSecond(our) / perSecond(their) });
  console.error(figures.at(-1));
}

function note(name: string, bar: string, our: number, their: number, unit: string): void {
  const words = (value: number) => `${value.toFixed(0)} ${unit}`;
  figures.push({ name, bar, ours: words(our), theirs: words(their), ratio: their / our });
}

/** Time of each request, ms. */
async function load(clients: number, send: Send, forMs: number): Promise<readonly number[]> {
  const times: number[] = [];
  const deadlineMs = performance.now() + forMs;
  const one = async (client: number) => {
    do {
      const sentMs = performance.now();
      await send(client);
      times.push(performance.now() - sentMs);
    } while (performance.now() < deadlineMs);
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => one(client)));
  return times;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

async function createExperiment({ post }: Peer, name: string): Promise<string> {
  return (JSON.parse(await post('experiments/create', { name })) as { experiment_id: string }).experiment_id;
}

async function createRun({ post }: Peer, experiment: string): Promise<string> {
  const text = await post('runs/create', { experiment_id: experiment, start_time: Date.now() });
  return (JSON.parse(text) as { run: { info: { run_id: string } } }).run.info.run_id;
}

async function seed(peer: Peer, experiment: string): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < RUNS) {
      const at = next++;
      const run_id = await createRun(peer, experiment);
      const keys = Array.from({ length: KEYS }, (_, key) => key);
      await peer.post('runs/log-batch', {
        run_id,
        metrics: keys.map((key) => ({ key: `m${key}`, value: Math.sin(at * 31 + key), timestamp: at, step: 0 })),
        params: keys.map((key) => ({ key: `p${key}`, value: String((at * 7 + key) % 10) })),
      });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, worker));
}

async function start(command: (port: number) => readonly [string, readonly string[]]): Promise<Peer> {
  const port = await freePort();
  const [program, parameters] = command(port);
  const startedMs = performance.now();
  const child = spawn(program, parameters, { stdio: 'ignore', cwd: folder, detached: true });
  const url = `http://127.0.0.1:${port}`;
  await untilHealthy(url, child);
  const startMs = performance.now() - startedMs;
  const pool = new Pool(url, { connections: CLIENTS, pipelining: 1, bodyTimeout: 300_000, headersTimeout: 300_000 });
  const ask = async (method: 'GET' | 'POST', path: string, body?: object) => {
    const answer = await pool.request({
      ...{ method, path: path.startsWith('/') ? path : `/api/2.0/mlflow/${path}` },
      ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${url} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
    return text;
  };
  return {
    ...{ url, child, startMs, pool },
    post: (path, body) => ask('POST', path, body),
    get: (path) => ask('GET', path),
  };
}

function tell(): void {
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, node ${process.version}`);
  console.log('| operation | bar | trimtab | mlflow | ratio |\n|---|---|---|---|---|');
  for (const { name, bar, ours: our, theirs: their, ratio } of figures) {
    console.log(`| ${name} | ${bar} | ${our} | ${their} | ${Number.isNaN(ratio) ? '' : ratio.toFixed(1)} |`);
  }
}

/** Resident memory of a process and all that descend from it, MiB. */
function memoryMb(child: ChildProcess): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const family = new Set<number>([child.pid ?? -1]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, parent] of parents) {
      if (!family.has(parent) || family.has(pid)) continue;
      family.add(pid);
      grown = true;
    }
  }
  let kb = 0;
  for (const pid of family) {
    try {
      kb += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    } catch {
      // It ended meanwhile.
    }
  }
  return kb / 1024;
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const ready = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
