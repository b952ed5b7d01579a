import type { Database, Sql } from '#platform/sql';
import type { Alert } from '../model.ts';
import type { MonitoringTables } from './schema.ts';

export class AlertStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async listOpen(sql: Sql, monitor: string): Promise<readonly Alert[]> {
    const rows = await sql
      .tables<MonitoringTables>()
      .selectFrom('monitoring_alert')
      .selectAll()
      .where('monitor', '=', monitor)
      .where('state', '=', 'open')
      .execute();
    return rows.map(toAlert);
  }

  async list(filter: {
    readonly monitor?: string | undefined;
    readonly state?: Alert['state'] | undefined;
    readonly limit: number;
  }): Promise<readonly Alert[]> {
    let query = this.#database.tables<MonitoringTables>().selectFrom('monitoring_alert').selectAll();
    if (filter.monitor !== undefined) query = query.where('monitor', '=', filter.monitor);
    if (filter.state !== undefined) query = query.where('state', '=', filter.state);
    const rows = await query.orderBy('raised_at_ms', 'desc').orderBy('id').limit(filter.limit).execute();
    return rows.map(toAlert);
  }

  async countOpen(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database
      .tables<MonitoringTables>()
      .selectFrom('monitoring_alert')
      .select(({ fn }) => ['monitor', fn.countAll<number>().as('count')])
      .where('state', '=', 'open')
      .groupBy('monitor')
      .execute();
    return new Map(rows.map((row) => [row.monitor, Number(row.count)]));
  }

  async put(tx: Sql, alert: Alert): Promise<void> {
    const row = toRow(alert);
    await tx
      .tables<MonitoringTables>()
      .insertInto('monitoring_alert')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }

  /** Addresses that already got the alert of an event. */
  async delivered(eventSequence: number): Promise<ReadonlySet<string>> {
    const rows = await this.#database
      .tables<MonitoringTables>()
      .selectFrom('monitoring_delivery')
      .select('url')
      .where('event_sequence', '=', eventSequence)
      .execute();
    return new Set(rows.map(({ url }) => url));
  }

  async noteDelivered(eventSequence: number, url: string, nowMs: number): Promise<void> {
    const columns = ['event_sequence', 'url', 'delivered_at'];
    await this.#database.insertRows('monitoring_delivery', columns, [[eventSequence, url, nowMs]], {
      onConflict: 'ignore',
    });
  }
}

type Row = MonitoringTables['monitoring_alert'];

function toRow(alert: Alert): Row {
  return {
    id: alert.id,
    monitor: alert.monitor,
    endpoint: alert.endpoint,
    family: alert.family,
    state: alert.state,
    severity: alert.severity,
    words: alert.words,
    window_start_ms: alert.windowStartMs,
    raised_at_ms: alert.raisedAtMs,
    last_seen_ms: alert.lastSeenMs,
    windows: alert.windows,
    resolved_at_ms: alert.resolvedAtMs,
  };
}

function toAlert(row: Row): Alert {
  return {
    id: row.id,
    monitor: row.monitor,
    endpoint: row.endpoint,
    // Written from an alert, and by this store alone.
    family: row.family as Alert['family'],
    state: row.state as Alert['state'],
    severity: row.severity as Alert['severity'],
    words: row.words,
    windowStartMs: row.window_start_ms,
    raisedAtMs: row.raised_at_ms,
    lastSeenMs: row.last_seen_ms,
    windows: row.windows,
    resolvedAtMs: row.resolved_at_ms,
  };
}
