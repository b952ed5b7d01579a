import type { GateReport } from '#contract';
import type { Database, Sql } from '#platform/sql';
import type { StoredGate } from '../model.ts';
import type { RegistryTables } from './schema.ts';

/** Gate reports of models, which are named by their keys. They are added and never changed; the latest of a version counts. */
export class GateStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds the next report of a version. The caller holds the model. */
  async add(
    tx: Sql,
    model: string,
    { report, requestDigest }: StoredGate,
    idempotencyKey: string | null,
  ): Promise<void> {
    const newest = await tx
      .tables<RegistryTables>()
      .selectFrom('registry_gate')
      .select((e) => e.fn.max('sequence').as('top'))
      .where('model', '=', model)
      .where('number', '=', report.version)
      .executeTakeFirst();
    await tx
      .tables<RegistryTables>()
      .insertInto('registry_gate')
      .values({
        id: report.id,
        model,
        number: report.version,
        sequence: (newest?.top ?? 0) + 1,
        idempotency_key: idempotencyKey,
        request_digest: requestDigest,
        passed: report.passed ? 1 : 0,
        report: JSON.stringify(report),
        decided_at: report.decidedAtMs,
      })
      .execute();
  }

  async findByKey(tx: Sql, model: string, number: number, key: string): Promise<StoredGate | undefined> {
    const row = await tx
      .tables<RegistryTables>()
      .selectFrom('registry_gate')
      .select(['report', 'request_digest'])
      .where('model', '=', model)
      .where('number', '=', number)
      .where('idempotency_key', '=', key)
      .executeTakeFirst();
    return row && { report: toReport(row), requestDigest: row.request_digest };
  }

  async latest(model: string, number: number, sql: Sql = this.#database): Promise<GateReport | undefined> {
    const row = await sql
      .tables<RegistryTables>()
      .selectFrom('registry_gate')
      .select('report')
      .where('model', '=', model)
      .where('number', '=', number)
      .orderBy('sequence', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && toReport(row);
  }

  /** Newest first. */
  async list(model: string, number: number): Promise<readonly GateReport[]> {
    const rows = await this.#database
      .tables<RegistryTables>()
      .selectFrom('registry_gate')
      .select('report')
      .where('model', '=', model)
      .where('number', '=', number)
      .orderBy('sequence', 'desc')
      .execute();
    return rows.map(toReport);
  }

  /** The verdict of the latest gate of each of the given versions that has one. */
  async verdicts(model: string, numbers: readonly number[]): Promise<ReadonlyMap<number, boolean>> {
    if (numbers.length === 0) return new Map();
    const rows = await this.#database
      .tables<RegistryTables>()
      .selectFrom('registry_gate')
      .select(['number', 'passed'])
      .where('model', '=', model)
      .where('number', 'in', numbers)
      .orderBy('sequence')
      .execute();
    // In ascending order, so that the latest of a version is what stays.
    return new Map(rows.map(({ number, passed }) => [number, passed === 1]));
  }
}

function toReport(row: { readonly report: string }): GateReport {
  return JSON.parse(row.report) as GateReport;
}
