import { sql as raw } from 'kysely';
import type { Json } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import type { DataTables } from './schema.ts';

export interface StoredRepository {
  readonly name: string;
  readonly description: string;
  readonly defaultBranch: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
}

export interface StoredCommit {
  readonly repository: string;
  readonly id: string;
  readonly parent: string | null;
  /** Digest of the tree's text. */
  readonly tree: string;
  readonly message: string;
  readonly author: string;
  readonly meta: { readonly [key: string]: Json };
  readonly entries: number;
  readonly sizeBytes: number;
  readonly createdAtMs: number;
}

export interface StoredBranch {
  readonly name: string;
  readonly head: string;
  readonly movedAtMs: number;
}

export interface StoredTag {
  readonly name: string;
  readonly commit: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
}

/** Tables of repositories, commits and the names that point to them. Writes take the transaction they belong to. */
export class RepositoryStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(name: string): Promise<StoredRepository | undefined> {
    const row = await this.#tables
      .selectFrom('data_repository')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst();
    return row && toRepository(row);
  }

  async list(): Promise<readonly StoredRepository[]> {
    const rows = await this.#tables.selectFrom('data_repository').selectAll().orderBy('name').execute();
    return rows.map(toRepository);
  }

  /** False when the name is taken. */
  async create(tx: Sql, repository: StoredRepository): Promise<boolean> {
    const { name, description, defaultBranch, createdBy, createdAtMs } = repository;
    const columns = ['name', 'description', 'default_branch', 'created_by', 'created_at'];
    const row = [name, description, defaultBranch, createdBy, createdAtMs];
    return (await tx.insertRows('data_repository', columns, [row], { onConflict: 'ignore' })) === 1;
  }

  async countCommits(repository: string): Promise<number> {
    const row = await this.#tables
      .selectFrom('data_commit')
      .select((e) => e.fn.countAll().as('count'))
      .where('repository', '=', repository)
      .executeTakeFirstOrThrow();
    return Number(row.count);
  }

  async findCommit(repository: string, id: string): Promise<StoredCommit | undefined> {
    const row = await this.#tables
      .selectFrom('data_commit')
      .selectAll()
      .where('repository', '=', repository)
      .where('id', '=', id)
      .executeTakeFirst();
    return row && toCommit(row);
  }

  /** Ids that start with the text, two at most: enough to tell whether it names one. */
  async findCommitIds(repository: string, prefix: string): Promise<readonly string[]> {
    const rows = await this.#tables
      .selectFrom('data_commit')
      .select('id')
      .where('repository', '=', repository)
      .where('id', '>=', prefix)
      .where('id', '<', `${prefix}g`)
      .limit(2)
      .execute();
    return rows.map((row) => row.id);
  }

  /** A commit and those before it, newest first. */
  async listHistory(repository: string, id: string, limit: number): Promise<readonly StoredCommit[]> {
    const rows = await this.#tables
      .withRecursive('history', (db) =>
        db
          .selectFrom('data_commit as c')
          .select(['c.id', 'c.parent', raw<number>`0`.as('depth')])
          .where('c.repository', '=', repository)
          .where('c.id', '=', id)
          .unionAll(
            db
              .selectFrom('data_commit as c')
              .innerJoin('history as h', 'c.id', 'h.parent')
              .select(['c.id', 'c.parent', raw<number>`h.depth + 1`.as('depth')])
              .where('c.repository', '=', repository)
              .where('h.depth', '<', limit - 1),
          ),
      )
      .selectFrom('history')
      .innerJoin('data_commit', 'data_commit.id', 'history.id')
      .selectAll('data_commit')
      .where('data_commit.repository', '=', repository)
      .orderBy('history.depth')
      .execute();
    return rows.map(toCommit);
  }

  /** Adds a commit; the same commit again is left as it is. */
  async addCommit(tx: Sql, commit: StoredCommit): Promise<void> {
    const columns = [
      'repository',
      'id',
      'parent',
      'tree',
      'message',
      'author',
      'meta',
      'entries',
      'size_bytes',
      'created_at',
    ];
    const row = [
      commit.repository,
      commit.id,
      commit.parent,
      commit.tree,
      commit.message,
      commit.author,
      JSON.stringify(commit.meta),
      commit.entries,
      commit.sizeBytes,
      commit.createdAtMs,
    ];
    await tx.insertRows('data_commit', columns, [row], { onConflict: 'ignore' });
  }

  async findKey(repository: string, key: string): Promise<{ request: string; commit: string } | undefined> {
    const row = await this.#tables
      .selectFrom('data_commit_key')
      .selectAll()
      .where('repository', '=', repository)
      .where('key', '=', key)
      .executeTakeFirst();
    return row && { request: row.request, commit: row.commit_id };
  }

  /** False when the key is taken. */
  async addKey(
    tx: Sql,
    entry: { readonly repository: string; readonly key: string; readonly request: string; readonly commit: string },
  ): Promise<boolean> {
    const row = [entry.repository, entry.key, entry.request, entry.commit];
    const columns = ['repository', 'key', 'request', 'commit_id'];
    return (await tx.insertRows('data_commit_key', columns, [row], { onConflict: 'ignore' })) === 1;
  }

  async findBranch(repository: string, name: string): Promise<StoredBranch | undefined> {
    const row = await this.#tables
      .selectFrom('data_branch')
      .selectAll()
      .where('repository', '=', repository)
      .where('name', '=', name)
      .executeTakeFirst();
    return row && { name: row.name, head: row.head, movedAtMs: row.moved_at };
  }

  async listBranches(repository: string): Promise<readonly StoredBranch[]> {
    const rows = await this.#tables
      .selectFrom('data_branch')
      .selectAll()
      .where('repository', '=', repository)
      .orderBy('name')
      .execute();
    return rows.map((row) => ({ name: row.name, head: row.head, movedAtMs: row.moved_at }));
  }

  /** False when the name is taken. */
  async createBranch(tx: Sql, repository: string, branch: StoredBranch): Promise<boolean> {
    const row = [repository, branch.name, branch.head, branch.movedAtMs];
    const columns = ['repository', 'name', 'head', 'moved_at'];
    return (await tx.insertRows('data_branch', columns, [row], { onConflict: 'ignore' })) === 1;
  }

  /** Moves a branch if it is still where the caller saw it. */
  async moveBranch(
    tx: Sql,
    move: { readonly repository: string; readonly branch: string; readonly from: string; readonly to: string },
    nowMs: number,
  ): Promise<boolean> {
    const result = await tx
      .tables<DataTables>()
      .updateTable('data_branch')
      .set({ head: move.to, moved_at: nowMs })
      .where('repository', '=', move.repository)
      .where('name', '=', move.branch)
      .where('head', '=', move.from)
      .executeTakeFirst();
    return Number(result.numUpdatedRows) === 1;
  }

  /** Removes a branch if it is still where the caller saw it. */
  async deleteBranch(tx: Sql, repository: string, branch: StoredBranch): Promise<boolean> {
    const result = await tx
      .tables<DataTables>()
      .deleteFrom('data_branch')
      .where('repository', '=', repository)
      .where('name', '=', branch.name)
      .where('head', '=', branch.head)
      .executeTakeFirst();
    return Number(result.numDeletedRows) === 1;
  }

  async findTag(repository: string, name: string): Promise<StoredTag | undefined> {
    const row = await this.#tables
      .selectFrom('data_tag')
      .selectAll()
      .where('repository', '=', repository)
      .where('name', '=', name)
      .executeTakeFirst();
    return row && toTag(row);
  }

  async listTags(repository: string): Promise<readonly StoredTag[]> {
    const rows = await this.#tables
      .selectFrom('data_tag')
      .selectAll()
      .where('repository', '=', repository)
      .orderBy('name')
      .execute();
    return rows.map(toTag);
  }

  /** False when the name is taken. */
  async createTag(tx: Sql, repository: string, tag: StoredTag): Promise<boolean> {
    const row = [repository, tag.name, tag.commit, tag.createdBy, tag.createdAtMs];
    const columns = ['repository', 'name', 'commit_id', 'created_by', 'created_at'];
    return (await tx.insertRows('data_tag', columns, [row], { onConflict: 'ignore' })) === 1;
  }

  get #tables() {
    return this.#database.tables<DataTables>();
  }
}

function toRepository(row: DataTables['data_repository']): StoredRepository {
  const { name, description, default_branch: defaultBranch, created_by: createdBy, created_at: createdAtMs } = row;
  return { name, description, defaultBranch, createdBy, createdAtMs };
}

function toCommit(row: DataTables['data_commit']): StoredCommit {
  const { repository, id, parent, tree, message, author, entries } = row;
  const meta = JSON.parse(row.meta) as StoredCommit['meta'];
  const { size_bytes: sizeBytes, created_at: createdAtMs } = row;
  return { repository, id, parent, tree, message, author, meta, entries, sizeBytes, createdAtMs };
}

function toTag(row: DataTables['data_tag']): StoredTag {
  return { name: row.name, commit: row.commit_id, createdBy: row.created_by, createdAtMs: row.created_at };
}
