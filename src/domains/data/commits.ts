import type { Change, Commit } from '#contract';
import { digestOf } from '#platform/digest';
import { type Clock, type Json, ref } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { foldersOf } from './core/path.ts';
import { findEntry, type Tree, type TreeChanges, type TreeEntry } from './core/tree.ts';
import { dataErrors } from './errors.ts';
import type { LineageLog } from './ports.ts';
import { commitId, type Repositories, toCommit } from './repositories.ts';
import type { ObjectStore } from './store/object-store.ts';
import type { RepositoryStore, StoredCommit } from './store/repository-store.ts';
import type { NewTree, Trees } from './trees.ts';
import { assertPath, type Uploads } from './uploads.ts';

export interface CommitRequest {
  readonly repository: string;
  readonly branch: string;
  readonly message: string;
  readonly changes: readonly Change[];
  /** Refuse when the branch is not at this commit any more. */
  readonly expectedHead?: string;
  /** The same key again answers the first commit. */
  readonly idempotencyKey?: string;
  readonly meta?: Readonly<Record<string, unknown>>;
}

/**
 * The verb that makes commits: everything is checked and built before the one transaction that stores the commit and moves the
 * branch from the head that was read.
 */
export function createCommits(options: {
  readonly database: Database;
  readonly store: RepositoryStore;
  readonly objects: ObjectStore;
  readonly repositories: Repositories;
  readonly uploads: Uploads;
  readonly trees: Trees;
  readonly clock: Clock;
  readonly lineage: LineageLog;
}) {
  const { database, store, objects, repositories, uploads, trees, clock, lineage } = options;

  async function commit(request: CommitRequest, actor: string): Promise<Commit> {
    const { repository, branch } = request;
    await repositories.get(repository);
    const earlier = await findByKey(request, actor);
    if (earlier) return earlier;
    const seen = await store.findBranch(repository, branch);
    if (!seen) throw dataErrors.DATA_BRANCH_NOT_FOUND({ repository, branch });
    const base = request.expectedHead ?? seen.head;
    const parent = await store.findCommit(repository, base);
    if (!parent) throw moved(request, base, seen.head);
    const changes = await checkedChanges(request);
    const before = await trees.load(parent.tree);
    const after = await trees.change(before, changes);
    assertRemovable(request, after, base);
    await assertNoFileInFile(after, changes);
    const next = { ...nextCommit(request, parent, after, actor), createdAtMs: clock.now() };
    if (seen.head !== base) {
      // A repetition of the request that made the head, whose answer was lost, is answered; all else comes too late.
      const head = seen.head === next.id ? await find(repository, next.id) : await findByKey(request, actor);
      if (!head) throw moved(request, base, seen.head);
      return head;
    }
    try {
      // What changes no file makes no commit; its key still stands for the answer.
      if (after.id === parent.tree) {
        await database.transaction((tx) => addKey(tx, request, actor, parent.id));
        return toCommit(parent);
      }
      await keep(request, { parent, next, after }, actor);
      // The same commit may have been made before, on another branch: then it has its first time.
      return (await find(repository, next.id)) ?? toCommit(next);
    } catch (error) {
      if (!(error instanceof KeyTaken)) throw error;
      // The same request arrived twice at once: the other one made the commit.
      const twin = await findByKey(request, actor);
      if (!twin) throw error;
      return twin;
    }
  }

  async function keep(
    request: CommitRequest,
    made: { readonly parent: StoredCommit; readonly next: StoredCommit; readonly after: NewTree },
    actor: string,
  ): Promise<void> {
    const { repository, branch, message: reason } = request;
    const { parent, next, after } = made;
    await database
      .transaction(async (tx) => {
        await addKey(tx, request, actor, next.id);
        await trees.store(tx, after);
        await store.addCommit(tx, next);
        const move = { repository, branch, from: parent.id, to: next.id };
        if (!(await store.moveBranch(tx, move, clock.now()))) throw new BranchMoved();
        await repositories.announce(tx, { ...move, actor, reason });
        await lineage.link(tx, { from: refOf(parent), to: refOf(next), relation: 'parent' });
      })
      .catch(async (error: unknown) => {
        if (!(error instanceof BranchMoved)) throw error;
        const head = (await store.findBranch(repository, branch))?.head ?? null;
        throw moved(request, parent.id, head);
      });
  }

  async function addKey(
    tx: Parameters<RepositoryStore['addKey']>[0],
    request: CommitRequest,
    actor: string,
    commit: string,
  ): Promise<void> {
    const { repository, idempotencyKey: key } = request;
    if (key === undefined) return;
    if (!(await store.addKey(tx, { repository, key, request: digestOfRequest(request, actor), commit }))) {
      throw new KeyTaken();
    }
  }

  async function findByKey(request: CommitRequest, actor: string): Promise<Commit | undefined> {
    const { repository, idempotencyKey: key } = request;
    const earlier = key === undefined ? undefined : await store.findKey(repository, key);
    if (key === undefined || !earlier) return undefined;
    if (earlier.request !== digestOfRequest(request, actor)) {
      throw dataErrors.DATA_KEY_REUSED({ key, commit: earlier.commit });
    }
    return find(repository, earlier.commit);
  }

  async function find(repository: string, id: string): Promise<Commit | undefined> {
    const commit = await store.findCommit(repository, id);
    return commit && toCommit(commit);
  }

  /** The changes as entries, every path sound, every object there and what its path promises. */
  async function checkedChanges({ repository, changes }: CommitRequest): Promise<TreeChanges> {
    for (const { path } of changes) assertPath(path);
    const wanted = changes.flatMap((change) => ('object' in change ? [change.object] : []));
    const sizes = await objects.findUploads(repository, [...new Set(wanted)]);
    const checked = new Map<string, TreeEntry | null>();
    for (const change of changes) {
      const { path } = change;
      if (checked.has(path)) throw dataErrors.DATA_CHANGES_CONFLICT({ path, problem: 'is changed twice' });
      if (!('object' in change)) {
        checked.set(path, null);
        continue;
      }
      const sizeBytes = sizes.get(change.object);
      if (sizeBytes === undefined) {
        throw dataErrors.DATA_OBJECT_NOT_FOUND({ repository, path, object: change.object });
      }
      checked.set(path, { path, object: change.object, sizeBytes });
    }
    await uploads.checkTables([...checked.values()].filter((entry) => entry !== null));
    return checked;
  }

  /** No path may be a file and a folder at once, or a checkout could not write it. */
  async function assertNoFileInFile({ tree, nodes }: NewTree, changes: TreeChanges): Promise<void> {
    const load = trees.leavesWith(nodes);
    const checked = new Set<string>();
    for (const entry of changes.values()) {
      if (entry === null) continue;
      const folders = foldersOf(entry.path).filter((folder) => !checked.has(folder));
      for (const folder of folders) {
        checked.add(folder);
        if (await findEntry(tree, load, folder)) throw fileAndFolder(folder);
      }
      if (await holdsFolder(tree, load, entry.path)) throw fileAndFolder(entry.path);
    }
  }

  return { commit };
}

async function holdsFolder(tree: Tree, load: Trees['leaves'], path: string): Promise<boolean> {
  const first = `${path}/`;
  const leaf = tree.find((candidate) => candidate.last >= first);
  const entries = leaf && (await load([leaf.digest])).get(leaf.digest);
  return entries?.find((entry) => entry.path >= first)?.path.startsWith(first) ?? false;
}

function fileAndFolder(path: string) {
  return dataErrors.DATA_CHANGES_CONFLICT({ path, problem: 'would be a file and a folder at once' });
}

/** Another writer moved the branch between reading and writing it. */
class BranchMoved extends Error {}

/** Another request with the same key was stored first. */
class KeyTaken extends Error {}

function assertRemovable({ repository, branch }: CommitRequest, { missing }: NewTree, base: string): void {
  const [path] = missing;
  if (path === undefined) return;
  throw dataErrors.DATA_PATH_NOT_FOUND({ repository, ref: `${branch} (${base.slice(0, 12)})`, path });
}

function nextCommit(request: CommitRequest, parent: StoredCommit, after: NewTree, author: string) {
  const { repository, message } = request;
  // The body was JSON, so its meta is.
  const meta = (request.meta ?? {}) as StoredCommit['meta'];
  const content = { repository, tree: after.id, parent: parent.id, message, author, meta };
  const entries = after.tree.reduce((sum, leaf) => sum + leaf.entries, 0);
  const sizeBytes = after.tree.reduce((sum, leaf) => sum + leaf.sizeBytes, 0);
  return { ...content, id: commitId(content), entries, sizeBytes };
}

/** What a key stands for. The expected head is not part of it: who asks again may have read a newer one. */
function digestOfRequest({ branch, message, changes, meta }: CommitRequest, actor: string): string {
  const content = { actor, branch, message, changes, meta: meta ?? {} };
  return digestOf(content as unknown as Json);
}

function refOf(commit: StoredCommit): string {
  return ref('commit', `${commit.repository}/${commit.id}`);
}

function moved({ repository, branch }: CommitRequest, expected: string, head: string | null) {
  return dataErrors.DATA_BRANCH_MOVED({ repository, branch, expected, head });
}
