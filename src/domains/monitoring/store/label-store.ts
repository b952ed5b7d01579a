import type { Database, Sql } from '#platform/sql';
import type { MonitoringTables } from './schema.ts';

const LOOK_UP_IDS = 1000;

export interface RecordedLabel {
  readonly inferenceId: string;
  readonly value: number;
  readonly atMs: number;
  readonly predicted: boolean;
}

/** What really happened, by endpoint and inference id. A label is a fact: the first one stays. */
export class LabelStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns how many are new */
  add(tx: Sql, endpoint: string, labels: readonly RecordedLabel[], nowMs: number): Promise<number> {
    const columns = ['endpoint', 'inference_id', 'value', 'at_ms', 'recorded_at', 'predicted'];
    const rows = labels.map(({ inferenceId, value, atMs, predicted }) => [
      endpoint,
      inferenceId,
      value,
      atMs,
      nowMs,
      predicted ? 1 : 0,
    ]);
    return tx.insertRows('monitoring_label', columns, rows, { onConflict: 'ignore' });
  }

  /** Labels of the given ids, by id. */
  async find(endpoint: string, inferenceIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (let start = 0; start < inferenceIds.length; start += LOOK_UP_IDS) {
      const rows = await this.#table()
        .select(['inference_id', 'value'])
        .where('endpoint', '=', endpoint)
        .where('inference_id', 'in', inferenceIds.slice(start, start + LOOK_UP_IDS))
        .execute();
      for (const row of rows) found.set(row.inference_id, row.value);
    }
    return found;
  }

  /** How many labels are of ids that had not been predicted when they came. */
  async countUnknown(endpoint: string): Promise<number> {
    const row = await this.#table()
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('endpoint', '=', endpoint)
      .where('predicted', '=', 0)
      .executeTakeFirst();
    return Number(row?.count ?? 0);
  }

  #table() {
    return this.#database.tables<MonitoringTables>().selectFrom('monitoring_label');
  }
}
