import type { Database } from '#platform/sql';
import type { Delivery, DeliveryState, Message } from '../model.ts';
import type { WebhookTables } from './schema.ts';

/** Deliveries that wait, and those of the last days that ended. */
export class DeliveryStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds deliveries of one event; one that is there already is left as it is. */
  async add(sequence: number, deliveries: readonly Delivery[]): Promise<void> {
    const columns = ['id', 'webhook', 'sequence', 'message', 'happened_at', 'state', 'attempts', 'due_at'];
    const rows = deliveries.map(({ id, webhook, message, happenedAtMs, dueAtMs }) => [
      ...[id, webhook, sequence, JSON.stringify(message), happenedAtMs, 'waiting', 0, dueAtMs],
    ]);
    if (rows.length > 0) {
      await this.#database.insertRows('webhooks_delivery', columns, rows, { onConflict: 'ignore' });
    }
  }

  /** Deliveries that are due, the longest waiting first. */
  async due(nowMs: number, limit: number): Promise<readonly Delivery[]> {
    const rows = await this.#database
      .tables<WebhookTables>()
      .selectFrom('webhooks_delivery')
      .selectAll()
      .where('state', '=', 'waiting')
      .where('due_at', '<=', nowMs)
      .orderBy('due_at')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      id: row.id,
      webhook: row.webhook,
      message: JSON.parse(row.message) as Message,
      happenedAtMs: row.happened_at,
      attempts: row.attempts,
      dueAtMs: row.due_at,
    }));
  }

  /** What became of deliveries to a webhook, the latest event first. */
  async list(webhook: string, limit: number): Promise<readonly DeliveryState[]> {
    const rows = await this.#database
      .tables<WebhookTables>()
      .selectFrom('webhooks_delivery')
      .selectAll()
      .where('webhook', '=', webhook)
      .orderBy('sequence', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      id: row.id,
      message: JSON.parse(row.message) as Message,
      // Written by this class alone.
      state: row.state as DeliveryState['state'],
      attempts: row.attempts,
      outcome: row.outcome,
      happenedAtMs: row.happened_at,
      dueAtMs: row.state === 'waiting' ? row.due_at : null,
      endedAtMs: row.done_at,
    }));
  }

  /** When the next delivery is due; undefined when none waits. */
  async nextDueMs(): Promise<number | undefined> {
    const row = await this.#database
      .tables<WebhookTables>()
      .selectFrom('webhooks_delivery')
      .select((e) => e.fn.min('due_at').as('due'))
      .where('state', '=', 'waiting')
      .executeTakeFirst();
    return row?.due ?? undefined;
  }

  /** Takes a delivery for one try, until some time; false when another took it. */
  async claim({ id, attempts, dueAtMs }: Delivery, untilMs: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#database
      .tables<WebhookTables>()
      .updateTable('webhooks_delivery')
      .set({ attempts: attempts + 1, due_at: untilMs })
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .where('attempts', '=', attempts)
      .where('due_at', '=', dueAtMs)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  async wait(id: string, dueAtMs: number, outcome: string): Promise<void> {
    await this.#update(id, { due_at: dueAtMs, outcome });
  }

  async end(id: string, state: 'delivered' | 'failed', outcome: string, nowMs: number): Promise<void> {
    await this.#update(id, { state, outcome, done_at: nowMs });
  }

  async #update(id: string, values: Partial<WebhookTables['webhooks_delivery']>): Promise<void> {
    await this.#database
      .tables<WebhookTables>()
      .updateTable('webhooks_delivery')
      .set(values)
      .where('id', '=', id)
      .execute();
  }

  /** Forgets what ended before some time. */
  async forget(beforeMs: number): Promise<void> {
    await this.#database
      .tables<WebhookTables>()
      .deleteFrom('webhooks_delivery')
      .where('state', '!=', 'waiting')
      .where('done_at', '<', beforeMs)
      .execute();
  }
}
