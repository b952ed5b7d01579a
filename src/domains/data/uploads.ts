import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { TableFacts, Upload } from '#contract';
import { type Clock, isTrimtabError } from '#platform/kernel';
import type { ContentStore } from './content.ts';
import { extensionOf, pathProblem } from './core/path.ts';
import { dataErrors } from './errors.ts';
import type { LocalFiles } from './local-files.ts';
import type { TableInspector } from './ports.ts';
import type { Repositories } from './repositories.ts';
import type { ObjectStore } from './store/object-store.ts';
import { inspectTable, mayHoldTable } from './tables.ts';

export type Uploads = ReturnType<typeof createUploads>;

/** The verbs that bring bytes in. A file becomes an object only when all of it is here and it is what its name promises. */
export function createUploads(options: {
  readonly repositories: Repositories;
  readonly store: ObjectStore;
  readonly content: ContentStore;
  readonly files: LocalFiles;
  readonly tables: TableInspector;
  readonly clock: Clock;
  readonly limitBytes: number;
}) {
  const { repositories, store, content, files, tables, clock, limitBytes } = options;

  /** Stores what a caller sends as a file of the given path. */
  async function upload(repository: string, path: string, source: AsyncIterable<Uint8Array>): Promise<Upload> {
    assertPath(path);
    await repositories.get(repository);
    const extension = extensionOf(path);
    const localPath = await files.incoming(extension);
    try {
      const received = await receive(path, source, localPath, limitBytes);
      const stored = await keep(repository, { path, localPath, ...received });
      await files.adopt(localPath, received, extension);
      return stored;
    } finally {
      await rm(localPath, { force: true });
    }
  }

  /** Stores a file of the local disk; it stays where it is. */
  async function putLocalFile(repository: string, localPath: string): Promise<Upload> {
    await repositories.get(repository);
    const { size: sizeBytes } = await stat(localPath);
    const hash = createHash('sha256');
    for await (const part of createReadStream(localPath, { highWaterMark: 1024 * 1024 })) hash.update(part as Buffer);
    return keep(repository, { path: basename(localPath), localPath, digest: hash.digest('hex'), sizeBytes });
  }

  async function keep(
    repository: string,
    file: { readonly path: string; readonly localPath: string; readonly digest: string; readonly sizeBytes: number },
  ): Promise<Upload> {
    const { path, localPath, digest: object, sizeBytes } = file;
    const lookUp = await store.findTables([{ object, extension: extensionOf(path) }]);
    const known = lookUp({ object, extension: extensionOf(path) });
    const table = known === undefined ? await inspectTable(tables, { path, localPath }) : known;
    await content.putFile(localPath, object, sizeBytes);
    if (known === undefined && mayHoldTable(path)) await store.addTable(object, extensionOf(path), table);
    await store.addUpload(repository, object, clock.now());
    return { object, sizeBytes, table };
  }

  /**
   * Makes sure that stored objects are what the paths they are committed under promise; an object may have been uploaded
   * under another name.
   */
  async function checkTables(entries: readonly { readonly path: string; readonly object: string }[]): Promise<void> {
    const possible = entries
      .filter((entry) => mayHoldTable(entry.path))
      .map(({ path, object }) => ({ path, object, extension: extensionOf(path) }));
    const known = await store.findTables(possible);
    for (const { path, object, extension } of possible) {
      if (known({ object, extension }) !== undefined) continue;
      const stored = await store.findObject(object);
      if (!stored) throw new Error(`object ${object} is not stored`);
      const held = await files.hold(stored, extension);
      try {
        await store.addTable(object, extension, await inspectTable(tables, { path, localPath: held.path }));
      } finally {
        held.release();
      }
    }
  }

  /** Table facts of entries, by path and object. */
  async function tablesOf(
    entries: readonly { readonly path: string; readonly object: string }[],
  ): Promise<(entry: { readonly path: string; readonly object: string }) => TableFacts | null> {
    const possible = entries.filter((entry) => mayHoldTable(entry.path));
    const known = await store.findTables(
      possible.map(({ path, object }) => ({ object, extension: extensionOf(path) })),
    );
    return ({ path, object }) => known({ object, extension: extensionOf(path) }) ?? null;
  }

  return { upload, putLocalFile, checkTables, tablesOf };
}

/** @throws DATA_PATH_INVALID naming what is wrong with it */
export function assertPath(path: string): void {
  const problem = pathProblem(path);
  if (problem) throw dataErrors.DATA_PATH_INVALID({ path: path.slice(0, 200), problem });
}

/** Writes what comes to a local file, hashing on the way. */
async function receive(
  name: string,
  source: AsyncIterable<Uint8Array>,
  localPath: string,
  limitBytes: number,
): Promise<{ readonly digest: string; readonly sizeBytes: number }> {
  const file = await open(localPath, 'wx');
  try {
    return await copy(name, source, file, limitBytes);
  } finally {
    await file.close();
  }
}

async function copy(name: string, source: AsyncIterable<Uint8Array>, file: FileHandle, limitBytes: number) {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const part of unbroken(name, source)) {
    sizeBytes += part.length;
    if (sizeBytes > limitBytes) throw dataErrors.DATA_UPLOAD_TOO_LARGE({ name, limitBytes });
    hash.update(part);
    await file.writeFile(part);
  }
  return { digest: hash.digest('hex'), sizeBytes };
}

/** Tells a caller who went away from a disk that failed. */
async function* unbroken(name: string, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    // A body beyond the limit is not broken: who reads it has said already what is wrong.
    if (isTrimtabError(error) && error.kind === 'too-large') throw error;
    throw dataErrors.DATA_UPLOAD_BROKEN({ name }, error);
  }
}
