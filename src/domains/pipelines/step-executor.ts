/** An attempt of a step, ready to run: everything it reads lies in its folder. */
export interface StepProcess {
  /** Id of the attempt. */
  readonly id: string;
  /** The attempt's own folder, which exists; files named `executor-*` in it are the executor's. */
  readonly folder: string;
  /** Program and arguments. */
  readonly argv: readonly string[];
  /** Absolute working directory. */
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * How an attempt's processes stand.
 * - `absent`: never started; or started a moment ago by a server that died, so that nothing is written down yet. Start it:
 *   the first guarantee makes that harmless.
 * - `running`: something of it is alive.
 * - `exited`: over, with a code or a signal. `stopped`: because {@link StepExecutor.stop} asked. `outOfMemory`: the
 *   machine killed it for lack of memory.
 * - `lost`: nothing of it is alive, and nobody wrote down how it ended.
 */
export type StepProcessStatus =
  | { readonly state: 'absent' }
  | { readonly state: 'running'; readonly startedAtMs: number }
  | {
      readonly state: 'exited';
      readonly code: number | null;
      readonly signal: string | null;
      readonly stopped: boolean;
      readonly outOfMemory: boolean;
      readonly startedAtMs: number;
      readonly finishedAtMs: number;
    }
  | { readonly state: 'lost'; readonly startedAtMs: number };

interface StepProcessUsage {
  readonly peakRssBytes: number;
  readonly cpuMs: number;
}

/**
 * Where attempts run. An executor remembers for itself, so that a new server on the same folder, after a kill -9 at any
 * moment, is told the truth about every attempt it asks for. `executorSuite` of testing.ts checks these guarantees:
 *
 * 1. An id is started at most once in its life, by however many servers and however often it is asked for.
 * 2. `stop` returns when nothing of the attempt is alive, its children included; an attempt that was not started yet
 *    never will be, whoever asks.
 * 3. Once `exited` or `lost`, the status never changes.
 * 4. What a process wrote can be read while it runs and after its end, byte for byte, until `remove`.
 * 5. Attempts live on when the server dies or leaves.
 */
export interface StepExecutor {
  /** Starts an attempt; does nothing when it was started or stopped before. @throws when the system refuses to */
  start(process: StepProcess): Promise<void>;
  status(id: string): Promise<StepProcessStatus>;
  /** Resolves with the status at its end, or with that of the moment when the signal fires. */
  wait(id: string, signal: AbortSignal): Promise<StepProcessStatus>;
  stop(id: string): Promise<void>;
  logs(id: string, offset: number): Promise<{ readonly data: Uint8Array; readonly nextOffset: number }>;
  /** What it uses now; undefined when it does not run or nobody can tell. */
  usage(id: string): Promise<StepProcessUsage | undefined>;
  /** Ids that it remembers. */
  list(): Promise<readonly string[]>;
  /** Forgets an attempt that is over. */
  remove(id: string): Promise<void>;
}
