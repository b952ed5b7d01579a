import type { Database, Sql } from '#platform/sql';
import type { StoredWebhook, WebhookEvent } from '../model.ts';
import type { WebhookTables } from './schema.ts';

/** Webhooks. */
export class WebhookStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(tx: Sql, webhook: StoredWebhook): Promise<void> {
    const row = rowOf(webhook);
    await tx.tables<WebhookTables>().insertInto('webhooks_webhook').values(row).execute();
  }

  async find(id: string): Promise<StoredWebhook | undefined> {
    const row = await this.#select().where('id', '=', id).executeTakeFirst();
    return row && toWebhook(row);
  }

  /** Those made last come first. */
  async list(page?: { readonly offset: number; readonly limit: number }): Promise<readonly StoredWebhook[]> {
    let query = this.#select().orderBy('created_at', 'desc').orderBy('id', 'desc');
    if (page) query = query.limit(page.limit).offset(page.offset);
    return (await query.execute()).map(toWebhook);
  }

  async count(): Promise<number> {
    const row = await this.#database
      .tables<WebhookTables>()
      .selectFrom('webhooks_webhook')
      .select((e) => e.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return Number(row.count);
  }

  /** Puts a webhook in the place of the one it was, unless somebody changed that meanwhile: then false. */
  async replace(tx: Sql, webhook: StoredWebhook, before: StoredWebhook): Promise<boolean> {
    const { id, ...values } = rowOf(webhook);
    const { numUpdatedRows } = await tx
      .tables<WebhookTables>()
      .updateTable('webhooks_webhook')
      .set(values)
      .where('id', '=', id)
      .where('updated_at', '=', before.updatedAtMs)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Deletes a webhook as it was read, with what waits for it; false when it is gone or was changed meanwhile. */
  async delete(tx: Sql, { id, updatedAtMs }: StoredWebhook): Promise<boolean> {
    const tables = tx.tables<WebhookTables>();
    const { numDeletedRows } = await tables
      .deleteFrom('webhooks_webhook')
      .where('id', '=', id)
      .where('updated_at', '=', updatedAtMs)
      .executeTakeFirst();
    if (numDeletedRows === 0n) return false;
    await tables.deleteFrom('webhooks_delivery').where('webhook', '=', id).execute();
    return true;
  }

  #select() {
    return this.#database.tables<WebhookTables>().selectFrom('webhooks_webhook').selectAll();
  }
}

function rowOf(webhook: StoredWebhook): WebhookTables['webhooks_webhook'] {
  const { id, name, description, url, events, secret, active, createdAtMs, updatedAtMs } = webhook;
  return {
    ...{ id, name, description, url, secret },
    events: JSON.stringify(events),
    active: active ? 1 : 0,
    created_at: createdAtMs,
    updated_at: updatedAtMs,
  };
}

function toWebhook(row: WebhookTables['webhooks_webhook']): StoredWebhook {
  const { id, name, description, url, secret } = row;
  return {
    ...{ id, name, description, url, secret },
    events: JSON.parse(row.events) as WebhookEvent[],
    active: row.active === 1,
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
  };
}
