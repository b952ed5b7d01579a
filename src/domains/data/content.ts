import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { BlobStore, ByteRange } from '#platform/blob';
import { sha256 } from '#platform/digest';
import type { Clock } from '#platform/kernel';
import { chunked } from './core/chunker.ts';
import { type ChunkName, type Piece, piecesOf } from './core/manifest.ts';
import { dataErrors } from './errors.ts';
import { decode, PACK_BYTES, PackWriter, packKey, type RawChunk } from './packs.ts';
import type { ChunkPlace, ObjectStore, StoredObject } from './store/object-store.ts';

const READ_BYTES = 1024 * 1024;
/** Chunks looked up at a time, and how much of a pack is read at once. */
const LOOK_UP = 256;
const RUN_BYTES = 4 * 1024 * 1024;
/** Large files cut and stored at the same time: each holds up to a pack of chunks in memory. */
const LARGE_AT_ONCE = 3;
const LARGE_BYTES = 1024 * 1024;

/** Stores files as chunks, each chunk once, and reads them back. */
export class ContentStore {
  readonly #blobs: BlobStore;
  readonly #store: ObjectStore;
  readonly #packs: PackWriter;
  readonly #clock: Clock;
  readonly #queue: (() => void)[] = [];
  #large = 0;

  constructor(options: { readonly blobs: BlobStore; readonly store: ObjectStore; readonly clock: Clock }) {
    this.#blobs = options.blobs;
    this.#store = options.store;
    this.#packs = new PackWriter(options.blobs, options.store);
    this.#clock = options.clock;
  }

  /** Stores a local file under its digest. Chunks that are stored already, from whatever file, are not written again. */
  async putFile(path: string, digest: string, sizeBytes: number): Promise<void> {
    if (await this.#store.findObject(digest)) return;
    const large = sizeBytes > LARGE_BYTES;
    if (large) await this.#enter();
    try {
      const chunks: ChunkName[] = [];
      let batch: RawChunk[] = [];
      let batchBytes = 0;
      for await (const bytes of chunked(createReadStream(path, { highWaterMark: READ_BYTES }))) {
        const chunk = { digest: sha256(bytes), bytes };
        chunks.push({ digest: chunk.digest, sizeBytes: bytes.length });
        batch.push(chunk);
        batchBytes += bytes.length;
        if (batchBytes < PACK_BYTES) continue;
        await this.#writeNew(batch);
        batch = [];
        batchBytes = 0;
      }
      await this.#writeNew(batch);
      await this.#store.addObject({ digest, sizeBytes, chunks }, this.#clock.now());
    } finally {
      if (large) this.#leave();
    }
  }

  /** Streams an object, or a range of it. @throws DATA_CHUNK_DAMAGED while streaming when a chunk is not what it was */
  read(object: StoredObject, range: ByteRange = { start: 0, end: object.sizeBytes }): Readable {
    return Readable.from(this.#pieces(object, range), { objectMode: false });
  }

  async *#pieces(object: StoredObject, range: ByteRange): AsyncGenerator<Uint8Array> {
    const pieces = piecesOf(object.chunks, range);
    for (let at = 0; at < pieces.length; at += LOOK_UP) {
      const batch = pieces.slice(at, at + LOOK_UP);
      const places = await this.#store.findChunks([...new Set(batch.map((piece) => piece.chunk.digest))]);
      const runs = runsOf(object, batch, places);
      let coming = runs[0] && this.#load(runs[0]);
      for (const [index, run] of runs.entries()) {
        const stored = await coming;
        const next = runs[index + 1];
        coming = next && this.#load(next);
        // A reader that leaves early never awaits what was read ahead.
        coming?.catch(() => undefined);
        for (const part of run.parts) yield opened(object, part, run, stored ?? new Uint8Array());
      }
    }
  }

  #load(run: Run): Promise<Uint8Array> {
    return this.#blobs.bytes(packKey(run.pack), { start: run.start, end: run.end });
  }

  async #writeNew(batch: readonly RawChunk[]): Promise<void> {
    const known = await this.#store.findChunks([...new Set(batch.map((chunk) => chunk.digest))]);
    const fresh = batch.filter((chunk) => !known.has(chunk.digest));
    if (fresh.length > 0) await this.#packs.write(fresh);
  }

  async #enter(): Promise<void> {
    if (this.#large < LARGE_AT_ONCE) this.#large++;
    else await new Promise<void>((enter) => this.#queue.push(enter));
  }

  #leave(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#large--;
  }
}

interface Part {
  readonly piece: Piece;
  readonly place: ChunkPlace;
}

/** Chunks that lie one behind the other in a pack, read with one request. */
interface Run {
  readonly pack: string;
  readonly start: number;
  end: number;
  readonly parts: Part[];
}

function runsOf(
  object: StoredObject,
  pieces: readonly Piece[],
  places: ReadonlyMap<string, ChunkPlace>,
): readonly Run[] {
  const runs: Run[] = [];
  for (const piece of pieces) {
    const place = places.get(piece.chunk.digest);
    if (!place) throw damaged(object, piece.chunk.digest, 'unknown');
    const last = runs.at(-1);
    const end = place.startByte + place.storedBytes;
    if (last && last.pack === place.pack && last.end === place.startByte && end - last.start <= RUN_BYTES) {
      last.parts.push({ piece, place });
      last.end = end;
    } else runs.push({ pack: place.pack, start: place.startByte, end, parts: [{ piece, place }] });
  }
  return runs;
}

function opened(object: StoredObject, part: Part, run: Run, stored: Uint8Array): Uint8Array {
  const { place, piece } = part;
  const from = place.startByte - run.start;
  const bytes = decode(place, stored.subarray(from, from + place.storedBytes));
  if (!bytes) throw damaged(object, place.digest, place.pack);
  return bytes.subarray(piece.start, piece.end);
}

function damaged(object: StoredObject, chunk: string, pack: string) {
  return dataErrors.DATA_CHUNK_DAMAGED({ object: object.digest, chunk, pack });
}
