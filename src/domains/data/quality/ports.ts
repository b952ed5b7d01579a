import type { Commit, TableFacts } from '#contract';

/** A file of a commit on the local disk, until it is released. */
export interface LocalTable {
  readonly path: string;
  /** Id of the commit it was read from. */
  readonly commit: string;
  /** Digest of its bytes. */
  readonly object: string;
  readonly sizeBytes: number;
  /** What is known of it as a table since it was uploaded. */
  readonly table?: TableFacts | null;
  release(): void | Promise<void>;
}

/** What data quality needs of data versioning. */
export interface DataFiles {
  /** A file as it is at a branch, tag or commit. The local path keeps its extension. */
  localFile(repository: string, ref: string, path: string): Promise<LocalTable>;
  /** Stores a file of the local disk, to be named in a commit. */
  putLocalFile(repository: string, localPath: string): Promise<{ readonly object: string; readonly sizeBytes: number }>;
  /** Adds a commit to a branch; the same idempotency key again answers the first one. */
  commit(
    request: {
      readonly repository: string;
      readonly branch: string;
      readonly message: string;
      readonly changes: { path: string; object: string }[];
      readonly expectedHead?: string;
      readonly idempotencyKey?: string;
      readonly meta?: Record<string, unknown>;
    },
    actor: string,
  ): Promise<Commit>;
}
