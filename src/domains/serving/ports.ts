import type { Json, VersionRef } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import type { ColumnType, Signature } from './model.ts';

/** Where models come from; filled by the registry. */
export interface ModelSource {
  /** The bytes and the signature of a registered version. Throws the registry's own error when it is unknown. */
  load(version: VersionRef): Promise<ServableModel>;
}

export interface ServableModel {
  /** An ONNX file: one input a column, shape [N, 1], STRING, FLOAT or INT64 (ms since the epoch, UTC). */
  readonly onnx: Uint8Array;
  readonly signature: Signature;
  /** Rows with the answers stored at registration; a version that answers otherwise here is not put in service. */
  readonly golden?: {
    readonly rows: readonly Readonly<Record<string, unknown>>[];
    readonly predictions: readonly number[];
  };
}

/**
 * Runs models. Guarantees: `run` of one session may be called while another call is under way; it never changes the
 * arrays it is given; `release` is called once, after the last `run` has ended.
 */
export interface InferenceRuntime {
  /** @throws any error when the bytes are no model; the caller names the version */
  load(onnx: Uint8Array): Promise<InferenceSession>;
}

export interface InferenceSession {
  readonly inputs: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly outputs: readonly string[];
  /** The named output for `rowCount` rows, one number a row. */
  run(columns: readonly ColumnBatch[], rowCount: number, output: string): Promise<ArrayLike<number>>;
  release(): Promise<void>;
}

/** One column of a batch. A missing number is NaN, a missing string ''. */
export type ColumnBatch =
  | { readonly name: string; readonly type: 'string'; readonly values: readonly string[] }
  | { readonly name: string; readonly type: 'number'; readonly values: Float32Array }
  | { readonly name: string; readonly type: 'timestamp'; readonly values: BigInt64Array };

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
