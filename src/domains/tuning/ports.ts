import type { Sql } from '#platform/sql';
import type { EndState, ParamValues } from './model.ts';

/** Notes that one fact was made from another, in the transaction that makes it. */
export interface LineageLog {
  /** @param edge typed references: what was made (`to`) from what (`from`), and how they relate, e.g. `trial` */
  link(tx: Sql, edge: { readonly from: string; readonly to: string; readonly relation: string }): Promise<void>;
}

/**
 * Where trials are tracked as runs. A verb is called once the trial's own change is committed, and again when a client
 * repeats itself: every verb is idempotent.
 */
export interface TrialRuns {
  /** Makes the experiment and the run, where they are missing. */
  start(trial: {
    /** Id of the run, 32 hex digits. */
    readonly run: string;
    readonly experiment: string;
    readonly study: string;
    readonly number: number;
    readonly params: ParamValues;
    readonly startedAtMs: number;
    readonly actor: string;
  }): Promise<void>;

  /** Logs an intermediate value; may be NaN or infinite. */
  log(
    run: string,
    report: { readonly step: number; readonly value: number; readonly timestampMs: number },
  ): Promise<void>;

  /** Logs the final values, if any, and ends the run. */
  finish(
    run: string,
    end: { readonly state: EndState; readonly values: readonly number[] | null; readonly timestampMs: number },
  ): Promise<void>;
}
