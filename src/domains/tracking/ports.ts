import type { FileTree } from '#platform/blob';
import type { Json } from '#platform/kernel';
import type { Sql } from '#platform/sql';

/** Notes that one fact was made from another, in the transaction that makes it. */
export interface LineageLog {
  /** @param edge typed references: what was made (`to`) from what (`from`), and how they relate, e.g. `trained-on` */
  link(tx: Sql, edge: { readonly from: string; readonly to: string; readonly relation: string }): Promise<void>;
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

/** Tells what elsewhere needs a run or a logged model, so that it must not be deleted for good. */
export interface Dependents {
  /** Why it must stay, in words, by its reference; those that may go are left out. */
  of(refs: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** Files of runs that lie elsewhere than in this server's own storage. */
export interface ForeignFiles {
  /** Where files at `mlflow-artifacts:` go; into this server's own storage if undefined. */
  readonly destination?: FileTree | undefined;
  /** False when this server keeps no files at `mlflow-artifacts:` at all. */
  readonly serves: boolean;
  /** The files below a path or a URI such as `s3://bucket/prefix`; undefined for what this server must not read. */
  open(uri: string): FileTree | undefined;
  /** Whether a place was given to this server to keep files in. */
  isOurs(uri: string): boolean;
}
