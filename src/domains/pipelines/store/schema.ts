import type { Migration } from '#platform/sql';

export interface PipelinesTables {
  pipelines_definition: {
    pipeline: string;
    version: number;
    digest: string;
    definition: string;
    created_by: string;
    created_at: number;
  };
  pipelines_run: {
    id: string;
    pipeline: string;
    version: number;
    status: string;
    params: string;
    inputs: string;
    trigger_by: string;
    idempotency_key: string | null;
    request_digest: string;
    rerun_of: string | null;
    created_by: string;
    created_at: number;
    started_at: number | null;
    finished_at: number | null;
    cancelled_by: string | null;
    cancel_reason: string | null;
    words: string | null;
  };
  pipelines_step: {
    run: string;
    name: string;
    position: number;
    status: string;
    queued_at: number | null;
    started_at: number | null;
    finished_at: number | null;
    action_key: string | null;
    components: string | null;
    reused_run: string | null;
    reused_step: string | null;
    note: string | null;
    attempts: number;
    retry_at: number | null;
  };
  pipelines_attempt: {
    id: string;
    run: string;
    step: string;
    number: number;
    started_at: number;
    finished_at: number | null;
    exit_code: number | null;
    signal: string | null;
    failure: string | null;
    words: string | null;
    log_tail: string | null;
    log_digest: string | null;
    log_size_bytes: number;
    peak_rss_bytes: number | null;
    cpu_ms: number | null;
  };
  pipelines_output: {
    run: string;
    step: string;
    name: string;
    position: number;
    kind: string;
    digest: string;
    size_bytes: number;
    value: string | null;
  };
  /** What an action key leads to: the step whose outputs may be reused. */
  pipelines_result: { action_key: string; run: string; step: string; created_at: number };
}

export const pipelinesMigrations: readonly Migration[] = [
  {
    id: 'pipelines-001-runs',
    up: async (sql) => {
      const { schema } = sql.tables<PipelinesTables>();
      await schema
        .createTable('pipelines_definition')
        .addColumn('pipeline', 'text', (c) => c.notNull())
        .addColumn('version', 'integer', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .addColumn('definition', 'text', (c) => c.notNull())
        .addColumn('created_by', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('pipelines_definition_key', ['pipeline', 'version'])
        .execute();
      await schema
        .createTable('pipelines_run')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('pipeline', 'text', (c) => c.notNull())
        .addColumn('version', 'integer', (c) => c.notNull())
        .addColumn('status', 'text', (c) => c.notNull())
        .addColumn('params', 'text', (c) => c.notNull())
        .addColumn('inputs', 'text', (c) => c.notNull())
        .addColumn('trigger_by', 'text', (c) => c.notNull())
        .addColumn('idempotency_key', 'text')
        .addColumn('request_digest', 'text', (c) => c.notNull())
        .addColumn('rerun_of', 'text')
        .addColumn('created_by', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('started_at', 'bigint')
        .addColumn('finished_at', 'bigint')
        .addColumn('cancelled_by', 'text')
        .addColumn('cancel_reason', 'text')
        .addColumn('words', 'text')
        .addUniqueConstraint('pipelines_run_idempotency', ['pipeline', 'idempotency_key'])
        .execute();
      await schema
        .createIndex('pipelines_run_status')
        .on('pipelines_run')
        .columns(['status', 'created_at', 'id'])
        .execute();
      await schema.createIndex('pipelines_run_time').on('pipelines_run').columns(['created_at', 'id']).execute();
      await schema.createIndex('pipelines_run_rerun').on('pipelines_run').column('rerun_of').execute();
      await schema
        .createTable('pipelines_step')
        .addColumn('run', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('position', 'integer', (c) => c.notNull())
        .addColumn('status', 'text', (c) => c.notNull())
        .addColumn('queued_at', 'bigint')
        .addColumn('started_at', 'bigint')
        .addColumn('finished_at', 'bigint')
        .addColumn('action_key', 'text')
        .addColumn('components', 'text')
        .addColumn('reused_run', 'text')
        .addColumn('reused_step', 'text')
        .addColumn('note', 'text')
        .addColumn('attempts', 'integer', (c) => c.notNull())
        .addColumn('retry_at', 'bigint')
        .addPrimaryKeyConstraint('pipelines_step_key', ['run', 'name'])
        .execute();
      await schema
        .createTable('pipelines_attempt')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('run', 'text', (c) => c.notNull())
        .addColumn('step', 'text', (c) => c.notNull())
        .addColumn('number', 'integer', (c) => c.notNull())
        .addColumn('started_at', 'bigint', (c) => c.notNull())
        .addColumn('finished_at', 'bigint')
        .addColumn('exit_code', 'integer')
        .addColumn('signal', 'text')
        .addColumn('failure', 'text')
        .addColumn('words', 'text')
        .addColumn('log_tail', 'text')
        .addColumn('log_digest', 'text')
        .addColumn('log_size_bytes', 'bigint', (c) => c.notNull())
        .addColumn('peak_rss_bytes', 'bigint')
        .addColumn('cpu_ms', 'bigint')
        .addUniqueConstraint('pipelines_attempt_number', ['run', 'step', 'number'])
        .execute();
      await schema
        .createTable('pipelines_output')
        .addColumn('run', 'text', (c) => c.notNull())
        .addColumn('step', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('position', 'integer', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .addColumn('size_bytes', 'bigint', (c) => c.notNull())
        .addColumn('value', 'text')
        .addPrimaryKeyConstraint('pipelines_output_key', ['run', 'step', 'name'])
        .execute();
      await schema
        .createTable('pipelines_result')
        .addColumn('action_key', 'text', (c) => c.primaryKey())
        .addColumn('run', 'text', (c) => c.notNull())
        .addColumn('step', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .execute();
    },
  },
];
