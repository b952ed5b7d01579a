import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobStore } from './blob-store.ts';

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
  if (data instanceof Uint8Array)
    return place(blobs, prefix, createHash('sha256').update(data).digest('hex'), () => data);
  const hash = createHash('sha256');
  const head: Uint8Array[] = [];
  let headBytes = 0;
  let spool: Spool | undefined;
  try {
    for await (const part of data) {
      hash.update(part);
      if (spool) await spool.write(part);
      else {
        head.push(Buffer.from(part));
        headBytes += part.byteLength;
        if (headBytes >= MEMORY_BYTES) spool = await openSpool(head.splice(0));
      }
    }
    const whole = spool ?? { read: () => Buffer.concat(head) };
    return await place(blobs, prefix, hash.digest('hex'), whole.read);
  } finally {
    await spool?.close();
  }
}

async function place(
  blobs: BlobStore,
  prefix: string,
  digest: string,
  read: () => Uint8Array | AsyncIterable<Uint8Array>,
): Promise<StoredContent> {
  const key = `${prefix}/${digest}`;
  const { sizeBytes } = (await blobs.stat(key)) ?? (await blobs.put(key, read()));
  return { digest, sizeBytes };
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
