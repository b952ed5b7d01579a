import type { Json } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import type { CanaryComparison, LoopSnapshot, Span } from './model.ts';

/** Writes a pointer's move to the audit log, in the transaction of the move. */
export interface PointerLog {
  record(
    tx: Sql,
    move: {
      readonly actor: string;
      readonly pointer: string;
      readonly from: string | null;
      readonly to: string | null;
      readonly reason: string;
      readonly evidence?: Json;
    },
  ): Promise<void>;
}

/**
 * What a loop does to the world. Every verb is idempotent: after a crash it is called again with the same arguments
 * and must then change nothing more.
 */
export interface LoopActions {
  block(endpoint: string, reason: string): Promise<void>;
  unblock(endpoint: string, reason: string): Promise<void>;
  /** Starts the retraining pipeline once per key. Its end comes back as a `retrained` signal. */
  startRetraining(request: RetrainingRequest): Promise<void>;
  /** Gives the challenger a share of the endpoint's traffic, 0 to 1, the champion the rest. */
  startCanary(loop: LoopSnapshot, challenger: string, share: number, reason: string): Promise<void>;
  /** Compares champion and challenger on the labelled traffic each answered in the span. */
  compareCanary(loop: LoopSnapshot, challenger: string, span: Span): Promise<CanaryComparison>;
  /** Makes the challenger the champion: alias, all of the traffic, the monitor's reference. */
  promote(loop: LoopSnapshot, challenger: string, reason: string): Promise<void>;
  /** Gives all of the traffic back to the champion. */
  rollBack(loop: LoopSnapshot, challenger: string, reason: string): Promise<void>;
}

interface RetrainingRequest {
  readonly loop: LoopSnapshot;
  readonly key: string;
  readonly pipeline: string;
  readonly training: Span;
  readonly excluded: readonly Span[];
  /** recent: the later a row, the more it counts, as after a loss. equal: every row counts alike. */
  readonly weighting: 'recent' | 'equal';
  readonly reason: string;
}
