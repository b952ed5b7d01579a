import type { FailureClass, RunInput, RunStatus, RunTrigger, StepStatus } from '#contract';
import type { Json } from '#platform/kernel';
import type { SqlValue } from '#platform/sql';
import type { Components, StoredAttempt, StoredOutput, StoredRun, StoredStep } from '../model.ts';
import type { PipelinesTables } from './schema.ts';

/** Rows of the run's tables as the model's types and back. Only these stores write the columns, from these types. */

export function toRun(row: PipelinesTables['pipelines_run']): StoredRun {
  return {
    id: row.id,
    pipeline: row.pipeline,
    version: row.version,
    status: row.status as RunStatus,
    params: JSON.parse(row.params) as Record<string, Json>,
    inputs: JSON.parse(row.inputs) as Record<string, RunInput>,
    trigger: JSON.parse(row.trigger_by) as RunTrigger,
    idempotencyKey: row.idempotency_key,
    requestDigest: row.request_digest,
    rerunOf: row.rerun_of,
    createdBy: row.created_by,
    createdAtMs: row.created_at,
    startedAtMs: row.started_at,
    finishedAtMs: row.finished_at,
    cancel: row.cancelled_by === null ? null : { actor: row.cancelled_by, reason: row.cancel_reason ?? '' },
    words: row.words,
  };
}

export const RUN_COLUMNS = [
  'id',
  'pipeline',
  'version',
  'status',
  'params',
  'inputs',
  'trigger_by',
  'idempotency_key',
  'request_digest',
  'rerun_of',
  'created_by',
  'created_at',
] as const;

export function runRow(run: StoredRun): SqlValue[] {
  return [
    run.id,
    run.pipeline,
    run.version,
    run.status,
    JSON.stringify(run.params),
    JSON.stringify(run.inputs),
    JSON.stringify(run.trigger),
    run.idempotencyKey,
    run.requestDigest,
    run.rerunOf,
    run.createdBy,
    run.createdAtMs,
  ];
}

export function toStep(row: PipelinesTables['pipelines_step']): StoredStep {
  const reused = row.reused_run !== null && row.reused_step !== null;
  return {
    run: row.run,
    name: row.name,
    position: row.position,
    status: row.status as StepStatus,
    queuedAtMs: row.queued_at,
    startedAtMs: row.started_at,
    finishedAtMs: row.finished_at,
    actionKey: row.action_key,
    components: row.components === null ? null : (JSON.parse(row.components) as Components),
    reusedFrom: reused ? { run: row.reused_run ?? '', step: row.reused_step ?? '' } : null,
    note: row.note,
    attempts: row.attempts,
    retryAtMs: row.retry_at,
  };
}

export const STEP_COLUMNS = [
  'run',
  'name',
  'position',
  'status',
  'queued_at',
  'started_at',
  'finished_at',
  'action_key',
  'components',
  'reused_run',
  'reused_step',
  'note',
  'attempts',
  'retry_at',
] as const;

export function stepRow(step: StoredStep): SqlValue[] {
  return [
    step.run,
    step.name,
    step.position,
    step.status,
    step.queuedAtMs,
    step.startedAtMs,
    step.finishedAtMs,
    step.actionKey,
    step.components && JSON.stringify(step.components),
    step.reusedFrom?.run ?? null,
    step.reusedFrom?.step ?? null,
    step.note,
    step.attempts,
    step.retryAtMs,
  ];
}

export function toAttempt(row: PipelinesTables['pipelines_attempt']): StoredAttempt {
  return {
    id: row.id,
    run: row.run,
    step: row.step,
    number: row.number,
    startedAtMs: row.started_at,
    finishedAtMs: row.finished_at,
    exitCode: row.exit_code,
    signal: row.signal,
    failure: row.failure as FailureClass | null,
    words: row.words,
    logTail: row.log_tail,
    logDigest: row.log_digest,
    logSizeBytes: row.log_size_bytes,
    peakRssBytes: row.peak_rss_bytes,
    cpuMs: row.cpu_ms,
  };
}

export function toOutput(row: PipelinesTables['pipelines_output']): StoredOutput {
  return {
    name: row.name,
    kind: row.kind as StoredOutput['kind'],
    digest: row.digest,
    sizeBytes: row.size_bytes,
    value: row.value,
  };
}

export const OUTPUT_COLUMNS = ['run', 'step', 'name', 'position', 'kind', 'digest', 'size_bytes', 'value'] as const;

export function outputRow(run: string, step: string, output: StoredOutput, position: number): SqlValue[] {
  const { name, kind, digest, sizeBytes, value } = output;
  return [run, step, name, position, kind, digest, sizeBytes, value];
}
