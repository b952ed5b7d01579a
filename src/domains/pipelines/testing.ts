import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PipelineRunDetail, StepDefinition } from '#contract';
import { type BlobStore, MemoryBlobStore } from '#platform/blob';
import { createEvents, type Events, eventsMigrations } from '#platform/events';
import { LocalProcesses } from '#platform/jobs';
import { systemClock, systemRng } from '#platform/kernel';
import type { Database, Migration } from '#platform/sql';
import { createPipelines, type Pipelines, type PipelinesOptions } from './pipelines.ts';
import { pipelinesMigrations } from './store/schema.ts';

export const PIPELINES_TEST_MIGRATIONS: readonly Migration[] = [...eventsMigrations, ...pipelinesMigrations];

/** Pipelines over a real database, with real processes, in a folder of their own. */
export interface Bench {
  readonly pipelines: Pipelines;
  readonly blobs: BlobStore;
  readonly events: Events;
  readonly processes: LocalProcesses;
  /** Moves of pointers that were recorded, as `<pointer>: <from> -> <to>`. */
  readonly audited: readonly string[];
  /** The steps' working directory. */
  readonly base: string;
  /** Another server on the same database and folders. */
  again(changes?: Partial<PipelinesOptions>): Pipelines;
  /** Stops every server and process, and removes the folder. */
  close(): Promise<void>;
}

export function setUpPipelines(database: Database, changes: Partial<PipelinesOptions> = {}): Bench {
  const root = mkdtempSync(join(tmpdir(), 'trimtab-pipelines-'));
  const base = changes.baseFolder ?? root;
  const blobs = changes.blobs ?? new MemoryBlobStore();
  const events = changes.events ?? createEvents({ database, clock: systemClock });
  const processes = new LocalProcesses({ folder: join(root, 'processes'), clock: systemClock, graceMs: 300 });
  const audited: string[] = [];
  const opened: Pipelines[] = [];
  const again = (more: Partial<PipelinesOptions> = {}) => {
    const pipelines = createPipelines({
      database,
      blobs,
      clock: systemClock,
      rng: systemRng(),
      events,
      pointerLog: { record: async (_, { pointer, from, to }) => void audited.push(`${pointer}: ${from} -> ${to}`) },
      entrypoints: { resolve: () => undefined },
      executor: processes,
      folder: join(root, 'steps'),
      baseFolder: base,
      serverUrl: () => 'http://127.0.0.1:5000',
      environment: { PATH: process.env.PATH, SECRET: 'hidden', PASSED: 'through' },
      ...changes,
      ...more,
    });
    opened.push(pipelines);
    return pipelines;
  };
  const close = async () => {
    await Promise.all(opened.map((one) => one.stop()));
    await Promise.all(processes.list().map((id) => processes.stop(id)));
    rmSync(root, { recursive: true, force: true });
  };
  return { pipelines: again(), blobs, events, processes, audited, base, again, close };
}

/** A step that runs a line of shell; `$IN` and `$OUT` are the folders of its inputs and outputs. */
export function shell(name: string, script: string, more: Partial<StepDefinition> = {}): StepDefinition {
  const folders = 'IN=$(dirname "$TRIMTAB_STEP")/inputs; OUT=$(dirname "$TRIMTAB_STEP")/outputs;';
  return { name, command: ['/bin/sh', '-c', `${folders} ${script}`], ...more };
}

/** Waits until a run is over. */
export async function ended(pipelines: Pipelines, run: string, withinMs = 20_000): Promise<PipelineRunDetail> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const detail = await pipelines.getRun(run);
    if (detail.run.finishedAtMs !== null) return detail;
    if (performance.now() > deadline) throw new Error(`run ${run} is still ${detail.run.status}: ${detail.run.words}`);
    await sleep(5);
  }
}
