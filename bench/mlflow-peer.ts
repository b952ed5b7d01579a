/**
 * Our server against MLflow's own, over MLflow's REST API: same machine, same client, one after the other, each with its
 * default settings and an empty SQLite database.
 *
 *   npx node bench/mlflow-peer.ts <python with mlflow> [seconds an operation]
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
const PROGRAM = new URL('../bin/trimtab.js', import.meta.url).pathname;

interface Rate {
  readonly perSecond: number;
  readonly p50Ms: number;
}
type Figures = Record<string, Rate | number>;

const [python, seconds = '8'] = process.argv.slice(2);
if (!python) throw new Error('name a Python that has mlflow: npx node bench/mlflow-peer.ts <python>');
const durationMs = Number(seconds) * 1000;

const folder = mkdtempSync(join(tmpdir(), 'trimtab-peer-'));
try {
  const ours = await measure('trimtab', (port) => [
    process.execPath,
    [PROGRAM, 'serve', '--port', String(port), '--data-dir', join(folder, 'trimtab')],
  ]);
  const theirs = await measure('mlflow', (port) => [
    python,
    [
      ...['-m', 'mlflow', 'server', '--port', String(port)],
      ...['--backend-store-uri', `sqlite:///${folder}/mlflow.db`, '--artifacts-destination', `${folder}/mlflow`],
    ],
  ]);
  tell(ours, theirs);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(name: string, command: (port: number) => readonly [string, readonly string[]]) {
  const port = await freePort();
  const [program, parameters] = command(port);
  const startedMs = performance.now();
  const child = spawn(program, parameters, { stdio: 'ignore', cwd: folder, detached: true });
  const url = `http://127.0.0.1:${port}`;
  const figures: Figures = {};
  try {
    await untilHealthy(url, child);
    figures['start, ms'] = performance.now() - startedMs;
    // Workers that are still importing would count for less than they will take.
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    figures['idle memory, MiB'] = memoryMb(child);
    await operations(url, figures, name);
    figures['loaded memory, MiB'] = memoryMb(child);
    return figures;
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }
}

async function operations(url: string, figures: Figures, name: string): Promise<void> {
  const pool = new Pool(url, { connections: CLIENTS, pipelining: 1, bodyTimeout: 120_000, headersTimeout: 120_000 });
  const post = async (path: string, body: object) => {
    const answer = await pool.request({
      method: 'POST',
      path: `/api/2.0/mlflow/${path}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${name} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
    return text;
  };
  const create = async (experiment: string) => {
    const text = await post('runs/create', { experiment_id: experiment, start_time: Date.now() });
    return (JSON.parse(text) as { run: { info: { run_id: string } } }).run.info.run_id;
  };
  const experiment = async (called: string) =>
    (JSON.parse(await post('experiments/create', { name: called })) as { experiment_id: string }).experiment_id;

  const first = await experiment('load');
  figures['create run'] = await load(CLIENTS, () => create(first));
  const runs = await Promise.all(Array.from({ length: CLIENTS }, () => create(first)));
  const steps = runs.map(() => 0);
  const logMetric = (client: number) => {
    const step = steps[client] ?? 0;
    steps[client] = step + 1;
    return post('runs/log-metric', { run_id: runs[client], key: 'loss', value: 1 / (step + 1), timestamp: step, step });
  };
  figures['log-metric'] = await load(CLIENTS, logMetric);
  figures['log-metric, one client in turn'] = await load(1, logMetric);
  for (const size of [100, 1000]) {
    figures[`log-batch of ${size} metrics`] = await load(CLIENTS, (client) => {
      const from = steps[client] ?? 0;
      steps[client] = from + size;
      const metrics = Array.from({ length: size }, (_, at) => ({
        key: `m${at % 10}`,
        value: Math.sin(from + at),
        timestamp: from + at,
        step: from + at,
      }));
      return post('runs/log-batch', { run_id: runs[client], metrics });
    });
  }
  const searched = await experiment('search');
  await seed(searched, create, post);
  figures['get run'] = await load(CLIENTS, async () => {
    const answer = await pool.request({ method: 'GET', path: `/api/2.0/mlflow/runs/get?run_id=${runs[0]}` });
    await answer.body.dump();
  });
  for (const clients of [1, CLIENTS]) {
    for (const limit of [100, 1000]) {
      const search = () => post('runs/search', { experiment_ids: [searched], max_results: limit });
      figures[`search ${limit} of ${RUNS} runs, ${clients} client${clients > 1 ? 's' : ''}`] = await load(
        clients,
        search,
      );
    }
  }
  figures['search 100, filtered and ordered by a metric'] = await load(1, () =>
    post('runs/search', {
      experiment_ids: [searched],
      max_results: 100,
      filter: "metrics.m1 > 0 and params.p1 = '1'",
      order_by: ['metrics.m2 DESC'],
    }),
  );
  await pool.close();
}

async function seed(
  experiment: string,
  create: (experiment: string) => Promise<string>,
  post: (path: string, body: object) => Promise<string>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < RUNS) {
      const at = next++;
      const run = await create(experiment);
      const keys = Array.from({ length: KEYS }, (_, key) => key);
      await post('runs/log-batch', {
        run_id: run,
        metrics: keys.map((key) => ({ key: `m${key}`, value: Math.sin(at * 31 + key), timestamp: at, step: 0 })),
        params: keys.map((key) => ({ key: `p${key}`, value: String((at * 7 + key) % 10) })),
      });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, worker));
}

async function load(clients: number, send: (client: number) => Promise<unknown>): Promise<Rate> {
  const times: number[] = [];
  const startedMs = performance.now();
  const deadlineMs = startedMs + durationMs;
  const one = async (client: number) => {
    while (performance.now() < deadlineMs) {
      const sentMs = performance.now();
      await send(client);
      times.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => one(client)));
  const elapsedMs = performance.now() - startedMs;
  times.sort((a, b) => a - b);
  return { perSecond: (times.length / elapsedMs) * 1000, p50Ms: times[times.length >> 1] ?? Number.NaN };
}

function tell(ours: Figures, theirs: Figures): void {
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, node ${process.version}`);
  console.log('| operation | trimtab | mlflow | ratio |\n|---|---|---|---|');
  for (const [name, our] of Object.entries(ours)) {
    const their = theirs[name] ?? Number.NaN;
    const ratio =
      typeof our === 'number' || typeof their === 'number'
        ? Number(their) / Number(our)
        : our.perSecond / their.perSecond;
    console.log(`| ${name} | ${shown(our)} | ${shown(their)} | ${ratio.toFixed(1)} |`);
  }
}

function shown(figure: Rate | number): string {
  if (typeof figure === 'number') return figure.toFixed(0);
  return `${figure.perSecond.toFixed(1)}/s (p50 ${figure.p50Ms.toFixed(1)} ms)`;
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
