import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerEvent } from '#platform/operation';
import { wholeText } from './core/text.ts';
import { pipelinesErrors } from './errors.ts';
import type { Files } from './files.ts';
import { isStepOver, type StepRefParts, type StoredAttempt } from './model.ts';
import type { StepExecutor } from './step-executor.ts';
import type { RunStore } from './store/run-store.ts';

export interface LogPart {
  readonly text: string;
  readonly nextOffset: number;
  readonly complete: boolean;
}

const PART_BYTES = 256 * 1024;
const FOLLOW_MS = 150;

/** What attempts wrote: from the executor while they run, from where it is kept afterwards. */
export class Logs {
  readonly #runs: RunStore;
  readonly #files: Files;
  readonly #executor: StepExecutor;

  constructor(options: { readonly runs: RunStore; readonly files: Files; readonly executor: StepExecutor }) {
    this.#runs = options.runs;
    this.#files = options.files;
    this.#executor = options.executor;
  }

  /** A part of the log of an attempt, the latest unless told; of a reused step that of the step it was taken from. */
  async read(step: StepRefParts, offset: number, number?: number): Promise<LogPart> {
    const source = await this.#source(step);
    const attempts = await this.#runs.listAttempts(source.run, source.step);
    if (number === undefined && attempts.length === 0) {
      const stored = await this.#runs.findStep(source.run, source.step);
      return { text: '', nextOffset: offset, complete: stored === undefined || isStepOver(stored.status) };
    }
    const attempt = number === undefined ? attempts.at(-1) : attempts.find((one) => one.number === number);
    if (!attempt) {
      throw pipelinesErrors.PIPELINES_ATTEMPT_NOT_FOUND({
        step: step.step,
        attempt: number ?? 0,
        attempts: attempts.length,
      });
    }
    return this.#part(attempt, offset);
  }

  /** The log as it grows, through all attempts, until the step is over. */
  async *follow(step: StepRefParts, from: number, signal: AbortSignal): AsyncIterable<ServerEvent> {
    const source = await this.#source(step);
    let offset = from;
    let number: number | undefined;
    while (!signal.aborted) {
      const [stored, attempts] = await Promise.all([
        this.#runs.findStep(source.run, source.step),
        this.#runs.listAttempts(source.run, source.step),
      ]);
      const attempt = number === undefined ? attempts.at(-1) : attempts.find((one) => one.number === number);
      number = attempt?.number;
      const part = attempt && (await this.#part(attempt, offset));
      if (part) offset = part.nextOffset;
      if (part?.text) {
        yield { event: 'text', data: { text: part.text, nextOffset: offset, attempt: number } };
        continue;
      }
      const next = attempts.find((one) => one.number === (number ?? 0) + 1);
      if (part?.complete && next) {
        number = next.number;
        offset = 0;
      } else if (!stored || (isStepOver(stored.status) && (!part || part.complete))) {
        yield { event: 'end', data: { status: stored?.status ?? 'cancelled' } };
        return;
      } else await sleep(FOLLOW_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #source(step: StepRefParts): Promise<StepRefParts> {
    return (await this.#runs.findStep(step.run, step.step))?.reusedFrom ?? step;
  }

  async #part(attempt: StoredAttempt, offset: number): Promise<LogPart> {
    if (attempt.finishedAtMs === null) {
      const { data } = await this.#executor.logs(attempt.id, offset);
      const { text, bytes } = wholeText(data, false);
      return { text, nextOffset: offset + bytes, complete: false };
    }
    const end = Math.min(offset + PART_BYTES, attempt.logSizeBytes);
    if (end <= offset) return { text: '', nextOffset: offset, complete: true };
    const data =
      attempt.logDigest === null
        ? Buffer.from(attempt.logTail ?? '').subarray(offset, end)
        : await this.#files.bytes(attempt.logDigest, offset, end);
    const { text, bytes } = wholeText(data, end === attempt.logSizeBytes);
    return { text, nextOffset: offset + bytes, complete: end === attempt.logSizeBytes };
  }
}
