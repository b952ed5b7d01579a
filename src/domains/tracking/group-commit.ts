import type { Database, Sql } from '#platform/sql';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

interface GroupCommitOptions<Item, Result> {
  readonly database: Database;
  /** Stores items in a transaction and answers a result for each, in their order. */
  readonly storeAll: (tx: Sql, items: readonly Item[]) => Promise<readonly Result[]>;
  /** How much of a transaction an item is; each counts for one if left out. */
  readonly weightOf?: (item: Item) => number;
  /** What a transaction holds; more wait for the next. A heavier item has one of its own. */
  readonly maxWeight: number;
}

/** How often a transaction is begun anew that the database gave up for the sake of another. */
const MAX_ATTEMPTS = 8;
/** PostgreSQL's codes of a deadlock and of a transaction that cannot be put in an order with others. */
const GIVEN_UP = new Set(['40P01', '40001']);

/**
 * Stores items so that `store` returns when they are committed. Items that arrive while a transaction runs share the
 * next one, and an idle writer commits at once. An item that is refused is refused alone.
 */
export class GroupCommit<Item, Result> {
  readonly #options: GroupCommitOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #running: Promise<void> | undefined;

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = options;
  }

  store(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      // Requests that the sockets brought in one turn of the event loop share a transaction.
      this.#running ??= new Promise<void>((done) => setImmediate(done)).then(() => this.#drain());
    });
  }

  /** Waits until everything handed over is committed or refused. */
  async settle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#commit(this.#take());
    } finally {
      this.#running = undefined;
    }
  }

  #take(): Waiting<Item, Result>[] {
    const { weightOf = () => 1, maxWeight } = this.#options;
    let weight = 0;
    let count = 0;
    for (const { item } of this.#waiting) {
      weight += weightOf(item);
      if (count > 0 && weight > maxWeight) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(group: readonly Waiting<Item, Result>[], attempt = 1): Promise<void> {
    const { database, storeAll } = this.#options;
    let results: readonly Result[];
    try {
      const items = group.map(({ item }) => item);
      results = await database.transaction((tx) => storeAll(tx, items));
    } catch (error) {
      if (attempt < MAX_ATTEMPTS && GIVEN_UP.has((error as { code?: string }).code ?? '')) {
        return this.#commit(group, attempt + 1);
      }
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
