import type { RunStatus, StepStatus } from '#contract';
import type { Events } from '#platform/events';
import { type Clock, type Json, ref } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { wordsAtEnd } from '../core/words.ts';
import type { AttemptEnd, Components, StepRefParts, StoredAttempt, StoredOutput, StoredRun } from '../model.ts';
import { isStepOver } from '../model.ts';
import { OUTPUT_COLUMNS, outputRow } from './rows.ts';
import type { PipelinesTables } from './schema.ts';

/** What happened to a step, with all that follows from it. */
export interface StepMove {
  readonly run: StoredRun;
  readonly step: string;
  readonly from: StepStatus;
  /** The new status of the step and of each that changes with it. */
  readonly changes: ReadonlyMap<string, StepStatus>;
  /** Every step's status afterwards, when the run is over with this. */
  readonly end?: RunEnd | undefined;
  readonly begun?: Pick<StoredAttempt, 'id' | 'number'>;
  readonly ended?: { readonly attempt: string; readonly end: AttemptEnd };
  readonly action?: { readonly key: string | null; readonly components: Components };
  readonly outputs?: readonly StoredOutput[];
  /** Offer the outputs under this key. */
  readonly resultKey?: string | null;
  readonly reusedFrom?: StepRefParts;
  readonly note?: string | undefined;
  readonly retryAtMs?: number;
}

export interface RunEnd {
  readonly status: Extract<RunStatus, 'succeeded' | 'failed' | 'cancelled'>;
  readonly statuses: ReadonlyMap<string, StepStatus>;
}

/** The stored state is not what the move starts from: somebody moved it already. Nothing was written. */
export class Superseded extends Error {}

/**
 * Moves runs on. Each move is one transaction: the attempt, its outputs, the step, the steps that follow, the run and
 * the event, all or nothing. It is a compare-and-set on the step's status and the attempt's end.
 */
export class ProgressStore {
  readonly #database: Database;
  readonly #events: Events;
  readonly #clock: Clock;

  constructor(options: { readonly database: Database; readonly events: Events; readonly clock: Clock }) {
    this.#database = options.database;
    this.#events = options.events;
    this.#clock = options.clock;
  }

  /** @throws Superseded */
  async move(move: StepMove): Promise<void> {
    const nowMs = this.#clock.now();
    await this.#database.transaction(async (tx) => {
      if (move.ended) await this.#endAttempt(tx, move.ended.attempt, move.ended.end, nowMs);
      await this.#moveStep(tx, move, nowMs);
      await this.#changeOthers(tx, move.run.id, move.changes, move.step, nowMs);
      if (move.begun) await this.#beginAttempt(tx, move, move.begun, nowMs);
      const outputs = move.outputs ?? [];
      const rows = outputs.map((output, index) => outputRow(move.run.id, move.step, output, index));
      await tx.insertRows('pipelines_output', OUTPUT_COLUMNS, rows);
      if (move.resultKey) await this.#offer(tx, move.resultKey, { run: move.run.id, step: move.step }, nowMs);
      const status = await this.#moveRun(tx, move.run, move.end, nowMs);
      const stepStatus = move.changes.get(move.step) ?? move.from;
      await this.#publish(tx, move.run, status, { step: move.step, stepStatus });
    });
  }

  /** Cancels steps that have not begun. @throws Superseded when one of them has */
  async cancelSteps(run: StoredRun, steps: readonly string[], end: RunEnd | undefined): Promise<void> {
    const nowMs = this.#clock.now();
    await this.#database.transaction(async (tx) => {
      if (steps.length > 0) {
        const result = await tx
          .tables<PipelinesTables>()
          .updateTable('pipelines_step')
          .set({ status: 'cancelled', finished_at: nowMs, retry_at: null })
          .where('run', '=', run.id)
          .where('name', 'in', [...steps])
          .where('status', 'in', ['waiting', 'queued'])
          .executeTakeFirst();
        if (Number(result.numUpdatedRows) !== steps.length) throw new Superseded();
      }
      const status = await this.#moveRun(tx, run, end, nowMs);
      await this.#publish(tx, run, status, {});
    });
  }

  async #moveStep(tx: Sql, move: StepMove, nowMs: number): Promise<void> {
    const status = move.changes.get(move.step) ?? move.from;
    const begun = move.begun;
    const result = await tx
      .tables<PipelinesTables>()
      .updateTable('pipelines_step')
      .set({
        status,
        ...(begun ? { attempts: begun.number } : {}),
        ...(begun?.number === 1 ? { started_at: nowMs } : {}),
        ...(isStepOver(status) ? { finished_at: nowMs } : {}),
        ...(move.action ? { action_key: move.action.key, components: JSON.stringify(move.action.components) } : {}),
        ...(move.reusedFrom ? { reused_run: move.reusedFrom.run, reused_step: move.reusedFrom.step } : {}),
        ...(move.note === undefined ? {} : { note: move.note }),
        retry_at: move.retryAtMs ?? null,
      })
      .where('run', '=', move.run.id)
      .where('name', '=', move.step)
      .where('status', '=', move.from)
      .executeTakeFirst();
    if (Number(result.numUpdatedRows) !== 1) throw new Superseded();
  }

  async #changeOthers(
    tx: Sql,
    run: string,
    changes: ReadonlyMap<string, StepStatus>,
    step: string,
    nowMs: number,
  ): Promise<void> {
    const byStatus = Map.groupBy(
      [...changes].filter(([name]) => name !== step),
      ([, status]) => status,
    );
    for (const [status, entries] of byStatus) {
      const names = entries.map(([name]) => name);
      const result = await tx
        .tables<PipelinesTables>()
        .updateTable('pipelines_step')
        .set(status === 'queued' ? { status, queued_at: nowMs } : { status, finished_at: nowMs })
        .where('run', '=', run)
        .where('name', 'in', names)
        .where('status', '=', 'waiting')
        .executeTakeFirst();
      if (Number(result.numUpdatedRows) !== names.length) throw new Superseded();
    }
  }

  async #beginAttempt(tx: Sql, move: StepMove, begun: Pick<StoredAttempt, 'id' | 'number'>, nowMs: number) {
    const columns = ['id', 'run', 'step', 'number', 'started_at', 'log_size_bytes'];
    const row = [begun.id, move.run.id, move.step, begun.number, nowMs, 0];
    await tx.insertRows('pipelines_attempt', columns, [row]);
  }

  async #endAttempt(tx: Sql, attempt: string, end: AttemptEnd, nowMs: number): Promise<void> {
    const result = await tx
      .tables<PipelinesTables>()
      .updateTable('pipelines_attempt')
      .set({
        finished_at: nowMs,
        exit_code: end.exitCode,
        signal: end.signal,
        failure: end.failure,
        words: end.words,
        log_tail: end.logTail,
        log_digest: end.logDigest,
        log_size_bytes: end.logSizeBytes,
        peak_rss_bytes: end.peakRssBytes,
        cpu_ms: end.cpuMs,
      })
      .where('id', '=', attempt)
      .where('finished_at', 'is', null)
      .executeTakeFirst();
    if (Number(result.numUpdatedRows) !== 1) throw new Superseded();
  }

  /** The newest result of a key replaces an older one, whose outputs may be gone. */
  async #offer(tx: Sql, key: string, from: StepRefParts, nowMs: number): Promise<void> {
    await tx
      .tables<PipelinesTables>()
      .insertInto('pipelines_result')
      .values({ action_key: key, ...from, created_at: nowMs })
      .onConflict((conflict) => conflict.column('action_key').doUpdateSet({ ...from, created_at: nowMs }))
      .execute();
  }

  /** Begins a run that waited, or ends it; its status afterwards. */
  async #moveRun(tx: Sql, run: StoredRun, end: RunEnd | undefined, nowMs: number): Promise<RunStatus> {
    const runs = tx.tables<PipelinesTables>().updateTable('pipelines_run').where('id', '=', run.id);
    if (run.startedAtMs === null) {
      await runs.set({ status: 'running', started_at: nowMs }).where('status', '=', 'queued').execute();
    }
    if (!end) return 'running';
    const { status, statuses } = end;
    const failures = status === 'failed' ? await this.#failures(tx, run.id) : new Map<string, string>();
    const words = wordsAtEnd({ status, statuses, tookMs: nowMs - run.createdAtMs, cancel: run.cancel, failures });
    const result = await runs
      .set({ status, finished_at: nowMs, words })
      .where('status', '=', 'running')
      .executeTakeFirst();
    if (Number(result.numUpdatedRows) !== 1) throw new Superseded();
    const outputs = await this.#jsonOutputs(tx, run.id);
    const payload = { ...payloadOf(run, status), words, outputs };
    await this.#events.publish(tx, {
      topic: 'pipelines.run.finished',
      subject: ref('pipeline-run', run.id),
      payload,
    });
    return status;
  }

  /** Why each step that failed did, by its last attempt. */
  async #failures(tx: Sql, run: string): Promise<ReadonlyMap<string, string>> {
    const rows = await tx
      .tables<PipelinesTables>()
      .selectFrom('pipelines_attempt')
      .select(['step', 'words'])
      .where('run', '=', run)
      .where('failure', 'is not', null)
      .orderBy('number')
      .execute();
    return new Map(rows.map((row) => [row.step, row.words ?? '']));
  }

  async #jsonOutputs(tx: Sql, run: string): Promise<Json> {
    return tx
      .tables<PipelinesTables>()
      .selectFrom('pipelines_output')
      .select(['step', 'name', 'digest'])
      .where('run', '=', run)
      .where('kind', '=', 'json')
      .orderBy('step')
      .orderBy('position')
      .execute()
      .then((rows) => rows.map((row) => ({ ...row })));
  }

  async #publish(tx: Sql, run: StoredRun, status: RunStatus, more: Readonly<Record<string, Json>>): Promise<void> {
    const payload = { ...payloadOf(run, status), ...more };
    await this.#events.publish(tx, { topic: 'pipelines.run.changed', subject: ref('pipeline-run', run.id), payload });
  }
}

/** What every event of a run says about it. */
export function payloadOf(run: StoredRun, status: RunStatus): Record<string, Json> {
  const { id, pipeline, version, trigger, idempotencyKey } = run;
  return { run: id, pipeline, version, status, trigger: { ...trigger }, idempotencyKey };
}
