import { sql as raw } from 'kysely';
import type { Database } from '#platform/sql';
import type { ServingTables } from './schema.ts';

const DAY_MS = 86_400_000;
const FLUSH_MS = 1000;

export interface ErrorDay {
  readonly dayMs: number;
  readonly code: string;
  readonly count: number;
}

/**
 * Counts refused and failed requests by endpoint, day and code. Counts are gathered in memory and stored every second:
 * an error costs no transaction, and a crash loses at most the last second of counts.
 */
export class ErrorCounts {
  readonly #database: Database;
  readonly #pending = new Map<string, ServingTables['serving_error_day']>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(database: Database) {
    this.#database = database;
  }

  add(endpoint: string, atMs: number, code: string): void {
    const day_ms = Math.floor(atMs / DAY_MS) * DAY_MS;
    const key = `${endpoint}\n${day_ms}\n${code}`;
    const counted = this.#pending.get(key);
    if (counted) counted.count++;
    else this.#pending.set(key, { endpoint, day_ms, code, count: 1 });
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  async byDay(endpoint: string): Promise<readonly ErrorDay[]> {
    await this.flush();
    const rows = await this.#database
      .tables<ServingTables>()
      .selectFrom('serving_error_day')
      .selectAll()
      .where('endpoint', '=', endpoint)
      .orderBy('day_ms')
      .orderBy('code')
      .execute();
    return rows.map((row) => ({ dayMs: row.day_ms, code: row.code, count: row.count }));
  }

  /** Stores what was counted. A write that fails is tried again at the next flush. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#store());
    return this.#flushing;
  }

  async #store(): Promise<void> {
    const counts = [...this.#pending.values()];
    if (counts.length === 0) return;
    this.#pending.clear();
    try {
      await this.#database.transaction(async (tx) => {
        for (const count of counts) {
          await tx
            .tables<ServingTables>()
            .insertInto('serving_error_day')
            .values(count)
            .onConflict((conflict) =>
              conflict
                .columns(['endpoint', 'day_ms', 'code'])
                .doUpdateSet({ count: raw`serving_error_day.count + excluded.count` }),
            )
            .execute();
        }
      });
    } catch {
      for (const { endpoint, day_ms, code, count } of counts) {
        for (let i = 0; i < count; i++) this.add(endpoint, day_ms, code);
      }
    }
  }
}
