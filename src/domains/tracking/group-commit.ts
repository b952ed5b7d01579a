import type { Database, Sql } from '#platform/sql';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Items of one transaction; more wait for the next. */
const MAX_GROUP = 500;

/**
 * Stores items so that `store` returns when they are committed. Items that arrive while a transaction runs share the
 * next one, and an idle writer commits at once. An item that is refused is refused alone.
 */
export class GroupCommit<Item, Result> {
  readonly #database: Database;
  readonly #storeAll: (tx: Sql, items: readonly Item[]) => Promise<readonly Result[]>;
  #waiting: Waiting<Item, Result>[] = [];
  #running: Promise<void> | undefined;

  /** @param storeAll stores items in a transaction and answers a result for each, in their order */
  constructor(database: Database, storeAll: (tx: Sql, items: readonly Item[]) => Promise<readonly Result[]>) {
    this.#database = database;
    this.#storeAll = storeAll;
  }

  store(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      // Node runs next ticks when the promises that are ready have run: requests of one turn share a transaction.
      this.#running ??= new Promise<void>((done) => process.nextTick(done)).then(() => this.#drain());
    });
  }

  /** Waits until everything handed over is committed or refused. */
  async settle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, MAX_GROUP));
    } finally {
      this.#running = undefined;
    }
  }

  async #commit(group: readonly Waiting<Item, Result>[]): Promise<void> {
    let results: readonly Result[];
    try {
      const items = group.map(({ item }) => item);
      results = await this.#database.transaction((tx) => this.#storeAll(tx, items));
    } catch (error) {
      const [only] = group;
      if (group.length === 1 && only) only.reject(error);
      // One of them is at fault: each on its own, so that it cannot fail its neighbours.
      else for (const waiting of group) await this.#commit([waiting]);
      return;
    }
    group.forEach(({ resolve }, index) => {
      // One for each, by the contract of `storeAll`.
      resolve(results[index] as Result);
    });
  }
}
