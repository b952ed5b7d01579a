import type { Events } from '#platform/events';
import { ref } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';

/** How long changes of a run are gathered before pages are told of it. */
const GATHER_MS = 500;

/**
 * Tells that runs changed. What ends or moves a run is told in the transaction of the change; what is merely logged is
 * gathered, so that a training loop that logs a thousand times a second makes two events of it. A crash can lose such a
 * notice but nothing it tells of.
 */
export class RunNews {
  readonly #database: Database;
  readonly #events: Events;
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> = Promise.resolve();

  constructor(database: Database, events: Events) {
    this.#database = database;
    this.#events = events;
  }

  /** Tells of a change within its transaction. */
  tell(tx: Sql, run: string, what: 'created' | 'changed'): Promise<void> {
    return this.#events.publish(tx, { topic: `tracking.run.${what}`, subject: ref('run', run), payload: {} });
  }

  /** Notes that something was logged; told soon. */
  logged(run: string): void {
    this.#changed.add(run);
    this.#timer ??= setTimeout(() => void this.settle().catch(() => undefined), GATHER_MS).unref();
  }

  /** Tells now what was noted. */
  settle(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const changed = [...this.#changed];
    this.#changed = new Set();
    if (changed.length > 0) this.#telling = this.#telling.catch(() => undefined).then(() => this.#tellAll(changed));
    return this.#telling;
  }

  #tellAll(runs: readonly string[]): Promise<void> {
    return this.#database.transaction(async (tx) => {
      for (const run of runs) await this.tell(tx, run, 'changed');
    });
  }
}
