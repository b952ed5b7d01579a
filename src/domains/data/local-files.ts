import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Clock, newId, type Rng } from '#platform/kernel';
import type { ContentStore } from './content.ts';
import type { StoredObject } from './store/object-store.ts';

/** A file of the local disk that stays until it is released. */
export interface HeldFile {
  readonly path: string;
  release(): void;
}

interface Cached {
  readonly path: string;
  readonly sizeBytes: number;
  readonly ready: Promise<void>;
  users: number;
}

/**
 * Objects as files of the local disk, for readers such as DuckDB that want a path. A cache: a file nobody holds may go when the
 * cache is over its limit, the one unused longest first. The folder is this process's own and is emptied when first used.
 */
export class LocalFiles {
  readonly #folder: string;
  readonly #limitBytes: number;
  readonly #content: ContentStore;
  readonly #clock: Clock;
  readonly #rng: Rng;
  /** In the order of last use. */
  readonly #files = new Map<string, Cached>();
  #usedBytes = 0;
  #prepared: Promise<void> | undefined;

  constructor(options: {
    readonly folder: string;
    readonly limitBytes: number;
    readonly content: ContentStore;
    readonly clock: Clock;
    readonly rng: Rng;
  }) {
    this.#folder = options.folder;
    this.#limitBytes = options.limitBytes;
    this.#content = options.content;
    this.#clock = options.clock;
    this.#rng = options.rng;
  }

  /** A path to write a new file to; the caller adopts or removes it. */
  async incoming(extension: string): Promise<string> {
    this.#prepared ??= this.#prepare();
    await this.#prepared;
    return join(this.#folder, 'incoming', newId(this.#clock, this.#rng) + extension);
  }

  /** A new path for each copy, so that removing an old one never meets a new one. */
  #place(extension: string): string {
    return join(this.#folder, 'files', newId(this.#clock, this.#rng) + extension);
  }

  /** Takes a whole file, just written and stored, as the local copy of its object. */
  async adopt(path: string, object: { readonly digest: string; readonly sizeBytes: number }, extension: string) {
    const key = object.digest + extension;
    if (this.#files.has(key)) return rm(path, { force: true });
    const target = this.#place(extension);
    await this.#add(key, { path: target, sizeBytes: object.sizeBytes, ready: rename(path, target), users: 0 }).ready;
    await this.#evict();
  }

  /** The object as a local file with the extension. Release it when done. */
  async hold(object: StoredObject, extension: string): Promise<HeldFile> {
    const key = object.digest + extension;
    const cached = this.#files.get(key) ?? this.#add(key, this.#fetch(object, extension));
    cached.users++;
    this.#files.delete(key);
    this.#files.set(key, cached);
    let held = true;
    const release = () => {
      if (held) cached.users--;
      held = false;
    };
    try {
      await cached.ready;
      await this.#evict();
    } catch (error) {
      release();
      throw error;
    }
    return { path: cached.path, release };
  }

  #fetch(object: StoredObject, extension: string): Cached {
    const path = this.#place(extension);
    const write = async () => {
      const temporary = await this.incoming(extension);
      try {
        await pipeline(this.#content.read(object), createWriteStream(temporary));
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    };
    return { path, sizeBytes: object.sizeBytes, ready: write(), users: 0 };
  }

  #add(key: string, cached: Cached): Cached {
    this.#files.set(key, cached);
    this.#usedBytes += cached.sizeBytes;
    cached.ready.catch(() => {
      if (this.#files.get(key) !== cached) return;
      this.#files.delete(key);
      this.#usedBytes -= cached.sizeBytes;
    });
    return cached;
  }

  async #evict(): Promise<void> {
    for (const [key, cached] of this.#files) {
      if (this.#usedBytes <= this.#limitBytes) return;
      if (cached.users > 0) continue;
      this.#files.delete(key);
      this.#usedBytes -= cached.sizeBytes;
      await cached.ready;
      await rm(cached.path, { force: true });
    }
  }

  async #prepare(): Promise<void> {
    for (const name of ['incoming', 'files']) {
      await rm(join(this.#folder, name), { recursive: true, force: true });
      await mkdir(join(this.#folder, name), { recursive: true });
    }
  }
}
