import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rm, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { newId, systemClock, systemRng } from '#platform/kernel';
import { placeFile, writeDurably } from './atomic-file.ts';
import type { BlobStat, BlobStore, ByteRange, StagedContent } from './blob-store.ts';
import { blobErrors } from './errors.ts';
import { codeOf, failing, isMissing, unavailable } from './file-errors.ts';
import { assertKey } from './key.ts';
import { readFile } from './read-file.ts';

/** Where objects are written before they are whole. No key can start with a dot, so no object hides here. */
const INCOMING = '.incoming';
const LEFTOVER_AGE_MS = 24 * 3_600_000;

/**
 * Objects as files of a folder. An object is written under another name, forced to disk and then renamed, so that a
 * crash leaves the old object or the new one. Several processes may share the folder.
 */
export class FolderBlobStore implements BlobStore {
  readonly #folder: string;
  readonly #rng = systemRng();
  #prepared: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  async put(key: string, data: Uint8Array | AsyncIterable<Uint8Array>): Promise<BlobStat> {
    const target = this.#pathOf(key);
    const temporary = await this.#temporary(key);
    try {
      const sizeBytes = await failing(key, writeDurably(temporary, data));
      await failing(key, placeFile(temporary, target));
      return { sizeBytes };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async stage(data: AsyncIterable<Uint8Array>): Promise<StagedContent> {
    const temporary = await this.#temporary('.');
    const drop = () => rm(temporary, { force: true });
    try {
      const hash = createHash('sha256');
      const sizeBytes = await failing(
        '.',
        writeDurably(temporary, data, (piece) => hash.update(piece)),
      );
      const place = (key: string) => failing(key, placeFile(temporary, this.#pathOf(key)));
      return { digest: hash.digest('hex'), sizeBytes, place, drop };
    } catch (error) {
      await drop();
      throw error;
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    // The open file stays readable when the object is replaced or deleted meanwhile.
    return readFile(await this.#open(key), range);
  }

  async bytes(key: string, range?: ByteRange): Promise<Uint8Array> {
    const file = await this.#open(key);
    try {
      const { size } = await file.stat();
      const start = Math.min(range?.start ?? 0, size);
      const wanted = Math.max(0, Math.min(range?.end ?? size, size) - start);
      const buffer = Buffer.allocUnsafe(wanted);
      let filled = 0;
      while (filled < wanted) {
        const { bytesRead } = await file.read(buffer, filled, wanted - filled, start + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    } catch (error) {
      throw unavailable(key, error);
    } finally {
      await file.close();
    }
  }

  async stat(key: string): Promise<BlobStat | undefined> {
    try {
      const found = await stat(this.#pathOf(key));
      return found.isFile() ? { sizeBytes: found.size } : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw unavailable(key, error);
    }
  }

  async delete(key: string): Promise<void> {
    try {
      await unlink(this.#pathOf(key));
    } catch (error) {
      if (!isMissing(error) && codeOf(error) !== 'EISDIR') throw unavailable(key, error);
    }
  }

  list(prefix: string): AsyncIterable<string> {
    return this.#walk('', prefix);
  }

  async *#walk(folder: string, prefix: string): AsyncIterable<string> {
    for (const name of await this.#names(folder)) {
      const key = folder + name;
      if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue;
      if (name.endsWith('/')) yield* this.#walk(key, prefix);
      else if (key.startsWith(prefix)) yield key;
    }
  }

  /** Names in a folder in the order of the keys they begin: a folder counts with its slash, which sorts after a dot. */
  async #names(folder: string): Promise<string[]> {
    try {
      const found = await readdir(join(this.#folder, folder), { withFileTypes: true });
      return found
        .filter((item) => !item.name.startsWith('.'))
        .map((item) => (item.isDirectory() ? `${item.name}/` : item.name))
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    } catch (error) {
      if (isMissing(error)) return [];
      throw unavailable(folder, error);
    }
  }

  async #open(key: string): Promise<FileHandle> {
    try {
      const file = await open(this.#pathOf(key), 'r');
      if ((await file.stat()).isFile()) return file;
      await file.close();
    } catch (error) {
      if (!isMissing(error)) throw unavailable(key, error);
    }
    throw blobErrors.BLOB_NOT_FOUND({ key });
  }

  /** Where an object is written before it is whole. */
  async #temporary(key: string): Promise<string> {
    this.#prepared ??= this.#prepare().catch((error: unknown) => {
      this.#prepared = undefined;
      throw error;
    });
    await failing(key, this.#prepared);
    return join(this.#folder, INCOMING, newId(systemClock, this.#rng));
  }

  /** Makes the folder of unfinished objects and clears what writers that died a day ago left in it. */
  async #prepare(): Promise<void> {
    const incoming = join(this.#folder, INCOMING);
    await mkdir(incoming, { recursive: true });
    for (const name of await readdir(incoming)) {
      const path = join(incoming, name);
      const found = await stat(path).catch(() => undefined);
      if (found && systemClock.now() - found.mtimeMs > LEFTOVER_AGE_MS) await rm(path, { force: true });
    }
  }

  #pathOf(key: string): string {
    assertKey(key);
    return join(this.#folder, key);
  }
}
