import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobStore, StagedContent } from './blob-store.ts';

export interface StoredContent {
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly digest: string;
  readonly sizeBytes: number;
}

/** What is held in memory before a stream is set down in a file on its way. */
const MEMORY_BYTES = 4 * 1024 * 1024;

/**
 * Stores bytes under the key `<prefix>/<their SHA-256>`. The digest is known only at the end, so a large stream goes
 * through a temporary file; memory stays below a few MiB. Bytes that are there already are not written again.
 *
 * @example
 * const { digest } = await putContent(blobs, 'models', file);
 * const bytes = await blobs.bytes(`models/${digest}`);
 */
export async function putContent(
  blobs: BlobStore,
  prefix: string,
  data: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<StoredContent> {
  const staged = await stageContent(blobs, data);
  try {
    const { digest, sizeBytes } = staged;
    const key = `${prefix}/${digest}`;
    if (!(await blobs.stat(key))) await staged.place(key);
    return { digest, sizeBytes };
  } finally {
    await staged.drop();
  }
}

/** Takes bytes in whole, to be put under a key that follows from them. Whoever calls it must `drop` what it answers. */
export async function stageContent(
  blobs: BlobStore,
  data: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<StagedContent> {
  if (data instanceof Uint8Array) {
    const digest = createHash('sha256').update(data).digest('hex');
    return staged(blobs, { digest, sizeBytes: data.byteLength }, () => data);
  }
  return blobs.stage ? blobs.stage(data) : spooled(blobs, data);
}

async function spooled(blobs: BlobStore, data: AsyncIterable<Uint8Array>): Promise<StagedContent> {
  const hash = createHash('sha256');
  const head: Uint8Array[] = [];
  let sizeBytes = 0;
  let spool: Spool | undefined;
  try {
    for await (const part of data) {
      hash.update(part);
      sizeBytes += part.byteLength;
      if (spool) await spool.write(part);
      else {
        head.push(Buffer.from(part));
        if (sizeBytes >= MEMORY_BYTES) spool = await openSpool(head.splice(0));
      }
    }
    const { read, close } = spool ?? { read: () => Buffer.concat(head), close: undefined };
    return staged(blobs, { digest: hash.digest('hex'), sizeBytes }, read, close);
  } catch (error) {
    await spool?.close();
    throw error;
  }
}

function staged(
  blobs: BlobStore,
  content: StoredContent,
  read: () => Uint8Array | AsyncIterable<Uint8Array>,
  close: () => Promise<void> = async () => undefined,
): StagedContent {
  return { ...content, place: async (key) => void (await blobs.put(key, read())), drop: close };
}

interface Spool {
  write(part: Uint8Array): Promise<void>;
  read(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

async function openSpool(head: readonly Uint8Array[]): Promise<Spool> {
  const folder = await mkdtemp(join(tmpdir(), 'trimtab-content-'));
  const path = join(folder, 'content');
  const file = await open(path, 'wx');
  for (const part of head) await file.writeFile(part);
  return {
    write: (part) => file.writeFile(part),
    read: () => createReadStream(path),
    close: async () => {
      await file.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
