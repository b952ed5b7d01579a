import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PipelineRunDetail, StepDefinition } from '#contract';
import { type BlobStore, MemoryBlobStore } from '#platform/blob';
import { createEvents, type Events, eventsMigrations } from '#platform/events';
import { LocalProcesses } from '#platform/jobs';
import { seededRng, systemClock, systemRng } from '#platform/kernel';
import type { Database, Migration } from '#platform/sql';
import { createPipelines, type Pipelines, type PipelinesOptions } from './pipelines.ts';
import type { StepExecutor, StepProcess } from './step-executor.ts';
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

/** An executor as a server opens it; called again it is another server that knows nothing but what is written down. */
type OpenExecutor = () => StepExecutor;

/** What every {@link StepExecutor} guarantees. `setUp` gives a folder for attempts and executors on the same memory. */
export function executorSuite(setUp: () => { readonly folder: string; readonly open: OpenExecutor }): void {
  let folder: string;
  let open: OpenExecutor;
  let executor: StepExecutor;
  const forever = new AbortController().signal;

  beforeEach(() => {
    ({ folder, open } = setUp());
    executor = open();
  });
  afterEach(async () => {
    await Promise.all((await executor.list()).map((id) => executor.stop(id)));
  });

  const attempt = (id: string, script: string): StepProcess => {
    const own = join(folder, id);
    mkdirSync(own, { recursive: true });
    return { id, folder: own, argv: ['/bin/sh', '-c', script], cwd: folder, env: { PATH: process.env.PATH ?? '' } };
  };
  const textOf = async (id: string, offset = 0) => new TextDecoder().decode((await executor.logs(id, offset)).data);
  const effects = () => (existsSync(join(folder, 'effects')) ? readFileSync(join(folder, 'effects'), 'utf8') : '');

  it('tells exit codes, signals and what was written', async () => {
    expect(await executor.status('a')).toEqual({ state: 'absent' });
    await executor.start(attempt('a', 'echo out; echo err >&2; exit 7'));
    expect(await executor.wait('a', forever)).toMatchObject({ state: 'exited', code: 7, signal: null, stopped: false });
    expect([await textOf('a'), await textOf('a', 4)]).toEqual(['out\nerr\n', 'err\n']);
    await executor.start(attempt('b', 'kill -KILL $$'));
    const end = { state: 'exited', code: null, signal: 'SIGKILL', stopped: false, outOfMemory: false };
    expect(await executor.wait('b', forever)).toMatchObject(end);
  });

  it('starts an id once, by however many servers and however often it is asked for', async () => {
    const servers = Array.from({ length: 6 }, open);
    const job = attempt('a', 'echo ran >> effects; sleep 0.05');
    await Promise.all([executor, ...servers].map((server) => server.start(job)));
    const ends = await Promise.all([executor, ...servers].map((server) => server.wait('a', forever)));
    await open().start(job);
    expect(ends.every((end) => end.state === 'exited' && end.code === 0)).toBe(true);
    expect(effects()).toBe('ran\n');
  });

  it('lets a server that comes later see what runs, what it wrote and how it ended', async () => {
    const job = attempt('a', 'echo one; sleep 0.2; echo two; exit 5');
    await executor.start(job);
    const later = open();
    await later.start(job);
    const soon = new AbortController();
    setTimeout(() => soon.abort(), 20);
    expect((await later.wait('a', soon.signal)).state).toBe('running');
    expect(await later.wait('a', forever)).toMatchObject({ state: 'exited', code: 5 });
    expect(new TextDecoder().decode((await later.logs('a', 0)).data)).toBe('one\ntwo\n');
    expect(await later.list()).toEqual(['a']);
  });

  it('stops an attempt with all its children, and keeps one from starting that has not', async () => {
    await executor.start(attempt('a', "(trap '' TERM; sleep 1; echo late >> effects) & echo up; sleep 60"));
    while ((await textOf('a')) === '') await sleep(2);
    await open().stop('a');
    expect(await executor.status('a')).toMatchObject({ state: 'exited', stopped: true, outOfMemory: false });
    await executor.stop('b');
    await executor.start(attempt('b', 'echo started >> effects'));
    expect(await executor.status('b')).toMatchObject({ state: 'exited', stopped: true });
    await sleep(1_100);
    expect(effects()).toBe('');
  });

  it('stopped at any moment of its start never leaves anything running', async () => {
    const rng = seededRng(9);
    for (let round = 0; round < 25; round++) {
      const id = `a${round}`;
      const started = executor.start(attempt(id, 'sleep 0.4; echo late >> effects'));
      await sleep(rng.next() * 5);
      await open().stop(id);
      await started;
      expect(await executor.wait(id, forever)).toMatchObject({ state: 'exited', stopped: true });
    }
    await sleep(500);
    expect(effects()).toBe('');
  });

  it('forgets what is over, and nothing that runs', async () => {
    await executor.start(attempt('a', 'true'));
    await executor.wait('a', forever);
    await executor.start(attempt('b', 'sleep 60'));
    await executor.remove('a');
    await executor.remove('b');
    expect(await executor.list()).toEqual(['b']);
    expect((await executor.status('b')).state).toBe('running');
  });
}
