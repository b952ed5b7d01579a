import type { Readable } from 'node:stream';
import type { Diff, FileChange, FileEntry, StorageFigures, TableFacts } from '#contract';
import type { ByteRange } from '#platform/blob';
import type { ContentStore } from './content.ts';
import { extensionOf } from './core/path.ts';
import { compareTrees, type EntryChange, entriesOf, findEntry, type TreeEntry } from './core/tree.ts';
import { dataErrors } from './errors.ts';
import type { HeldFile, LocalFiles } from './local-files.ts';
import type { Repositories } from './repositories.ts';
import type { ObjectStore, StoredObject } from './store/object-store.ts';
import type { StoredCommit } from './store/repository-store.ts';
import type { Trees } from './trees.ts';
import { assertPath, type Uploads } from './uploads.ts';

export interface Page {
  /** Only paths after this one. */
  readonly after?: string;
  readonly limit: number;
}

/** A file of a commit on the local disk. */
export interface LocalFile extends HeldFile {
  /** Id of the commit it was read from. */
  readonly commit: string;
  readonly object: string;
  readonly sizeBytes: number;
  readonly table: TableFacts | null;
}

/** A file of a commit, to be streamed. */
export interface ReadableFile {
  readonly object: string;
  readonly sizeBytes: number;
  stream(range?: ByteRange): Readable;
}

/** The verbs that read commits. */
export function createReading(options: {
  readonly repositories: Repositories;
  readonly objects: ObjectStore;
  readonly content: ContentStore;
  readonly files: LocalFiles;
  readonly uploads: Uploads;
  readonly trees: Trees;
}) {
  const { repositories, objects, content, files, uploads, trees } = options;

  async function listEntries(
    repository: string,
    ref: string,
    query: Page & { readonly prefix?: string },
  ): Promise<{ commit: string; entries: FileEntry[]; next: string | null }> {
    const commit = await repositories.resolve(repository, ref);
    const { prefix = '', after = '', limit } = query;
    const found: TreeEntry[] = [];
    let from = prefix;
    if (after > from) from = after;
    for await (const entry of entriesOf(await trees.load(commit.tree), trees.leaves, from)) {
      if (!entry.path.startsWith(prefix) || found.length > limit) break;
      if (entry.path !== after) found.push(entry);
    }
    const page = found.slice(0, limit);
    const tableOf = await uploads.tablesOf(page);
    const entries = page.map((entry) => ({ ...entry, table: tableOf(entry) }));
    return { commit: commit.id, entries, next: found.length > limit ? (page.at(-1)?.path ?? null) : null };
  }

  async function diff(repository: string, from: string, to: string, page: Page): Promise<Diff> {
    const first = await repositories.resolve(repository, from);
    const second = await repositories.resolve(repository, to);
    const counts = { added: 0, removed: 0, changed: 0 };
    const found: EntryChange[] = [];
    for await (const change of changesBetween(first, second)) {
      counts[kindOf(change)]++;
      if (change.path > (page.after ?? '') && found.length <= page.limit) found.push(change);
    }
    const shown = found.slice(0, page.limit);
    const next = found.length > page.limit ? (shown.at(-1)?.path ?? null) : null;
    return { from: first.id, to: second.id, ...counts, files: await withTables(shown), next };
  }

  async function* changesBetween(from: StoredCommit, to: StoredCommit): AsyncGenerator<EntryChange> {
    if (from.tree === to.tree) return;
    yield* compareTrees(await trees.load(from.tree), await trees.load(to.tree), trees.leaves);
  }

  async function withTables(changes: readonly EntryChange[]): Promise<FileChange[]> {
    const tableOf = await uploads.tablesOf(changes.flatMap(({ from, to }) => [from, to].filter((side) => !!side)));
    const side = (entry: TreeEntry | undefined) =>
      entry ? { object: entry.object, sizeBytes: entry.sizeBytes, table: tableOf(entry) } : null;
    return changes.map((change) => ({
      path: change.path,
      change: kindOf(change),
      from: side(change.from),
      to: side(change.to),
    }));
  }

  async function find(repository: string, ref: string, path: string) {
    assertPath(path);
    const commit = await repositories.resolve(repository, ref);
    const entry = await findEntry(await trees.load(commit.tree), trees.leaves, path);
    if (!entry) throw dataErrors.DATA_PATH_NOT_FOUND({ repository, ref, path });
    return { commit, entry, object: await stored(entry.object) };
  }

  async function stored(digest: string): Promise<StoredObject> {
    const object = await objects.findObject(digest);
    if (!object) throw new Error(`object ${digest} is not stored`);
    return object;
  }

  async function readFile(repository: string, ref: string, path: string): Promise<ReadableFile> {
    const { object } = await find(repository, ref, path);
    const { digest, sizeBytes } = object;
    return { object: digest, sizeBytes, stream: (range) => content.read(object, range) };
  }

  async function localFile(repository: string, ref: string, path: string): Promise<LocalFile> {
    const { commit, entry, object } = await find(repository, ref, path);
    const held = await files.hold(object, extensionOf(path));
    const table = (await uploads.tablesOf([entry]))(entry);
    return { ...held, commit: commit.id, object: entry.object, sizeBytes: entry.sizeBytes, table };
  }

  async function getStorage(
    repository: string,
    refs: { readonly from?: string; readonly to?: string },
  ): Promise<StorageFigures> {
    await repositories.get(repository);
    const digests =
      refs.to === undefined ? await objects.listUploads(repository) : await objectsOf(repository, refs.to);
    const counted = await objects.findObjects(digests);
    const known = refs.from === undefined ? undefined : await chunksOf(await objectsOf(repository, refs.from));
    const owners = new Map<string, number>();
    for (const { chunks } of counted.values()) {
      for (const digest of new Set(chunks.map((chunk) => chunk.digest))) {
        owners.set(digest, (owners.get(digest) ?? 0) + 1);
      }
    }
    const isShared = (digest: string) => (known ? known.has(digest) : (owners.get(digest) ?? 0) > 1);
    const places = [...(await objects.findChunks([...owners.keys()])).values()];
    const shared = places.filter((place) => isShared(place.digest));
    return {
      objects: counted.size,
      logicalBytes: sum([...counted.values()].map((object) => object.sizeBytes)),
      storedBytes: sum(places.map((place) => place.storedBytes)),
      chunks: places.length,
      sharedChunks: shared.length,
      sharedBytes: sum(shared.map((place) => place.storedBytes)),
    };
  }

  async function objectsOf(repository: string, ref: string): Promise<readonly string[]> {
    const { tree } = await repositories.resolve(repository, ref);
    const digests = new Set<string>();
    for await (const entry of entriesOf(await trees.load(tree), trees.leaves)) digests.add(entry.object);
    return [...digests];
  }

  async function chunksOf(digests: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await objects.findObjects(digests);
    return new Set([...found.values()].flatMap((object) => object.chunks.map((chunk) => chunk.digest)));
  }

  return { listEntries, diff, readFile, localFile, getStorage };
}

function kindOf({ from, to }: EntryChange): 'added' | 'removed' | 'changed' {
  if (!from) return 'added';
  return to ? 'changed' : 'removed';
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
