import type { Readable } from 'node:stream';
import type { BlobStat, BlobStore, ByteRange } from './blob-store.ts';
import { assertKey } from './key.ts';
import { S3Bucket, type S3Options } from './s3-bucket.ts';

/** Objects of an S3 bucket under keys that mean the same in every kind of storage. */
export class S3BlobStore implements BlobStore {
  readonly #bucket: S3Bucket;

  constructor(options: S3Options) {
    this.#bucket = new S3Bucket(options);
  }

  async put(key: string, data: Uint8Array | AsyncIterable<Uint8Array>): Promise<BlobStat> {
    assertKey(key);
    return this.#bucket.put(key, data);
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    assertKey(key);
    return this.#bucket.read(key, range);
  }

  async bytes(key: string, range?: ByteRange): Promise<Uint8Array> {
    assertKey(key);
    return this.#bucket.bytes(key, range);
  }

  async stat(key: string): Promise<BlobStat | undefined> {
    assertKey(key);
    const found = await this.#bucket.head(key);
    return found && { sizeBytes: found.sizeBytes };
  }

  async delete(key: string): Promise<void> {
    assertKey(key);
    await this.#bucket.delete(key);
  }

  async *list(prefix: string): AsyncIterable<string> {
    for await (const { objects } of this.#bucket.pages(prefix)) for (const { key } of objects) yield key;
  }
}
