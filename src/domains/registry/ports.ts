import type { CardSignature } from '#contract';
import type { Principal } from '#platform/http';
import type { Json } from '#platform/kernel';
import type { Sql } from '#platform/sql';

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

/** Notes what was made from what, in the transaction that makes it. Noting it again changes nothing. */
export interface LineageLog {
  link(tx: Sql, edge: { readonly from: string; readonly to: string; readonly relation: string }): Promise<void>;
}

/** Roles of whoever acts, each as `role:<name>`. */
export type RolesOf = (actor: string) => Promise<readonly string[]>;

/** Who needs a version that somebody wants to delete. */
export interface VersionUse {
  /** Of those references of versions that are in use, by what, in words: `endpoint delays answers with it`. */
  of(refs: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** What is known of a run that made a version. */
export interface RunFacts {
  readonly name: string;
  /** Name of its experiment. */
  readonly experiment: string;
  readonly experimentId: string;
  readonly params: ReadonlyMap<string, string>;
  /** The latest finite value of each. */
  readonly metrics: ReadonlyMap<string, number>;
  /** With what each was used for, as its run told it: training, validation, …. */
  readonly datasets: readonly { readonly name: string; readonly digest: string; readonly role: string }[];
  /** References of what it read. */
  readonly inputs: readonly { readonly ref: string; readonly path: string | null; readonly role: string }[];
  readonly codeCommit: string | null;
}

/** Facts of runs by their references (`run:…`), as far as they are known and the reader may see them. */
export type RunsOf = (refs: readonly string[], reader: Principal) => Promise<ReadonlyMap<string, RunFacts>>;

/** What a logged model takes and answers, as far as it is known and the reader may see it. */
export type SignatureOf = (loggedModel: string, reader: Principal) => Promise<CardSignature | undefined>;

/** Whether somebody may see a model, by its name. */
export type MayRead = (reader: Principal, model: string) => boolean;

/** Whether somebody may change a model, by its name. */
export type MayEdit = (editor: Principal, model: string) => boolean;
