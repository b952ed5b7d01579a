import type { Migration } from '#platform/sql';
import { datasetMigrations } from '../datasets/schema.ts';

export interface TracingTables {
  tracing_trace: {
    id: string;
    experiment: number;
    state: string;
    started_at: number;
    duration_ms: number | null;
    client_request_id: string | null;
    request_preview: string | null;
    response_preview: string | null;
    /** 1 once the client has told of the trace as a whole: what is read out of spans then adds nothing to it. */
    told: number;
  };
  tracing_tag: { trace: string; key: string; value: string };
  tracing_metadata: { trace: string; key: string; value: string };
  /** `content` is JSON: times, attributes, events, status message and service. Times here are microseconds, to sort by. */
  tracing_span: {
    trace: string;
    id: string;
    parent: string | null;
    name: string;
    type: string;
    status: string;
    started_us: number;
    ended_us: number | null;
    model: string | null;
    provider: string | null;
    /** JSON: tokens and costs by name. */
    usage: string | null;
    cost: string | null;
    content: string;
  };
  tracing_assessment: {
    id: string;
    trace: string;
    name: string;
    kind: string;
    /** JSON; what a filter compares is beside it as text, and as a number where it is one. */
    value: string;
    value_text: string;
    value_number: number | null;
    error: string | null;
    source_kind: string;
    source_id: string;
    rationale: string | null;
    /** JSON. */
    metadata: string;
    span: string | null;
    overrides: string | null;
    valid: number;
    created_at: number;
    changed_at: number;
  };
  /**
   * What a trace belongs to: a `run` by its id, or a `prompt` by `<name>/<version>`. A link may be there before its
   * trace: clients send both at once.
   */
  tracing_link: { trace: string; kind: string; target: string };
}

export const tracingMigrations: readonly Migration[] = [
  {
    id: 'tracing-001-traces',
    up: async (sql) => {
      const { schema } = sql.tables<TracingTables>();
      await schema
        .createTable('tracing_trace')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('experiment', 'integer', (c) => c.notNull())
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('started_at', 'bigint', (c) => c.notNull())
        .addColumn('duration_ms', 'bigint')
        .addColumn('client_request_id', 'text')
        .addColumn('request_preview', 'text')
        .addColumn('response_preview', 'text')
        .addColumn('told', 'integer', (c) => c.notNull())
        .execute();
      await schema
        .createIndex('tracing_trace_by_start')
        .on('tracing_trace')
        .columns(['experiment', 'started_at', 'id'])
        .execute();
      for (const table of ['tracing_tag', 'tracing_metadata'] as const) {
        await schema
          .createTable(table)
          .addColumn('trace', 'text', (c) => c.notNull().references('tracing_trace.id').onDelete('cascade'))
          .addColumn('key', 'text', (c) => c.notNull())
          .addColumn('value', 'text', (c) => c.notNull())
          .addPrimaryKeyConstraint(`${table}_key`, ['trace', 'key'])
          .execute();
      }
      await schema
        .createTable('tracing_span')
        .addColumn('trace', 'text', (c) => c.notNull().references('tracing_trace.id').onDelete('cascade'))
        .addColumn('id', 'text', (c) => c.notNull())
        .addColumn('parent', 'text')
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('type', 'text', (c) => c.notNull())
        .addColumn('status', 'text', (c) => c.notNull())
        .addColumn('started_us', 'bigint', (c) => c.notNull())
        .addColumn('ended_us', 'bigint')
        .addColumn('model', 'text')
        .addColumn('provider', 'text')
        .addColumn('usage', 'text')
        .addColumn('cost', 'text')
        .addColumn('content', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('tracing_span_key', ['trace', 'id'])
        .execute();
      await schema
        .createTable('tracing_assessment')
        .addColumn('id', 'text', (c) => c.notNull())
        .addColumn('trace', 'text', (c) => c.notNull().references('tracing_trace.id').onDelete('cascade'))
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('value', 'text', (c) => c.notNull())
        .addColumn('value_text', 'text', (c) => c.notNull())
        .addColumn('value_number', 'double precision')
        .addColumn('error', 'text')
        .addColumn('source_kind', 'text', (c) => c.notNull())
        .addColumn('source_id', 'text', (c) => c.notNull())
        .addColumn('rationale', 'text')
        .addColumn('metadata', 'text', (c) => c.notNull())
        .addColumn('span', 'text')
        .addColumn('overrides', 'text')
        .addColumn('valid', 'integer', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('changed_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('tracing_assessment_key', ['trace', 'id'])
        .execute();
      await schema
        .createTable('tracing_link')
        .addColumn('trace', 'text', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('target', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('tracing_link_key', ['trace', 'kind', 'target'])
        .execute();
      await schema.createIndex('tracing_link_by_target').on('tracing_link').columns(['kind', 'target']).execute();
    },
  },
  ...datasetMigrations,
];
