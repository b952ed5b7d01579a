import type { StepDefinition } from '#contract';
import type { Clock } from '#platform/kernel';
import { failureOf } from './core/failure.ts';
import { tailOf } from './core/text.ts';
import type { Files } from './files.ts';
import type { AttemptEnd, StoredAttempt, StoredOutput } from './model.ts';
import { PreparationProblem } from './preparation-problem.ts';
import type { StepExecutor, StepProcess, StepProcessStatus } from './step-executor.ts';
import { OutputProblem, type StepFolder } from './step-folder.ts';

/** One attempt, begun in the database, to be carried to its end. */
export interface AttemptWork {
  readonly attempt: Pick<StoredAttempt, 'id'>;
  readonly step: StepDefinition;
  readonly folder: StepFolder;
  /** Makes the process ready; called only while it was never started. */
  readonly prepare: () => Promise<StepProcess>;
  /** Fires when the run is to be cancelled. */
  readonly cancelled: AbortSignal;
  /** Fires when this server leaves; the processes stay. */
  readonly leaving: AbortSignal;
}

export interface AttemptTools {
  readonly executor: StepExecutor;
  readonly files: Files;
  readonly clock: Clock;
}

export interface AttemptResult {
  readonly end: AttemptEnd;
  /** What it made; empty unless it ended well. */
  readonly outputs: readonly StoredOutput[];
}

const LOG_TAIL_BYTES = 4096;
const FIRST_SAMPLE_MS = 200;
const SAMPLE_MS = 1_000;
/** The longest a timer of Node.js can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Carries an attempt to its end, from wherever a former server left it. Undefined when this server leaves first. Can
 * be called again after any error: nothing is started twice, and the end is found again where it is written down.
 */
export async function carryOut(work: AttemptWork, tools: AttemptTools): Promise<AttemptResult | undefined> {
  const { id } = work.attempt;
  const { executor } = tools;
  if ((await executor.status(id)).state === 'absent' && !work.cancelled.aborted) {
    const problem = await started(work, executor);
    // Whatever went wrong, from here on it can never start.
    if (problem) return executor.stop(id).then(() => unprepared(problem));
  }
  const usage = { peakRssBytes: 0, cpuMs: 0 };
  const status = await ended(work, tools, usage);
  return status && conclude(work, tools, status, usage);
}

async function started(work: AttemptWork, executor: StepExecutor): Promise<string | undefined> {
  try {
    await executor.start(await work.prepare());
    return undefined;
  } catch (error) {
    if (error instanceof PreparationProblem) return error.message;
    // The operating system refused; anything else may pass, and is tried again by the caller.
    if (error instanceof Error && 'code' in error && error.code === 'JOBS_START_FAILED') return error.message;
    throw error;
  }
}

type Over = Extract<StepProcessStatus, { state: 'exited' | 'lost' }>;

/** Waits for the end of the processes, stopping them when the run is cancelled or their time is up. */
async function ended(
  work: AttemptWork,
  { executor, clock }: AttemptTools,
  usage: { peakRssBytes: number; cpuMs: number },
): Promise<Over | undefined> {
  const { id } = work.attempt;
  const sampler = new Sampler(executor, id, usage);
  try {
    for (;;) {
      const status = await executor.status(id);
      if (status.state === 'exited' || status.state === 'lost') return status;
      if (work.leaving.aborted) return undefined;
      const startedAtMs = status.state === 'running' ? status.startedAtMs : clock.now();
      const leftMs = startedAtMs + (work.step.timeoutMs ?? Number.POSITIVE_INFINITY) - clock.now();
      if (work.cancelled.aborted || leftMs <= 0) {
        await executor.stop(id);
        continue;
      }
      const timeUp = timer(Math.min(leftMs, MAX_TIMER_MS));
      try {
        await executor.wait(id, AbortSignal.any([work.cancelled, work.leaving, timeUp.signal]));
      } finally {
        timeUp.clear();
      }
    }
  } finally {
    sampler.stop();
  }
}

async function conclude(
  work: AttemptWork,
  tools: AttemptTools,
  status: Over,
  usage: { readonly peakRssBytes: number; readonly cpuMs: number },
): Promise<AttemptResult> {
  const log = await keptLog(work.attempt.id, tools);
  const seen = { peakRssBytes: usage.peakRssBytes || null, cpuMs: usage.peakRssBytes ? usage.cpuMs : null };
  const exited = status.state === 'exited' ? status : undefined;
  const base = { exitCode: exited?.code ?? null, signal: exited?.signal ?? null, ...log, ...seen };
  const stoppedFor = exited?.stopped ? (work.cancelled.aborted ? 'cancel' : 'timeout') : undefined;
  const failure = failureOf({
    state: status.state,
    code: base.exitCode,
    signal: base.signal,
    stoppedFor,
    outOfMemory: exited?.outOfMemory ?? false,
    logTail: log.logTail ?? '',
    timeoutMs: work.step.timeoutMs,
    peakRssBytes: seen.peakRssBytes,
  });
  if (failure) return { end: { ...base, ...failure }, outputs: [] };
  try {
    const outputs = await work.folder.collect(work.step.outputs ?? [], tools.files);
    return { end: { ...base, failure: null, words: null }, outputs };
  } catch (error) {
    if (!(error instanceof OutputProblem)) throw error;
    return { end: { ...base, failure: 'output', words: error.message }, outputs: [] };
  }
}

function unprepared(words: string): AttemptResult {
  const nothing = { exitCode: null, signal: null, logTail: null, logDigest: null, logSizeBytes: 0 };
  const end = { ...nothing, failure: 'preparation' as const, words, peakRssBytes: null, cpuMs: null };
  return { end, outputs: [] };
}

/** The log as it is kept: its last lines beside the attempt, and all of it in object storage when that is more. */
async function keptLog(
  id: string,
  { executor, files }: AttemptTools,
): Promise<Pick<AttemptEnd, 'logTail' | 'logDigest' | 'logSizeBytes'>> {
  const first = (await executor.logs(id, 0)).data;
  if (first.length === 0) return { logTail: null, logDigest: null, logSizeBytes: 0 };
  const whole = tailOf(first, LOG_TAIL_BYTES);
  // A tail that is the log byte for byte is all there is to keep.
  if (Buffer.from(whole).equals(first)) return { logTail: whole, logDigest: null, logSizeBytes: first.length };
  let end = Buffer.alloc(0);
  const pieces = async function* () {
    for await (const piece of logPieces(id, executor)) {
      end = Buffer.concat([end, piece]).subarray(-LOG_TAIL_BYTES - 1);
      yield piece;
    }
  };
  const { digest, sizeBytes } = await files.store(pieces());
  return { logTail: tailOf(end, LOG_TAIL_BYTES), logDigest: digest, logSizeBytes: sizeBytes };
}

async function* logPieces(id: string, executor: StepExecutor): AsyncIterable<Uint8Array> {
  let offset = 0;
  for (;;) {
    const { data, nextOffset } = await executor.logs(id, offset);
    if (data.length === 0) return;
    yield data;
    offset = nextOffset;
  }
}

/** Looks now and then at what an attempt uses, and keeps the largest. */
class Sampler {
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(executor: StepExecutor, id: string, seen: { peakRssBytes: number; cpuMs: number }) {
    const sample = async () => {
      const usage = await executor.usage(id);
      seen.peakRssBytes = Math.max(seen.peakRssBytes, usage?.peakRssBytes ?? 0);
      seen.cpuMs = Math.max(seen.cpuMs, usage?.cpuMs ?? 0);
    };
    const later = (afterMs: number) => {
      this.#timer = setTimeout(() => {
        // What it uses is good to know, not worth an attempt: a look that fails is left out.
        sample()
          .catch(() => undefined)
          .finally(() => this.#stopped || later(SAMPLE_MS));
      }, afterMs);
    };
    later(FIRST_SAMPLE_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}

function timer(ms: number): { readonly signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  const timeout = setTimeout(() => controller.abort(), ms);
  return { signal: controller.signal, clear: () => clearTimeout(timeout) };
}
