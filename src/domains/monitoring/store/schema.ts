import type { Migration } from '#platform/sql';

export interface MonitoringTables {
  monitoring_reference: { id: string; content: string; summary: string; created_at: number };
  monitoring_monitor: {
    name: string;
    endpoint: string;
    reference: string;
    reference_since_ms: number;
    settings: string;
    inputs_next_ms: number;
    performance_next_ms: number;
    sequence: string;
    revision: number;
    created_at: number;
  };
  monitoring_window: {
    monitor: string;
    start_ms: number;
    end_ms: number;
    rows: number;
    integrity: string;
    drift: string;
    latency: string;
    performance: string | null;
    drifted: string;
    labelled: number | null;
    problems: string;
    inputs: string;
    report: string | null;
  };
  monitoring_label: {
    endpoint: string;
    inference_id: string;
    value: number;
    at_ms: number;
    recorded_at: number;
    predicted: number;
  };
  monitoring_alert: {
    id: string;
    monitor: string;
    endpoint: string;
    family: string;
    state: string;
    severity: string;
    words: string;
    window_start_ms: number;
    raised_at_ms: number;
    last_seen_ms: number;
    windows: number;
    resolved_at_ms: number | null;
  };
  monitoring_delivery: { event_sequence: number; url: string; delivered_at: number };
}

export const monitoringMigrations: readonly Migration[] = [
  {
    id: 'monitoring-001-monitors',
    up: async (sql) => {
      const { schema } = sql.tables<MonitoringTables>();
      await schema
        .createTable('monitoring_reference')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('content', 'text', (c) => c.notNull())
        .addColumn('summary', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .execute();
      await schema
        .createTable('monitoring_monitor')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('endpoint', 'text', (c) => c.notNull())
        .addColumn('reference', 'text', (c) => c.notNull())
        .addColumn('reference_since_ms', 'bigint', (c) => c.notNull())
        .addColumn('settings', 'text', (c) => c.notNull())
        .addColumn('inputs_next_ms', 'bigint', (c) => c.notNull())
        .addColumn('performance_next_ms', 'bigint', (c) => c.notNull())
        .addColumn('sequence', 'text', (c) => c.notNull())
        .addColumn('revision', 'integer', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .execute();
      await schema
        .createTable('monitoring_window')
        .addColumn('monitor', 'text', (c) => c.notNull())
        .addColumn('start_ms', 'bigint', (c) => c.notNull())
        .addColumn('end_ms', 'bigint', (c) => c.notNull())
        .addColumn('rows', 'integer', (c) => c.notNull())
        .addColumn('integrity', 'text', (c) => c.notNull())
        .addColumn('drift', 'text', (c) => c.notNull())
        .addColumn('latency', 'text', (c) => c.notNull())
        .addColumn('performance', 'text')
        .addColumn('drifted', 'text', (c) => c.notNull())
        .addColumn('labelled', 'integer')
        .addColumn('problems', 'text', (c) => c.notNull())
        .addColumn('inputs', 'text', (c) => c.notNull())
        .addColumn('report', 'text')
        .addPrimaryKeyConstraint('monitoring_window_key', ['monitor', 'start_ms'])
        .execute();
      await schema
        .createTable('monitoring_label')
        .addColumn('endpoint', 'text', (c) => c.notNull())
        .addColumn('inference_id', 'text', (c) => c.notNull())
        .addColumn('value', 'integer', (c) => c.notNull())
        .addColumn('at_ms', 'bigint', (c) => c.notNull())
        .addColumn('recorded_at', 'bigint', (c) => c.notNull())
        .addColumn('predicted', 'integer', (c) => c.notNull())
        .addPrimaryKeyConstraint('monitoring_label_key', ['endpoint', 'inference_id'])
        .execute();
      await schema
        .createIndex('monitoring_label_unknown')
        .on('monitoring_label')
        .columns(['endpoint', 'predicted'])
        .execute();
      await schema
        .createTable('monitoring_alert')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('monitor', 'text', (c) => c.notNull())
        .addColumn('endpoint', 'text', (c) => c.notNull())
        .addColumn('family', 'text', (c) => c.notNull())
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('severity', 'text', (c) => c.notNull())
        .addColumn('words', 'text', (c) => c.notNull())
        .addColumn('window_start_ms', 'bigint', (c) => c.notNull())
        .addColumn('raised_at_ms', 'bigint', (c) => c.notNull())
        .addColumn('last_seen_ms', 'bigint', (c) => c.notNull())
        .addColumn('windows', 'integer', (c) => c.notNull())
        .addColumn('resolved_at_ms', 'bigint')
        .execute();
      await schema
        .createIndex('monitoring_alert_monitor')
        .on('monitoring_alert')
        .columns(['monitor', 'state'])
        .execute();
      await schema
        .createTable('monitoring_delivery')
        .addColumn('event_sequence', 'bigint', (c) => c.notNull())
        .addColumn('url', 'text', (c) => c.notNull())
        .addColumn('delivered_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('monitoring_delivery_key', ['event_sequence', 'url'])
        .execute();
    },
  },
];
