import type { Branch, Commit, Repository, RepositoryDetail, Tag } from '#contract';
import { digestOf } from '#platform/digest';
import type { Events } from '#platform/events';
import { assertName, type Clock, ref as typedRef } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { dataErrors } from './errors.ts';
import type { PointerLog } from './ports.ts';
import type { RepositoryStore, StoredBranch, StoredCommit, StoredRepository } from './store/repository-store.ts';
import { EMPTY_TREE } from './trees.ts';

const DEFAULT_BRANCH = 'main';
const COMMIT_ID = /^[0-9a-f]{64}$/;
const SHORT_ID = /^[0-9a-f]{7,63}$/;

/** What is written in the transaction that moves a branch. */
export interface BranchMove {
  readonly repository: string;
  readonly branch: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly actor: string;
  readonly reason: string;
}

export type Repositories = ReturnType<typeof createRepositories>;

/** The verbs on repositories and on the names that point to commits. */
export function createRepositories(options: {
  readonly database: Database;
  readonly store: RepositoryStore;
  readonly clock: Clock;
  readonly events: Events;
  readonly pointerLog: PointerLog;
}) {
  const { database, store, clock, events, pointerLog } = options;

  async function get(name: string): Promise<StoredRepository> {
    const repository = await store.find(name);
    if (!repository) throw dataErrors.DATA_REPOSITORY_NOT_FOUND({ repository: name });
    return repository;
  }

  async function create(
    request: { readonly name: string; readonly description?: string },
    actor: string,
  ): Promise<RepositoryDetail> {
    assertName('repository', request.name);
    const { name, description = '' } = request;
    const nowMs = clock.now();
    const first = firstCommit(name, actor, nowMs);
    await database.transaction(async (tx) => {
      const repository = { name, description, defaultBranch: DEFAULT_BRANCH, createdBy: actor, createdAtMs: nowMs };
      if (!(await store.create(tx, repository))) return;
      await store.addCommit(tx, first);
      await store.createBranch(tx, name, { name: DEFAULT_BRANCH, head: first.id, movedAtMs: nowMs });
      await announce(tx, {
        repository: name,
        branch: DEFAULT_BRANCH,
        from: null,
        to: first.id,
        actor,
        reason: first.message,
      });
    });
    return detail(name);
  }

  async function detail(name: string): Promise<RepositoryDetail> {
    const [summary, branches, tags] = await Promise.all([
      get(name).then(summarise),
      store.listBranches(name),
      store.listTags(name),
    ]);
    return { ...summary, branches: branches.map(copy), tags: tags.map(copy) };
  }

  async function summarise(repository: StoredRepository): Promise<Repository> {
    const branch = await store.findBranch(repository.name, repository.defaultBranch);
    const latest = branch && (await store.findCommit(repository.name, branch.head));
    return {
      ...repository,
      commits: await store.countCommits(repository.name),
      latest: latest ? toCommit(latest) : null,
    };
  }

  /** The commit a branch, a tag, an id or the unambiguous start of an id (7 digits or more) names. */
  async function resolve(repository: string, ref: string): Promise<StoredCommit> {
    await get(repository);
    const id = await idOf(repository, ref);
    const commit = id === undefined ? undefined : await store.findCommit(repository, id);
    if (!commit) throw dataErrors.DATA_REF_NOT_FOUND({ repository, ref });
    return commit;
  }

  async function idOf(repository: string, ref: string): Promise<string | undefined> {
    if (COMMIT_ID.test(ref)) return ref;
    const named = (await store.findBranch(repository, ref))?.head ?? (await store.findTag(repository, ref))?.commit;
    if (named !== undefined || !SHORT_ID.test(ref)) return named;
    const ids = await store.findCommitIds(repository, ref);
    return ids.length === 1 ? ids[0] : undefined;
  }

  async function createBranch(
    repository: string,
    request: { readonly name: string; readonly from: string },
    actor: string,
  ): Promise<Branch> {
    const { name } = request;
    assertFreeName('branch', name);
    const { id: head } = await resolve(repository, request.from);
    if (await store.findTag(repository, name)) throw taken('branch', name, 'a tag has this name');
    const branch: StoredBranch = { name, head, movedAtMs: clock.now() };
    await database.transaction(async (tx) => {
      if (!(await store.createBranch(tx, repository, branch))) return;
      await announce(tx, { repository, branch: name, from: null, to: head, actor, reason: `from ${request.from}` });
    });
    const existing = await store.findBranch(repository, name);
    if (existing?.head !== head) throw taken('branch', name, 'a branch of this name is at another commit');
    return { ...existing };
  }

  async function deleteBranch(repository: string, name: string, actor: string, reason: string): Promise<void> {
    const { defaultBranch } = await get(repository);
    const branch = await store.findBranch(repository, name);
    if (!branch) throw dataErrors.DATA_BRANCH_NOT_FOUND({ repository, branch: name });
    if (name === defaultBranch) throw dataErrors.DATA_BRANCH_PROTECTED({ repository, branch: name });
    const deleted = await database.transaction(async (tx) => {
      if (!(await store.deleteBranch(tx, repository, branch))) return false;
      await announce(tx, { repository, branch: name, from: branch.head, to: null, actor, reason });
      return true;
    });
    if (deleted) return;
    const head = (await store.findBranch(repository, name))?.head ?? null;
    throw dataErrors.DATA_BRANCH_MOVED({ repository, branch: name, expected: branch.head, head });
  }

  async function createTag(
    repository: string,
    request: { readonly name: string; readonly ref: string },
    actor: string,
  ): Promise<Tag> {
    const { name } = request;
    assertFreeName('tag', name);
    const { id: commit } = await resolve(repository, request.ref);
    if (await store.findBranch(repository, name)) throw taken('tag', name, 'a branch has this name');
    await database.transaction(async (tx) => {
      const tag = { name, commit, createdBy: actor, createdAtMs: clock.now() };
      if (!(await store.createTag(tx, repository, tag))) return;
      const pointer = `tag:${repository}/${name}`;
      await pointerLog.record(tx, { actor, pointer, from: null, to: commit, reason: `names ${request.ref}` });
      const subject = typedRef('commit', `${repository}/${commit}`);
      await events.publish(tx, { topic: 'data.tag.created', subject, payload: { repository, tag: name, commit } });
    });
    const existing = await store.findTag(repository, name);
    if (existing?.commit !== commit) throw taken('tag', name, 'a tag of this name is at another commit, for ever');
    return { ...existing };
  }

  /** Writes a branch's move to the audit log and to the outbox. */
  async function announce(tx: Sql, move: BranchMove): Promise<void> {
    const { repository, branch, from, to, actor, reason } = move;
    await pointerLog.record(tx, { actor, pointer: `branch:${repository}/${branch}`, from, to, reason });
    const subject = typedRef('commit', `${repository}/${to ?? from}`);
    const payload = { repository, branch, from, to, reason };
    await events.publish(tx, { topic: 'data.branch.moved', subject, payload });
  }

  return {
    get,
    create,
    detail,
    list: async (): Promise<readonly Repository[]> => Promise.all((await store.list()).map(summarise)),
    resolve,
    listBranches: async (name: string): Promise<readonly Branch[]> => {
      await get(name);
      return store.listBranches(name);
    },
    listTags: async (name: string): Promise<readonly Tag[]> => {
      await get(name);
      return store.listTags(name);
    },
    createBranch,
    deleteBranch,
    createTag,
    announce,
  };
}

function firstCommit(repository: string, author: string, createdAtMs: number): StoredCommit {
  const message = 'Repository created';
  const content = { repository, tree: EMPTY_TREE, parent: null, message, author, meta: {} };
  return { ...content, id: commitId(content), entries: 0, sizeBytes: 0, createdAtMs };
}

/** The id of a commit: a digest over everything but the time it was written down. */
export function commitId(
  commit: Pick<StoredCommit, 'repository' | 'tree' | 'parent' | 'message' | 'author' | 'meta'>,
): string {
  const { repository, tree, parent, message, author, meta } = commit;
  return digestOf({ repository, tree, parents: parent === null ? [] : [parent], message, author, meta });
}

export function toCommit(commit: StoredCommit): Commit {
  const { repository, id, parent, message, author, createdAtMs, meta, entries, sizeBytes } = commit;
  return {
    id,
    ref: typedRef('commit', `${repository}/${id}`),
    repository,
    parents: parent === null ? [] : [parent],
    message,
    author,
    createdAtMs,
    meta: { ...meta },
    entries,
    sizeBytes,
  };
}

function assertFreeName(what: 'branch' | 'tag', name: string): void {
  assertName(what, name);
  if (COMMIT_ID.test(name) || SHORT_ID.test(name)) throw taken(what, name, 'it reads like the id of a commit');
}

function taken(what: string, name: string, problem: string) {
  return dataErrors.DATA_NAME_TAKEN({ what, name, problem });
}

function copy<T extends object>(value: T): T {
  return { ...value };
}
