/**
 * How long the server takes from its start to the first answered request on an empty folder, and what it holds in memory
 * when idle. Run: node bench/server-start.ts
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = new URL('../bin/trimtab.js', import.meta.url).pathname;
const RUNS = 7;
const SETTLE_MS = 3_000;
const PORT = 17_500;

interface Start {
  readonly startMs: number;
  readonly rssMb: number;
}

async function startOnce(): Promise<Start> {
  const folder = mkdtempSync(join(tmpdir(), 'trimtab-bench-'));
  const startedMs = performance.now();
  const server = spawn(process.execPath, [PROGRAM, 'serve', '--port', String(PORT), '--data-dir', folder], {
    stdio: 'ignore',
  });
  try {
    while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 5));
    const startMs = performance.now() - startedMs;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return { startMs, rssMb: residentMb(server.pid ?? 0) };
  } finally {
    server.kill('SIGKILL');
    await new Promise((resolve) => server.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

function answers(): Promise<boolean> {
  return fetch(`http://127.0.0.1:${PORT}/api/server`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const starts: Start[] = [];
for (let run = 0; run < RUNS; run++) starts.push(await startOnce());
const times = starts.map(({ startMs }) => startMs);
console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, ${RUNS} starts`);
console.log(
  `start to first answer: median ${middle(times).toFixed(0)} ms (${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)}); bar 1000 ms`,
);
console.log(`resident memory, idle: median ${middle(starts.map(({ rssMb }) => rssMb)).toFixed(0)} MB; bar 200 MB`);
