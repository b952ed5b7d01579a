import type { ReferenceSummary } from '#contract';
import type { Database } from '#platform/sql';
import type { FrozenReference } from '../model.ts';
import type { MonitoringTables } from './schema.ts';

/** How many references are kept in memory; a monitor needs the one it compares with, and now and then the one before. */
const KEPT = 8;

/** References by digest. They never change, so what was read once stays true. */
export class ReferenceStore {
  readonly #database: Database;
  readonly #kept = new Map<string, FrozenReference>();

  constructor(database: Database) {
    this.#database = database;
  }

  async add(reference: FrozenReference, summary: ReferenceSummary, nowMs: number): Promise<void> {
    const columns = ['id', 'content', 'summary', 'created_at'];
    const row = [summary.id, JSON.stringify(reference), JSON.stringify(summary), nowMs];
    await this.#database.insertRows('monitoring_reference', columns, [row], { onConflict: 'ignore' });
  }

  async find(id: string): Promise<FrozenReference | undefined> {
    const kept = this.#kept.get(id);
    if (kept) return kept;
    const row = await this.#table().select('content').where('id', '=', id).executeTakeFirst();
    if (!row) return undefined;
    // Checked when it was added.
    const reference = JSON.parse(row.content) as FrozenReference;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(id, reference);
    return reference;
  }

  async findSummary(id: string): Promise<ReferenceSummary | undefined> {
    const row = await this.#table().select('summary').where('id', '=', id).executeTakeFirst();
    return row && (JSON.parse(row.summary) as ReferenceSummary);
  }

  #table() {
    return this.#database.tables<MonitoringTables>().selectFrom('monitoring_reference');
  }
}
