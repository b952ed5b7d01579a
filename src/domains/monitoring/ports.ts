import type { Json } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import type { PredictedRow } from './model.ts';

/** What was predicted; filled from serving's log. */
export interface PredictionLog {
  /** Rows with event time in [fromMs, toMs), oldest first, in batches. */
  rows(endpoint: string, fromMs: number, toMs: number): AsyncIterable<readonly PredictedRow[]>;
  /** Rows of [fromMs, toMs) that could not be answered, by fault of the server; of one version when given. */
  errors(endpoint: string, fromMs: number, toMs: number, version?: string): Promise<number>;
  /** Those of the ids that were predicted. */
  predicted(endpoint: string, inferenceIds: readonly string[]): Promise<ReadonlySet<string>>;
}

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
