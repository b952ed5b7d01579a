import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type BlobStore, putContent, type StoredContent } from '#platform/blob';
import { isTrimtabError } from '#platform/kernel';
import { pipelinesErrors } from './errors.ts';
import { digestOfFile } from './file-digests.ts';
import { PreparationProblem } from './preparation-problem.ts';

const PREFIX = 'pipelines/files';
const SMALL_BYTES = 1 << 20;

/** Files of pipelines in object storage, each under the digest of its bytes. */
export class Files {
  readonly #blobs: BlobStore;

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  async has(digest: string): Promise<boolean> {
    return (await this.#blobs.stat(keyOf(digest))) !== undefined;
  }

  /** @throws BLOB_NOT_FOUND */
  read(digest: string): Promise<Readable> {
    return this.#blobs.read(keyOf(digest));
  }

  /** A part of a file. @throws BLOB_NOT_FOUND */
  bytes(digest: string, start: number, end: number): Promise<Uint8Array> {
    return this.#blobs.bytes(keyOf(digest), { start, end });
  }

  store(data: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredContent> {
    return putContent(this.#blobs, PREFIX, data);
  }

  /** Stores an upload. Nothing of it stays when it breaks off. @throws PIPELINES_FILE_TOO_LARGE */
  storeUpload(stream: AsyncIterable<Uint8Array>, limitBytes: number): Promise<StoredContent> {
    return this.store(limited(stream, limitBytes));
  }

  /** Stores a file of this machine that nobody writes any more; a large one without a copy on the way. */
  async storeFile(path: string): Promise<StoredContent> {
    const { size } = await stat(path);
    if (size <= SMALL_BYTES) return this.store(await readFile(path));
    const digest = await digestOfFile(path);
    if (!(await this.has(digest))) await this.#blobs.put(keyOf(digest), createReadStream(path));
    return { digest, sizeBytes: size };
  }

  /**
   * Writes a stored file to a path, whole or not at all, and checks it on the way.
   *
   * @param draft a path beside it that nobody else uses
   * @throws PreparationProblem when its bytes are gone or damaged
   */
  async copyTo(digest: string, path: string, draft: string, what: string): Promise<void> {
    const hash = createHash('sha256');
    const watched = async function* (pieces: AsyncIterable<Uint8Array>) {
      for await (const piece of pieces) {
        hash.update(piece);
        yield piece;
      }
    };
    try {
      const source = await this.read(digest).catch((error: unknown) => {
        if (!isTrimtabError(error, 'BLOB_NOT_FOUND')) throw error;
        throw new PreparationProblem(`${what} is gone from object storage (digest ${digest}). Make it again.`, error);
      });
      await pipeline(source, watched, createWriteStream(draft, { mode: 0o600 }));
      if (hash.digest('hex') !== digest) {
        throw new PreparationProblem(`${what} is damaged in object storage (digest ${digest}). Make it again.`);
      }
      await rename(draft, path);
    } finally {
      await rm(draft, { force: true });
    }
  }
}

function keyOf(digest: string): string {
  return `${PREFIX}/${digest}`;
}

async function* limited(stream: AsyncIterable<Uint8Array>, limitBytes: number): AsyncIterable<Uint8Array> {
  let sizeBytes = 0;
  for await (const piece of stream) {
    sizeBytes += piece.length;
    if (sizeBytes > limitBytes) throw pipelinesErrors.PIPELINES_FILE_TOO_LARGE({ limitBytes });
    yield piece;
  }
}
