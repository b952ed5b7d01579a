/**
 * What a pipeline adds to a step that does nothing, against a bare spawn of the same command on the same machine.
 *
 *   npx node bench/pipelines-overhead.ts [steps] [rounds]
 *
 * Over a SQLite file and a folder, as the embedded server has it. A chain runs one step after another, so its time over
 * that of as many bare spawns in a row is the platform's own; a fan runs as many side by side, two at a time. On a busy
 * machine the processor time, of this process and all it started, is the steadier figure.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineRunDetail, StepDefinition } from '#contract';
import { createPipelines, type Pipelines, pipelinesMigrations } from '#domains/pipelines';
import { openBlobStore } from '#platform/blob';
import { createEvents, eventsMigrations } from '#platform/events';
import { LocalProcesses } from '#platform/jobs';
import { systemClock, systemRng } from '#platform/kernel';
import { migrate, openDatabase } from '#platform/sql';

const COMMAND = ['/bin/sh', '-c', ':'];
const steps = Number(process.argv[2] ?? 300);
const rounds = Number(process.argv[3] ?? 3);

const folder = mkdtempSync(join(tmpdir(), 'trimtab-bench-'));
const database = await openDatabase(`sqlite:${join(folder, 'trimtab.db')}`);
await migrate(database, [...eventsMigrations, ...pipelinesMigrations]);
const pipelines = createPipelines({
  database,
  blobs: openBlobStore(`file:${join(folder, 'blobs')}`),
  clock: systemClock,
  rng: systemRng(),
  events: createEvents({ database, clock: systemClock }),
  pointerLog: { record: async () => undefined },
  entrypoints: { resolve: () => undefined },
  executor: new LocalProcesses({ folder: join(folder, 'processes'), clock: systemClock }),
  folder: join(folder, 'steps'),
  serverUrl: () => 'http://127.0.0.1:5000',
  onError: (error) => console.error(error),
});
await pipelines.start();
try {
  await bare(20);
  await run(pipelines, 'warm-up', 20, 'chain');
  for (let round = 0; round < rounds; round++) {
    const atStart = cpuMs();
    const bareMs = await bare(steps);
    const bareCpuMs = cpuMs() - atStart;
    const chain = await run(pipelines, `chain${round}`, steps, 'chain');
    const chainCpuMs = cpuMs() - atStart - bareCpuMs;
    const fan = await run(pipelines, `fan${round}`, steps, 'fan');
    const gaps = gapsOf(chain.detail);
    console.log(
      JSON.stringify({
        steps,
        bareMsPerStep: rounded(bareMs / steps),
        chainMsPerStep: rounded(chain.tookMs / steps),
        fanMsPerStep: rounded(fan.tookMs / steps),
        ownMsPerStep: rounded((chain.tookMs - bareMs) / steps),
        ratio: rounded(chain.tookMs / bareMs),
        bareCpuMsPerStep: rounded(bareCpuMs / steps),
        ownCpuMsPerStep: rounded((chainCpuMs - bareCpuMs) / steps),
        endToNextStartMs: { p50: gaps[gaps.length >> 1], p95: gaps[Math.floor(gaps.length * 0.95)], max: gaps.at(-1) },
        rssMiB: Math.round(process.memoryUsage.rss() / 1024 ** 2),
      }),
    );
  }
} finally {
  await pipelines.stop();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
}

/** As many processes in a row as steps, each in a session of its own, as the executor starts them. */
async function bare(count: number): Promise<number> {
  const started = performance.now();
  for (let index = 0; index < count; index++) {
    await once(spawn(COMMAND[0] ?? '', COMMAND.slice(1), { detached: true, stdio: 'ignore' }), 'exit');
  }
  return performance.now() - started;
}

/** Processor time of this process and of every process it started that is over, ms; 0 where there is no `/proc`. */
function cpuMs(): number {
  try {
    const text = readFileSync('/proc/self/stat', 'utf8');
    const ticks = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15)
      .map(Number);
    return ticks.reduce((sum, one) => sum + one, 0) * 10;
  } catch {
    return 0;
  }
}

async function run(on: Pipelines, name: string, count: number, shape: 'chain' | 'fan') {
  const definition = Array.from({ length: count }, (_, index): StepDefinition => {
    const needs = shape === 'chain' && index > 0 ? [`s${index - 1}`] : [];
    return { name: `s${index}`, command: COMMAND, needs };
  });
  await on.putPipeline({ name, steps: definition }, 'bench');
  const started = performance.now();
  const { id } = await on.startRun(name, {}, 'bench');
  for (;;) {
    const [answer] = await on.listRuns({ pipeline: name, limit: 1 });
    if (answer?.finishedAtMs) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const tookMs = performance.now() - started;
  const detail = await on.getRun(id);
  if (detail.run.status !== 'succeeded') throw new Error(detail.run.words);
  return { detail, tookMs };
}

/** From the end of each step to the start of the next, ms, ascending. */
function gapsOf({ steps: chain }: PipelineRunDetail): number[] {
  return chain
    .slice(1)
    .map((step, index) => (step.startedAtMs ?? 0) - (chain[index]?.finishedAtMs ?? 0))
    .sort((a, b) => a - b);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
