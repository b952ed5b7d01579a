import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { BlobStore } from '#platform/blob';
import { sha256 } from '#platform/digest';
import type { ChunkPlace, ObjectStore } from './store/object-store.ts';

export interface RawChunk {
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/**
 * A chunk takes a tenth or two of a millisecond here; handed to another thread it takes three times that, for the context that each
 * call sets up. Level 1 makes chunks of this size as small as level 3 does, in half the time.
 */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** After this many chunks others get their turn. */
const TURN_CHUNKS = 16;

/** A pack holds about this much; also what one writer may hand over at a time. */
export const PACK_BYTES = 16 * 1024 * 1024;
/** A chunk is stored compressed when that saves at least an eighth; reading it back is then worth the work. */
const WORTH = 7 / 8;
const PACKS_AT_ONCE = 2;
/** Few bytes wait this long for company: a pack costs storage more than it costs its writer to wait. */
const FEW_BYTES = 1024 * 1024;
const GATHER_MS = 3;

interface Waiting {
  readonly chunks: readonly RawChunk[];
  readonly bytes: number;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Writes chunks into packs: objects of many chunks each, so that storage holds few large objects instead of many small ones.
 * Chunks that come while packs are being written wait and share the next one. A pack is durable before the index names it, so a
 * crash leaves at most a pack that nothing refers to.
 */
export class PackWriter {
  readonly #blobs: BlobStore;
  readonly #store: ObjectStore;
  readonly #waiting: Waiting[] = [];
  #writing = 0;

  constructor(blobs: BlobStore, store: ObjectStore) {
    this.#blobs = blobs;
    this.#store = store;
  }

  /** Stores chunks; when it returns they can be read. */
  write(chunks: readonly RawChunk[]): Promise<void> {
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0);
    return new Promise((done, failed) => {
      this.#waiting.push({ chunks, bytes, done, failed });
      if (this.#writing < PACKS_AT_ONCE) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#writing++;
    while (this.#waiting.length > 0) {
      if (bytesOf(this.#waiting) < FEW_BYTES) await pause(GATHER_MS);
      const batch = this.#take();
      try {
        await this.#writePack(batch.flatMap((waiting) => waiting.chunks));
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#writing--;
  }

  #take(): readonly Waiting[] {
    let count = 0;
    for (let bytes = 0; count < this.#waiting.length && bytes < PACK_BYTES; count++) {
      bytes += this.#waiting[count]?.bytes ?? 0;
    }
    return this.#waiting.splice(0, count);
  }

  async #writePack(chunks: readonly RawChunk[]): Promise<void> {
    const distinct = [...new Map(chunks.map((chunk) => [chunk.digest, chunk])).values()];
    if (distinct.length === 0) return;
    const stored: ReturnType<typeof encode>[] = [];
    for (const [index, chunk] of distinct.entries()) {
      if (index % TURN_CHUNKS === TURN_CHUNKS - 1) await nextTurn();
      stored.push(encode(chunk));
    }
    const content = Buffer.concat(stored.map((chunk) => chunk.bytes));
    // Named by what it holds: writing it again after a crash writes the same bytes to the same place.
    const pack = sha256(content);
    await this.#blobs.put(packKey(pack), content);
    const places: ChunkPlace[] = [];
    let startByte = 0;
    for (const { digest, bytes, sizeBytes, encoding } of stored) {
      places.push({ digest, pack, startByte, storedBytes: bytes.length, sizeBytes, encoding });
      startByte += bytes.length;
    }
    await this.#store.addChunks(places);
  }
}

function bytesOf(waiting: readonly Waiting[]): number {
  return waiting.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Where a pack lies in object storage. */
export function packKey(pack: string): string {
  return `data/packs/${pack}`;
}

function encode({ digest, bytes }: RawChunk) {
  const smaller = zstdCompressSync(bytes, ZSTD);
  const sizeBytes = bytes.length;
  if (smaller.length <= sizeBytes * WORTH) return { digest, bytes: smaller, sizeBytes, encoding: 'zstd' } as const;
  return { digest, bytes, sizeBytes, encoding: 'raw' } as const;
}

/** The chunk's own bytes, or nothing when what was stored is not what the chunk's digest says. */
export function decode(place: ChunkPlace, stored: Uint8Array): Uint8Array | undefined {
  try {
    const bytes = place.encoding === 'zstd' ? zstdDecompressSync(stored) : stored;
    return sha256(bytes) === place.digest ? bytes : undefined;
  } catch {
    // The decompressor refuses what is no zstd frame.
    return undefined;
  }
}
