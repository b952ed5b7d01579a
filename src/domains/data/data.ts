import { type Commit, UPLOAD_LIMIT_BYTES } from '#contract';
import type { BlobStore } from '#platform/blob';
import type { Events } from '#platform/events';
import type { Clock, Rng } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { createCommits } from './commits.ts';
import { ContentStore } from './content.ts';
import { LocalFiles } from './local-files.ts';
import type { LineageLog, PointerLog, TableInspector } from './ports.ts';
import { createReading } from './reading.ts';
import { createRepositories, toCommit } from './repositories.ts';
import { ObjectStore } from './store/object-store.ts';
import { RepositoryStore } from './store/repository-store.ts';
import { Trees } from './trees.ts';
import { createUploads } from './uploads.ts';

export interface DataOptions {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: Events;
  readonly pointerLog: PointerLog;
  readonly lineage: LineageLog;
  readonly tables: TableInspector;
  /** Folder of this process alone for files on their way and local copies; emptied when first used. */
  readonly scratchFolder: string;
  /** What local copies may take, bytes; 4 GiB when left out. */
  readonly localCopiesBytes?: number;
  /** Largest upload, bytes; what the contract says when left out. */
  readonly uploadLimitBytes?: number;
}

const LOCAL_COPIES_BYTES = 4 * 1024 ** 3;

export type Data = ReturnType<typeof createData>;

/**
 * The verbs of data versioning. Bytes first: chunks are durable before an object names them, objects are stored before a commit
 * names them, and a commit and the move of its branch are one transaction. A crash in between leaves only what nobody refers to.
 */
export function createData(options: DataOptions) {
  const { database, blobs, clock, rng, events, pointerLog, lineage, tables } = options;
  const store = new RepositoryStore(database);
  const objects = new ObjectStore(database);
  const content = new ContentStore({ blobs, store: objects, clock });
  const limitBytes = options.localCopiesBytes ?? LOCAL_COPIES_BYTES;
  const files = new LocalFiles({ folder: options.scratchFolder, limitBytes, content, clock, rng });
  const repositories = createRepositories({ database, store, clock, events, pointerLog });
  const uploads = createUploads({
    repositories,
    store: objects,
    content,
    files,
    tables,
    clock,
    limitBytes: options.uploadLimitBytes ?? UPLOAD_LIMIT_BYTES,
  });
  const trees = new Trees(objects);
  const { commit } = createCommits({ database, store, objects, repositories, uploads, trees, clock, lineage });
  const reading = createReading({ repositories, objects, content, files, uploads, trees });

  /** The commits that lead to a ref, newest first; with `before` those that lead to that commit. */
  async function listCommits(
    repository: string,
    query: { readonly ref: string; readonly limit: number; readonly before?: string },
  ): Promise<Commit[]> {
    const start = await repositories.resolve(repository, query.before ?? query.ref);
    const first = query.before === undefined ? start.id : start.parent;
    if (first === null) return [];
    return (await store.listHistory(repository, first, query.limit)).map(toCommit);
  }

  return {
    createRepository: repositories.create,
    listRepositories: repositories.list,
    getRepository: repositories.detail,
    listBranches: repositories.listBranches,
    createBranch: repositories.createBranch,
    deleteBranch: repositories.deleteBranch,
    listTags: repositories.listTags,
    createTag: repositories.createTag,
    upload: uploads.upload,
    /** Stores a file of the local disk, which stays where it is; its name tells what it is. */
    putLocalFile: uploads.putLocalFile,
    commit,
    listCommits,
    getCommit: async (repository: string, ref: string): Promise<Commit> =>
      toCommit(await repositories.resolve(repository, ref)),
    listEntries: reading.listEntries,
    diff: reading.diff,
    readFile: reading.readFile,
    /** A file of a commit as a file of the local disk, for readers that want a path. Release it when done. */
    localFile: reading.localFile,
    getStorage: reading.getStorage,
  };
}
