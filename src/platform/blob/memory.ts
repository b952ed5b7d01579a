import { Readable } from 'node:stream';
import type { BlobStat, BlobStore, ByteRange } from './blob-store.ts';
import { blobErrors } from './errors.ts';
import { assertKey } from './key.ts';

/** Objects in this process's memory: for tests, and for a server whose data may end with it. */
export class MemoryBlobStore implements BlobStore {
  readonly #objects = new Map<string, Uint8Array>();

  async put(key: string, data: Uint8Array | AsyncIterable<Uint8Array>): Promise<BlobStat> {
    assertKey(key);
    const bytes = data instanceof Uint8Array ? Buffer.from(data) : await collect(data);
    this.#objects.set(key, bytes);
    return { sizeBytes: bytes.byteLength };
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    return Readable.from([Buffer.from(await this.bytes(key, range))], { objectMode: false });
  }

  async bytes(key: string, range?: ByteRange): Promise<Uint8Array> {
    assertKey(key);
    const bytes = this.#objects.get(key);
    if (!bytes) throw blobErrors.BLOB_NOT_FOUND({ key });
    return bytes.slice(range?.start, range?.end);
  }

  async stat(key: string): Promise<BlobStat | undefined> {
    assertKey(key);
    const bytes = this.#objects.get(key);
    return bytes && { sizeBytes: bytes.byteLength };
  }

  async delete(key: string): Promise<void> {
    assertKey(key);
    this.#objects.delete(key);
  }

  async *list(prefix: string): AsyncIterable<string> {
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix));
    yield* keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }
}

async function collect(data: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of data) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}
