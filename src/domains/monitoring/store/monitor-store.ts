import type { Database, Sql } from '#platform/sql';
import type { MonitorRules, Sequence, WatchedFeature } from '../model.ts';
import type { MonitoringTables } from './schema.ts';

/** What a monitor is told to do. */
export interface MonitorSettings {
  readonly windowMs: number;
  readonly startMs: number;
  /** Undefined: every column of the reference. */
  readonly features: readonly WatchedFeature[] | undefined;
  readonly segments: readonly string[];
  readonly graceMs: number;
  readonly labelDelayMs: number;
  readonly rules: MonitorRules;
  readonly webhooks: readonly string[];
}

/** A monitor as stored. Whoever changes it names the revision he read. */
export interface StoredMonitor {
  readonly name: string;
  readonly endpoint: string;
  readonly reference: string;
  readonly referenceSinceMs: number;
  readonly settings: MonitorSettings;
  /** Start of the next window of each pass. */
  readonly inputsNextMs: number;
  readonly performanceNextMs: number;
  readonly sequence: Sequence;
  readonly revision: number;
  readonly createdAtMs: number;
}

export class MonitorStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(name: string): Promise<StoredMonitor | undefined> {
    const row = await this.#select().where('name', '=', name).executeTakeFirst();
    return row && toMonitor(row);
  }

  async list(): Promise<readonly StoredMonitor[]> {
    return (await this.#select().orderBy('name').execute()).map(toMonitor);
  }

  /** Adds a monitor; false when the name is taken. */
  async create(tx: Sql, monitor: StoredMonitor): Promise<boolean> {
    const row = toRow(monitor);
    return (
      (await tx.insertRows('monitoring_monitor', Object.keys(row), [Object.values(row)], { onConflict: 'ignore' })) ===
      1
    );
  }

  /** Replaces a monitor if nobody else did since it was read. */
  async update(tx: Sql, read: StoredMonitor, changes: Partial<StoredMonitor>): Promise<boolean> {
    const result = await tx
      .tables<MonitoringTables>()
      .updateTable('monitoring_monitor')
      .set(toRow({ ...read, ...changes, revision: read.revision + 1 }))
      .where('name', '=', read.name)
      .where('revision', '=', read.revision)
      .executeTakeFirst();
    return Number(result.numUpdatedRows) === 1;
  }

  /** Removes a monitor with its windows and alerts; false when it changed since it was read. */
  async delete(tx: Sql, read: StoredMonitor): Promise<boolean> {
    const tables = tx.tables<MonitoringTables>();
    const result = await tables
      .deleteFrom('monitoring_monitor')
      .where('name', '=', read.name)
      .where('revision', '=', read.revision)
      .executeTakeFirst();
    if (Number(result.numDeletedRows) !== 1) return false;
    await tables.deleteFrom('monitoring_window').where('monitor', '=', read.name).execute();
    await tables.deleteFrom('monitoring_alert').where('monitor', '=', read.name).execute();
    return true;
  }

  #select() {
    return this.#database.tables<MonitoringTables>().selectFrom('monitoring_monitor').selectAll();
  }
}

type Row = MonitoringTables['monitoring_monitor'];

function toRow(monitor: StoredMonitor): Row {
  return {
    name: monitor.name,
    endpoint: monitor.endpoint,
    reference: monitor.reference,
    reference_since_ms: monitor.referenceSinceMs,
    settings: JSON.stringify(monitor.settings),
    inputs_next_ms: monitor.inputsNextMs,
    performance_next_ms: monitor.performanceNextMs,
    sequence: JSON.stringify(monitor.sequence),
    revision: monitor.revision,
    created_at: monitor.createdAtMs,
  };
}

function toMonitor(row: Row): StoredMonitor {
  return {
    name: row.name,
    endpoint: row.endpoint,
    reference: row.reference,
    referenceSinceMs: row.reference_since_ms,
    settings: JSON.parse(row.settings) as MonitorSettings,
    inputsNextMs: row.inputs_next_ms,
    performanceNextMs: row.performance_next_ms,
    sequence: JSON.parse(row.sequence) as Sequence,
    revision: row.revision,
    createdAtMs: row.created_at,
  };
}
