import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Commit } from '#contract';
import { digestOf } from '#platform/digest';
import { type Clock, isTrimtabError, type Json } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { qualityErrors } from './errors.ts';
import type { TableOpener, TablePlace } from './open-table.ts';
import type { DataFiles } from './ports.ts';
import type { QualityStore } from './store/quality-store.ts';

const COMMIT_ATTEMPTS = 5;

/** A request that makes commits: which table, who asks, and the key that makes a repetition harmless. */
export interface MakingRequest extends TablePlace {
  readonly idempotencyKey?: string;
}

/** Stores the answer with what belongs to it, in one transaction. */
export type Finish<Result> = (result: Result, also: (tx: Sql) => Promise<void>) => Promise<void>;

/** How commits are made from tables: once for each key, wherever the branch is by now, with files that go afterwards. */
export class CommitMaker {
  readonly #data: DataFiles;
  readonly #opener: TableOpener;
  readonly #database: Database;
  readonly #store: QualityStore;
  readonly #clock: Clock;
  readonly #scratchFolder: string;

  constructor(options: {
    readonly data: DataFiles;
    readonly opener: TableOpener;
    readonly database: Database;
    readonly store: QualityStore;
    readonly clock: Clock;
    readonly scratchFolder: string;
  }) {
    this.#data = options.data;
    this.#opener = options.opener;
    this.#database = options.database;
    this.#store = options.store;
    this.#clock = options.clock;
    this.#scratchFolder = options.scratchFolder;
  }

  /**
   * Runs a request. Under a key it is run once: the commit its ref means is noted before anything is done, so that a
   * repetition after a crash works on the same rows and meets the commits of the first attempt.
   *
   * @throws DATA_QUALITY_KEY_REUSED
   */
  async once<Result>(
    request: MakingRequest,
    actor: string,
    work: (place: TablePlace, finish: Finish<Result>) => Promise<Result>,
  ): Promise<Result> {
    const { repository, ref, path, idempotencyKey: key } = request;
    if (key === undefined) return work({ repository, ref, path }, (_, also) => this.#database.transaction(also));
    const begun = await this.#begin(request, actor, key);
    if (begun.answer !== null) return JSON.parse(begun.answer) as Result;
    return work({ repository, ref: begun.sourceCommit, path }, (result, also) =>
      this.#database.transaction(async (tx) => {
        await also(tx);
        await this.#store.finishRequest(tx, repository, key, JSON.stringify(result));
      }),
    );
  }

  async #begin(request: MakingRequest, actor: string, key: string) {
    const { repository } = request;
    // A request came as JSON.
    const digest = digestOf({ ...(request as unknown as Record<string, Json>), actor });
    if (!(await this.#store.findRequest(repository, key))) {
      const sourceCommit = await this.#opener.withFile(request, async (file) => file.commit);
      await this.#store.beginRequest(repository, key, { request: digest, sourceCommit }, this.#clock.now());
    }
    const begun = await this.#store.findRequest(repository, key);
    if (begun?.request !== digest) throw qualityErrors.DATA_QUALITY_KEY_REUSED({ key });
    return begun;
  }

  /** Adds new files to a branch wherever it is by now; who named the head he expects is told when it moved. */
  async commit(request: Parameters<DataFiles['commit']>[0], actor: string): Promise<Commit> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#data.commit(request, actor);
      } catch (error) {
        const moved = isTrimtabError(error, 'DATA_BRANCH_MOVED') && request.expectedHead === undefined;
        if (!moved || attempt === COMMIT_ATTEMPTS) throw error;
      }
    }
  }

  /** A folder that goes with what is in it. */
  async withFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
    await mkdir(this.#scratchFolder, { recursive: true });
    const folder = await mkdtemp(join(this.#scratchFolder, 'quality-'));
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
