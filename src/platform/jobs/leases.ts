import type { Clock } from '#platform/kernel';
import type { Database, Migration } from '#platform/sql';

interface Tables {
  job_lease: { name: string; holder: string; token: number; expires_at: number };
}

export const jobsMigrations: readonly Migration[] = [
  {
    id: 'jobs-001-leases',
    up: (sql) =>
      sql
        .tables<Tables>()
        .schema.createTable('job_lease')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('holder', 'text', (c) => c.notNull())
        .addColumn('token', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .execute(),
  },
];

/** A right that one holder has until a time. The token grows with each new holder, to fence off a former one. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly token: number;
  readonly expiresAtMs: number;
}

/**
 * Leases in the database: of several API processes exactly one does a piece of periodic work. A holder that dies is
 * succeeded when its lease has expired, or at once by one who knows it dead.
 */
export class Leases {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(options: { readonly database: Database; readonly clock: Clock }) {
    this.#database = options.database;
    this.#clock = options.clock;
  }

  /**
   * Takes or prolongs a lease.
   *
   * @param isDead tells of a present holder whether it is known to be gone, so that its lease need not run out
   * @returns the lease, or undefined while somebody else holds it
   */
  async acquire(
    name: string,
    holder: string,
    durationMs: number,
    isDead: (holder: string) => boolean = () => false,
  ): Promise<Lease | undefined> {
    const nowMs = this.#clock.now();
    const expiresAtMs = nowMs + durationMs;
    return this.#database.transaction(async (tx) => {
      const columns = ['name', 'holder', 'token', 'expires_at'];
      const first = [[name, holder, 1, expiresAtMs]];
      if (await tx.insertRows('job_lease', columns, first, { onConflict: 'ignore' })) {
        return { name, holder, token: 1, expiresAtMs };
      }
      const tables = tx.tables<Tables>();
      const present = await tables.selectFrom('job_lease').selectAll().where('name', '=', name).executeTakeFirst();
      if (!present) return undefined;
      const mine = present.holder === holder;
      if (!mine && present.expires_at > nowMs && !isDead(present.holder)) return undefined;
      const token = mine ? present.token : present.token + 1;
      const taken = await tables
        .updateTable('job_lease')
        .set({ holder, token, expires_at: expiresAtMs })
        .where('name', '=', name)
        .where('holder', '=', present.holder)
        .where('token', '=', present.token)
        .executeTakeFirst();
      return Number(taken.numUpdatedRows) === 1 ? { name, holder, token, expiresAtMs } : undefined;
    });
  }

  /** Gives a lease back early. Does nothing when somebody else holds it by now. */
  async release(lease: Lease): Promise<void> {
    await this.#database
      .tables<Tables>()
      .updateTable('job_lease')
      .set({ expires_at: 0 })
      .where('name', '=', lease.name)
      .where('holder', '=', lease.holder)
      .where('token', '=', lease.token)
      .execute();
  }
}
