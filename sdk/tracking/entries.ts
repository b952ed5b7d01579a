import type { InputOfRun, LoggedMetric } from '#contract';

/** What a run is begun with. */
export interface RunHead {
  /** 32 lower-case hex digits, so that beginning it twice is beginning it once. */
  readonly id: string;
  readonly experiment: string;
  readonly name?: string;
  readonly parent?: string;
  readonly codeCommit?: string;
  readonly startedAtMs: number;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly inputs: readonly InputOfRun[];
}

/** What is logged to a run, in the order in which it was; each may be written again and changes nothing then. */
export type Entry =
  | {
      readonly kind: 'batch';
      readonly metrics: readonly LoggedMetric[];
      readonly params: Readonly<Record<string, string>>;
      readonly tags: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'file'; readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end'; readonly status: 'finished' | 'failed' | 'killed'; readonly endedAtMs: number };

/** Where a run is written to. */
export interface Sink {
  begin(head: RunHead): Promise<void>;
  write(entry: Entry): Promise<void>;
}
