import type { WindowSummary } from '#contract';
import type { Database, Sql } from '#platform/sql';
import type { InputsReport, MonitorVerdict, PerformanceReport } from '../model.ts';
import type { MonitoringTables } from './schema.ts';

export interface StoredWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly inputs: InputsReport;
  readonly performance: PerformanceReport | null;
}

/** Which windows: those that start in [fromMs, toMs), the newest `limit` of them. */
export interface WindowRange {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly limit: number;
}

/** Evaluated windows. Verdicts have columns of their own, so that a list need not read whole reports. */
export class WindowStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async addInputs(tx: Sql, monitor: string, startMs: number, endMs: number, inputs: InputsReport): Promise<void> {
    const drifted = inputs.drift.features.filter((feature) => feature.drifted).map(({ feature }) => feature);
    await tx
      .tables<MonitoringTables>()
      .insertInto('monitoring_window')
      .values({
        monitor,
        start_ms: startMs,
        end_ms: endMs,
        rows: inputs.rows,
        integrity: inputs.integrity.verdict,
        drift: inputs.drift.verdict,
        latency: inputs.latency.verdict,
        performance: null,
        drifted: JSON.stringify(drifted),
        labelled: null,
        problems: JSON.stringify(inputs.problems),
        inputs: JSON.stringify(inputs),
        report: null,
      })
      .execute();
  }

  async addPerformance(tx: Sql, monitor: string, window: StoredWindow, report: PerformanceReport): Promise<void> {
    await tx
      .tables<MonitoringTables>()
      .updateTable('monitoring_window')
      .set({
        performance: report.verdict,
        labelled: report.labelled,
        report: JSON.stringify(report),
        problems: JSON.stringify([...window.inputs.problems, ...report.problems]),
      })
      .where('monitor', '=', monitor)
      .where('start_ms', '=', window.startMs)
      .execute();
  }

  async find(monitor: string, startMs: number): Promise<StoredWindow | undefined> {
    const row = await this.#table()
      .selectAll()
      .where('monitor', '=', monitor)
      .where('start_ms', '=', startMs)
      .executeTakeFirst();
    return row && toWindow(row);
  }

  /** Whole reports, oldest first. */
  async list(monitor: string, range: WindowRange): Promise<readonly StoredWindow[]> {
    const rows = await this.#within(monitor, range).selectAll().execute();
    return rows.reverse().map(toWindow);
  }

  /** Windows in short, oldest first. */
  async listSummaries(monitor: string, range: WindowRange): Promise<readonly WindowSummary[]> {
    const rows = await this.#within(monitor, range).select(SHORT).execute();
    return rows.reverse().map((row) => ({
      startMs: row.start_ms,
      endMs: row.end_ms,
      rows: row.rows,
      integrity: row.integrity as MonitorVerdict,
      drift: row.drift as MonitorVerdict,
      latency: row.latency as MonitorVerdict,
      performance: row.performance as MonitorVerdict | null,
      drifted: JSON.parse(row.drifted) as string[],
      labelled: row.labelled,
      problems: JSON.parse(row.problems) as string[],
    }));
  }

  #within(monitor: string, { fromMs, toMs, limit }: WindowRange) {
    let query = this.#table().where('monitor', '=', monitor);
    if (fromMs !== undefined) query = query.where('start_ms', '>=', fromMs);
    if (toMs !== undefined) query = query.where('start_ms', '<', toMs);
    return query.orderBy('start_ms', 'desc').limit(limit);
  }

  #table() {
    return this.#database.tables<MonitoringTables>().selectFrom('monitoring_window');
  }
}

const SHORT = [
  'start_ms',
  'end_ms',
  'rows',
  'integrity',
  'drift',
  'latency',
  'performance',
  'drifted',
  'labelled',
  'problems',
] as const;

function toWindow(row: MonitoringTables['monitoring_window']): StoredWindow {
  return {
    startMs: row.start_ms,
    endMs: row.end_ms,
    inputs: JSON.parse(row.inputs) as InputsReport,
    performance: row.report === null ? null : (JSON.parse(row.report) as PerformanceReport),
  };
}
