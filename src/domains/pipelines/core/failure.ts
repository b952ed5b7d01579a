import type { FailureClass, StepDefinition } from '#contract';

/** How an attempt's processes ended, and what is known about why. */
export interface ProcessEnd {
  readonly state: 'exited' | 'lost';
  readonly code: number | null;
  readonly signal: string | null;
  /** Why the server stopped it; undefined when it did not. */
  readonly stoppedFor: 'cancel' | 'timeout' | undefined;
  /** The kernel killed a process for lack of memory while it ran. */
  readonly outOfMemory: boolean;
  /** The end of what it wrote. */
  readonly logTail: string;
  readonly timeoutMs: number | undefined;
  readonly peakRssBytes: number | null;
}

export interface Failure {
  readonly failure: FailureClass;
  readonly words: string;
}

/** What runtimes write when they end for lack of memory. */
const MEMORY_WORDS: readonly RegExp[] = [
  /JavaScript heap out of memory/,
  /^(?:\w+\.)*_?(?:Array)?MemoryError\b/m,
  /java\.lang\.OutOfMemoryError/,
  /std::bad_alloc/,
  /CUDA out of memory/,
  /fatal error: runtime: out of memory/,
  /memory allocation of \d+ bytes failed/,
  /Cannot allocate memory/,
];

/** Why an attempt failed; undefined when it ended well. */
export function failureOf(end: ProcessEnd): Failure | undefined {
  if (end.stoppedFor === 'cancel') return { failure: 'cancelled', words: 'Stopped on request.' };
  if (end.stoppedFor === 'timeout') {
    const words = `It ran longer than the ${seconds(end.timeoutMs ?? 0)} it may take. Raise timeoutMs, or give it less to do.`;
    return { failure: 'timeout', words };
  }
  if (end.state === 'lost') {
    const words = 'Its processes vanished without an exit code, as when the machine lost power.';
    return { failure: 'lost', words };
  }
  if (end.code === 0) return undefined;
  if (end.outOfMemory || MEMORY_WORDS.some((words) => words.test(end.logTail))) {
    const peak = end.peakRssBytes ? ` It had used at least ${mebibytes(end.peakRssBytes)}.` : '';
    return { failure: 'out-of-memory', words: `It ran out of memory.${peak} Give it less data, or more memory.` };
  }
  if (end.signal !== null) return { failure: 'signal', words: `${end.signal} from outside killed it.` };
  if (end.code === 127) {
    return { failure: 'exit', words: 'It ended with code 127: a program was not found. The log names it.' };
  }
  return { failure: 'exit', words: `It ended with code ${end.code}. The log may tell why.${missing(end.logTail)}` };
}

/** The pause before the next attempt, ms; undefined when there is to be none. */
export function retryDelayMs(
  retries: StepDefinition['retries'],
  attemptsMade: number,
  failure: FailureClass,
): number | undefined {
  if (!retries || failure === 'cancelled' || attemptsMade > retries.max) return undefined;
  if (retries.on && !retries.on.includes(failure)) return undefined;
  return Math.min(retries.backoffMs * (retries.factor ?? 2) ** (attemptsMade - 1), MAX_BACKOFF_MS);
}

const MAX_BACKOFF_MS = 24 * 3_600_000;

function missing(logTail: string): string {
  const module = /ModuleNotFoundError: No module named '([^']+)'|Cannot find (?:module|package) '([^']+)'/.exec(
    logTail,
  );
  return module ? ` The module "${module[1] ?? module[2]}" is not installed.` : '';
}

/** A length of time for people: `850 ms`, `12.3 s`, `4 min 10 s`. */
export function seconds(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const total = Math.round(ms / 1000);
  return `${Math.floor(total / 60)} min ${total % 60} s`;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MiB`;
}
