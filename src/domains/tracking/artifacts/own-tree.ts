import {
  assertTreePath,
  type BlobStore,
  type FileTree,
  type OpenFile,
  type Removed,
  refusedPath,
  stageContent,
  type TreeFile,
} from '#platform/blob';
import type { Clock } from '#platform/kernel';
import type { Database } from '#platform/sql';
import {
  countFiles,
  deleteFiles,
  type FileRow,
  filesBelow,
  findFile,
  obstacleOf,
  readFolder,
  usedDigests,
  writeFile,
} from './file-store.ts';
import { KeyedLock } from './keyed-lock.ts';

const PREFIX = 'artifacts';
/** Digests that are looked up in one query. */
const DIGESTS_A_QUERY = 500;

export interface OwnTreeOptions {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
}

/** The files that the server keeps itself. */
export interface OwnTree extends FileTree {
  count(folder: string): Promise<Removed>;
}

/** Files by path in the database, with their bytes by digest in the object storage: the same bytes are stored once. */
export function createOwnTree({ database, blobs, clock }: OwnTreeOptions): OwnTree {
  // Content is looked for, stored and named by a row while nobody deletes it, and the other way round.
  const locks = new KeyedLock();

  /** Deletes content that no file has any more. */
  async function release(digests: readonly string[]): Promise<void> {
    const wanted = [...new Set(digests)];
    for (let start = 0; start < wanted.length; start += DIGESTS_A_QUERY) {
      const page = wanted.slice(start, start + DIGESTS_A_QUERY);
      const used = await usedDigests(database, page);
      for (const digest of page.filter((one) => !used.has(one))) {
        await locks.hold(digest, async () => {
          if ((await usedDigests(database, [digest])).size === 0) await blobs.delete(`${PREFIX}/${digest}`);
        });
      }
    }
  }

  return {
    async put(path, data) {
      assertTreePath(path);
      const blocked = await obstacleOf(database, path);
      if (blocked) throw refusedPath(path, blocked);
      const staged = await stageContent(blobs, data);
      try {
        const { digest, sizeBytes } = staged;
        const row = { path, digest, size_bytes: sizeBytes, stored_at: clock.now() };
        const replaced = await locks.hold(digest, async () => {
          const key = `${PREFIX}/${digest}`;
          if (!(await blobs.stat(key))) await staged.place(key);
          return database.transaction(async (tx) => {
            const problem = await obstacleOf(tx, path);
            if (problem) throw refusedPath(path, problem);
            return writeFile(tx, row);
          });
        });
        if (replaced !== undefined) await release([replaced]);
        return fileOf(row);
      } finally {
        await staged.drop();
      }
    },

    async open(path): Promise<OpenFile | undefined> {
      assertTreePath(path);
      const row = await findFile(database, path);
      return row && { file: fileOf(row), read: (range) => blobs.read(`${PREFIX}/${row.digest}`, range) };
    },

    async list(folder) {
      assertTreePath(folder, 'or-root');
      const entries = await Array.fromAsync(readFolder(database, folder));
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async *walk(folder) {
      assertTreePath(folder, 'or-root');
      for await (const row of filesBelow(database, folder)) yield fileOf(row);
    },

    async remove(path) {
      assertTreePath(path, 'or-root');
      const rows = await database.transaction((tx) => deleteFiles(tx, path));
      await release(rows.map(({ digest }) => digest));
      return { files: rows.length, bytes: rows.reduce((sum, { size_bytes }) => sum + size_bytes, 0) };
    },

    count: (folder) => countFiles(database, folder),
  };
}

function fileOf(row: FileRow): TreeFile {
  return { path: row.path, sizeBytes: row.size_bytes, modifiedAtMs: row.stored_at, digest: row.digest };
}
