import type { Readable } from 'node:stream';

/** A range of bytes: `start` inclusive, `end` exclusive. What lies beyond the object's end is left out. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface BlobStat {
  readonly sizeBytes: number;
}

/** Bytes that were taken in whole and have no key yet. */
export interface StagedContent {
  /** Their SHA-256, 64 hex digits. */
  readonly digest: string;
  readonly sizeBytes: number;
  /** Stores them under a key; once. */
  place(key: string): Promise<void>;
  /** Frees what is held until they are placed. */
  drop(): Promise<void>;
}

/**
 * Objects by key. A key is one or more names joined by `/`; no name is empty or starts with a dot, and no key is also a
 * folder of another (with `a/b` there is no `a`).
 *
 * Guarantees: `put` is atomic — a reader sees the old object, none, or the whole new one, never a part; when it returns the
 * object is durable. Putting the same bytes again is harmless. Writers of different keys do not disturb each other. When
 * the data of a `put` fails, its error is passed on and nothing is kept.
 */
export interface BlobStore {
  /** @throws BLOB_KEY_INVALID, BLOB_UNAVAILABLE */
  put(key: string, data: Uint8Array | AsyncIterable<Uint8Array>): Promise<BlobStat>;
  /** @throws BLOB_NOT_FOUND */
  read(key: string, range?: ByteRange): Promise<Readable>;
  /** The whole object, or a range of it. @throws BLOB_NOT_FOUND */
  bytes(key: string, range?: ByteRange): Promise<Uint8Array>;
  stat(key: string): Promise<BlobStat | undefined>;
  /** Does nothing when there is none. */
  delete(key: string): Promise<void>;
  /** Takes in a stream whose key follows from its bytes, where that is possible without storing it twice. */
  stage?(data: AsyncIterable<Uint8Array>): Promise<StagedContent>;
  /** Keys that start with the prefix, in ascending order of their UTF-8 bytes. */
  list(prefix: string): AsyncIterable<string>;
}
