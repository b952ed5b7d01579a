import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertName, type Clock } from '#platform/kernel';
import { claimForNobody, groupLives, isForNobody, readClaim, readIfThere, signalGroup, wrapperLives } from './claim.ts';
import { jobsErrors } from './errors.ts';
import { groupMembers, hasProcessTable, memoryOf } from './process-table.ts';
import { WRAPPER } from './wrapper.ts';

/** A command to run in a process of its own. */
export interface ProcessSpec {
  /** Chosen by the caller; the same id is the same process, whoever asks and however often. */
  readonly id: string;
  /** The program and its arguments. */
  readonly argv: readonly string[];
  /** Absolute working directory. */
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * How a process stands.
 * - `absent`: never started here.
 * - `running`: it, or something it started, is alive.
 * - `exited`: over, with a code or a signal. `stopped` tells that {@link LocalProcesses.stop} asked for it.
 * - `lost`: it is gone and nobody wrote down how, e.g. after the machine lost power.
 */
export type ProcessStatus =
  | { readonly state: 'absent' }
  | { readonly state: 'running'; readonly startedAtMs: number }
  | {
      readonly state: 'exited';
      readonly code: number | null;
      readonly signal: string | null;
      readonly stopped: boolean;
      readonly startedAtMs: number;
      readonly finishedAtMs: number;
    }
  | { readonly state: 'lost'; readonly startedAtMs: number };

/** What the processes of one job use at this moment, all together. */
export interface ProcessUsage {
  readonly processes: number;
  readonly rssBytes: number;
  /** Sum of the largest resident size each of the living processes has had. */
  readonly peakRssBytes: number;
  readonly cpuMs: number;
}

/** Milliseconds of a clock tick of `/proc/<pid>/stat`: USER_HZ is 100 on every Linux. */
const TICK_MS = 10;
/** How often a process that this server did not start itself is looked at. */
const POLL_MS = 25;
/** A backstop behind the exit event of a process that we did start. */
const BACKSTOP_MS = 500;

/**
 * Processes that outlive the server that started them. A restarted server asks for the same id again and is told how
 * the process stands. Everything it needs to know is in files of the job's folder, written by the wrapper process;
 * nothing has to be remembered. A command that makes itself a daemon with setsid(2) leaves our sight.
 *
 * @example
 * const processes = new LocalProcesses({ folder: '/var/lib/trimtab/processes', clock: systemClock });
 * await processes.start({ id: 'train-1', argv: ['python3', 'train.py'], cwd: '/home/ann', env: { PATH: '/usr/bin' } });
 * const end = await processes.wait('train-1');
 */
export class LocalProcesses {
  readonly folder: string;
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #children = new Map<string, ChildProcess>();

  constructor(options: { readonly folder: string; readonly clock: Clock; readonly graceMs?: number }) {
    this.folder = resolve(options.folder);
    this.#clock = options.clock;
    this.#graceMs = options.graceMs ?? 5_000;
  }

  /**
   * Starts a process unless it was started before, by this server or by one that is dead now.
   *
   * @throws JOBS_START_FAILED when the operating system refuses; KERNEL_NAME_INVALID for an id that cannot be a file name
   */
  async start(spec: ProcessSpec): Promise<void> {
    assertName('process', spec.id);
    if (this.status(spec.id).state !== 'absent') return;
    const folder = this.#folderOf(spec.id);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw jobsErrors.JOBS_START_FAILED({ id: spec.id, problem: messageOf(error) }, error);
    }
    const child = spawn('/bin/sh', ['-c', WRAPPER, 'trimtab-job', folder, spec.cwd, ...spec.argv], {
      cwd: folder,
      detached: true,
      env: { ...spec.env },
      stdio: 'ignore',
    });
    this.#children.set(spec.id, child);
    child.once('exit', () => this.#children.delete(spec.id));
    await new Promise<void>((started, failed) => {
      child.once('spawn', started);
      child.once('error', (error) => {
        this.#children.delete(spec.id);
        failed(jobsErrors.JOBS_START_FAILED({ id: spec.id, problem: error.message }, error));
      });
    });
    child.unref();
  }

  status(id: string): ProcessStatus {
    const folder = this.#folderOf(id);
    const claim = readClaim(folder);
    if (!claim)
      return this.#children.has(id) ? { state: 'running', startedAtMs: this.#clock.now() } : { state: 'absent' };
    const startedAtMs = claim.atMs;
    const finished = readExit(folder, startedAtMs);
    if (finished) return finished;
    if (isForNobody(claim)) return killed(folder, startedAtMs, 'SIGTERM');
    if (wrapperLives(claim)) return { state: 'running', startedAtMs };
    // It may have written its end between the two looks.
    const late = readExit(folder, startedAtMs);
    if (late) return late;
    if (groupLives(claim)) return { state: 'running', startedAtMs };
    return existsSync(join(folder, 'stop')) ? killed(folder, startedAtMs, 'SIGKILL') : { state: 'lost', startedAtMs };
  }

  /**
   * Waits for the end of a process; returns early, with the status of that moment, when the signal fires.
   *
   * @throws JOBS_PROCESS_NOT_FOUND when it was never started
   */
  async wait(id: string, signal?: AbortSignal): Promise<ProcessStatus> {
    for (;;) {
      const status = this.status(id);
      if (status.state === 'absent') throw jobsErrors.JOBS_PROCESS_NOT_FOUND({ id });
      if (status.state !== 'running' || signal?.aborted) return status;
      await this.#change(id, signal);
    }
  }

  /** What it wrote to both streams, from a byte offset on. */
  logs(id: string, offset: number, limitBytes = 262_144): { readonly data: Uint8Array; readonly nextOffset: number } {
    const file = join(this.#folderOf(id), 'output.log');
    if (!existsSync(file)) return { data: new Uint8Array(), nextOffset: offset };
    const length = Math.max(0, Math.min(limitBytes, statSync(file).size - offset));
    const data = new Uint8Array(length);
    const handle = openSync(file, 'r');
    try {
      const read = readSync(handle, data, 0, length, offset);
      return { data: data.subarray(0, read), nextOffset: offset + read };
    } finally {
      closeSync(handle);
    }
  }

  /**
   * Ends a process and everything it started: SIGTERM, after a grace period SIGKILL. One that has not started yet never
   * will. Returns when nothing of it is alive. Does nothing to a process that is over.
   */
  async stop(id: string): Promise<void> {
    assertName('process', id);
    const folder = this.#folderOf(id);
    if (isOver(this.status(id))) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, 'stop'), `${this.#clock.now()}\n`);
    if (claimForNobody(folder)) return;
    const claim = readClaim(folder);
    if (!claim) throw new Error(`the claim of ${id} vanished`);
    signalGroup(claim, 'SIGTERM');
    const deadline = performance.now() + this.#graceMs;
    while (groupLives(claim)) {
      if (performance.now() > deadline) signalGroup(claim, 'SIGKILL');
      await sleep(5);
    }
  }

  /** What a running process uses now; undefined when it does not run, or where there is no `/proc`. */
  usage(id: string): ProcessUsage | undefined {
    const claim = readClaim(this.#folderOf(id));
    if (!claim || !hasProcessTable() || !groupLives(claim)) return undefined;
    const members = groupMembers(claim.pid).filter((entry) => entry.pid !== claim.pid);
    const memory = members.map((entry) => memoryOf(entry.pid));
    return {
      processes: members.length,
      rssBytes: sum(memory.map((one) => one.rssBytes)),
      peakRssBytes: sum(memory.map((one) => one.peakRssBytes)),
      cpuMs: sum(members.map((entry) => entry.cpuTicks)) * TICK_MS,
    };
  }

  /** Every id with a record here. */
  list(): readonly string[] {
    return existsSync(this.folder) ? readdirSync(this.folder) : [];
  }

  /** Forgets a process that is over, its output included. One that runs is left alone. */
  remove(id: string): void {
    assertName('process', id);
    if (this.status(id).state === 'running') return;
    rmSync(this.#folderOf(id), { recursive: true, force: true });
  }

  #folderOf(id: string): string {
    return join(this.folder, id);
  }

  /** Resolves when a look at the process may show something new. */
  async #change(id: string, signal: AbortSignal | undefined): Promise<void> {
    const child = this.#children.get(id);
    const enough = new AbortController();
    const wake = () => enough.abort();
    signal?.addEventListener('abort', wake, { once: true });
    child?.once('exit', wake);
    await sleep(child ? BACKSTOP_MS : POLL_MS, undefined, { signal: enough.signal }).catch(() => undefined);
    signal?.removeEventListener('abort', wake);
    child?.removeListener('exit', wake);
  }
}

function isOver(status: ProcessStatus): boolean {
  return status.state === 'exited' || status.state === 'lost';
}

/** The end that the wrapper wrote down. A code above 128 is a signal, as every shell reports it. */
function readExit(folder: string, startedAtMs: number): ProcessStatus | undefined {
  const file = join(folder, 'exit');
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  const code = Number(text);
  const signal = code > 128 ? signalName(code - 128) : undefined;
  return {
    state: 'exited',
    code: signal ? null : code,
    signal: signal ?? null,
    stopped: existsSync(join(folder, 'stop')),
    startedAtMs,
    finishedAtMs: statSync(file).mtimeMs,
  };
}

/** The end of a process that we killed together with its wrapper, or kept from starting. */
function killed(folder: string, startedAtMs: number, signal: string): ProcessStatus {
  const finishedAtMs = statSync(join(folder, 'stop')).mtimeMs;
  return { state: 'exited', code: null, signal, stopped: true, startedAtMs, finishedAtMs };
}

function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
