import type { RunStatus, StepStatus } from '#contract';
import type { Database, Sql } from '#platform/sql';
import type { Cancel, StepRefParts, StoredAttempt, StoredOutput, StoredRun, StoredStep } from '../model.ts';
import {
  OUTPUT_COLUMNS,
  outputRow,
  RUN_COLUMNS,
  runRow,
  STEP_COLUMNS,
  stepRow,
  toAttempt,
  toOutput,
  toRun,
  toStep,
} from './rows.ts';
import type { PipelinesTables } from './schema.ts';

/** Runs, steps, attempts and outputs: how they begin and how they are read. `ProgressStore` moves them on. */
export class RunStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds a run with its steps and the outputs it starts with; false when its idempotency key is taken. */
  async add(
    tx: Sql,
    run: StoredRun,
    steps: readonly StoredStep[],
    outputs: ReadonlyMap<string, readonly StoredOutput[]> = new Map(),
  ): Promise<boolean> {
    const added = await tx.insertRows('pipelines_run', RUN_COLUMNS, [runRow(run)], { onConflict: 'ignore' });
    if (added === 0) return false;
    await tx.insertRows('pipelines_step', STEP_COLUMNS, steps.map(stepRow));
    const rows = [...outputs].flatMap(([step, made]) => made.map((one, index) => outputRow(run.id, step, one, index)));
    await tx.insertRows('pipelines_output', OUTPUT_COLUMNS, rows);
    return true;
  }

  /** Asks for the end of a run that is not over; false when it is, or was asked before. */
  async requestCancel(tx: Sql, run: string, cancel: Cancel): Promise<boolean> {
    const result = await tx
      .tables<PipelinesTables>()
      .updateTable('pipelines_run')
      .set({ cancelled_by: cancel.actor, cancel_reason: cancel.reason })
      .where('id', '=', run)
      .where('status', 'in', ['queued', 'running'])
      .where('cancelled_by', 'is', null)
      .executeTakeFirst();
    return Number(result.numUpdatedRows) === 1;
  }

  async find(id: string, sql: Sql = this.#database): Promise<StoredRun | undefined> {
    const row = await this.#runs(sql).where('id', '=', id).executeTakeFirst();
    return row && toRun(row);
  }

  async findByKey(pipeline: string, key: string): Promise<StoredRun | undefined> {
    const row = await this.#runs()
      .where('pipeline', '=', pipeline)
      .where('idempotency_key', '=', key)
      .executeTakeFirst();
    return row && toRun(row);
  }

  /** A rerun of a run that is not over yet. */
  async findRerunUnderWay(of: string): Promise<StoredRun | undefined> {
    const row = await this.#runs()
      .where('rerun_of', '=', of)
      .where('status', 'in', ['queued', 'running'])
      .limit(1)
      .executeTakeFirst();
    return row && toRun(row);
  }

  /** Runs, newest first. */
  async list(filter: {
    readonly pipeline?: string | undefined;
    readonly status?: RunStatus | undefined;
    readonly limit: number;
    readonly before?: StoredRun | undefined;
  }): Promise<readonly StoredRun[]> {
    let query = this.#runs().orderBy('created_at', 'desc').orderBy('id', 'desc').limit(filter.limit);
    if (filter.pipeline !== undefined) query = query.where('pipeline', '=', filter.pipeline);
    if (filter.status !== undefined) query = query.where('status', '=', filter.status);
    const { before } = filter;
    if (before) {
      query = query.where((e) =>
        e.or([
          e('created_at', '<', before.createdAtMs),
          e.and([e('created_at', '=', before.createdAtMs), e('id', '<', before.id)]),
        ]),
      );
    }
    return (await query.execute()).map(toRun);
  }

  /** Runs that are not over, oldest first. */
  async listUnderWay(): Promise<readonly StoredRun[]> {
    const rows = await this.#runs().where('status', 'in', ['queued', 'running']).orderBy('created_at').execute();
    return rows.map(toRun);
  }

  async countSteps(runs: readonly string[]): Promise<ReadonlyMap<string, Partial<Record<StepStatus, number>>>> {
    const counts = new Map<string, Partial<Record<StepStatus, number>>>(runs.map((run) => [run, {}]));
    if (runs.length === 0) return counts;
    const rows = await this.#database
      .tables<PipelinesTables>()
      .selectFrom('pipelines_step')
      .select(['run', 'status', (e) => e.fn.countAll<number>().as('count')])
      .where('run', 'in', [...runs])
      .groupBy(['run', 'status'])
      .execute();
    for (const row of rows) {
      const counted = counts.get(row.run);
      if (counted) counted[row.status as StepStatus] = Number(row.count);
    }
    return counts;
  }

  async listSteps(run: string): Promise<readonly StoredStep[]> {
    const rows = await this.#steps().where('run', '=', run).orderBy('position').execute();
    return rows.map(toStep);
  }

  async findStep(run: string, name: string, sql: Sql = this.#database): Promise<StoredStep | undefined> {
    const row = await this.#steps(sql).where('run', '=', run).where('name', '=', name).executeTakeFirst();
    return row && toStep(row);
  }

  /** The newest step of the same name that was looked at in an earlier run of the pipeline. */
  async findStepBefore(run: StoredRun, name: string): Promise<StoredStep | undefined> {
    const row = await this.#database
      .tables<PipelinesTables>()
      .selectFrom('pipelines_step')
      .innerJoin('pipelines_run', 'pipelines_run.id', 'pipelines_step.run')
      .selectAll('pipelines_step')
      .where('pipelines_run.pipeline', '=', run.pipeline)
      .where('pipelines_step.name', '=', name)
      .where('pipelines_step.components', 'is not', null)
      .where((e) =>
        e.or([
          e('pipelines_run.created_at', '<', run.createdAtMs),
          e.and([e('pipelines_run.created_at', '=', run.createdAtMs), e('pipelines_run.id', '<', run.id)]),
        ]),
      )
      .orderBy('pipelines_run.created_at', 'desc')
      .orderBy('pipelines_run.id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && toStep(row);
  }

  async listAttempts(run: string, step?: string): Promise<readonly StoredAttempt[]> {
    let query = this.#database
      .tables<PipelinesTables>()
      .selectFrom('pipelines_attempt')
      .selectAll()
      .where('run', '=', run)
      .orderBy('number');
    if (step !== undefined) query = query.where('step', '=', step);
    return (await query.execute()).map(toAttempt);
  }

  /** Of some ids, those that are attempts with an end. */
  async listEnded(ids: readonly string[]): Promise<readonly string[]> {
    const ended: string[] = [];
    for (let start = 0; start < ids.length; start += 500) {
      const rows = await this.#database
        .tables<PipelinesTables>()
        .selectFrom('pipelines_attempt')
        .select('id')
        .where('id', 'in', ids.slice(start, start + 500))
        .where('finished_at', 'is not', null)
        .execute();
      ended.push(...rows.map((row) => row.id));
    }
    return ended;
  }

  /** Outputs of one step, or of all steps of a run, by step. */
  async listOutputs(
    run: string,
    step?: string,
    sql: Sql = this.#database,
  ): Promise<ReadonlyMap<string, readonly StoredOutput[]>> {
    let query = sql
      .tables<PipelinesTables>()
      .selectFrom('pipelines_output')
      .selectAll()
      .where('run', '=', run)
      .orderBy('position');
    if (step !== undefined) query = query.where('step', '=', step);
    const bySteps = new Map<string, StoredOutput[]>();
    for (const row of await query.execute()) {
      const list = bySteps.get(row.step) ?? [];
      list.push(toOutput(row));
      bySteps.set(row.step, list);
    }
    return bySteps;
  }

  /** The step whose outputs an action key leads to. */
  async findResult(actionKey: string): Promise<StepRefParts | undefined> {
    return this.#database
      .tables<PipelinesTables>()
      .selectFrom('pipelines_result')
      .select(['run', 'step'])
      .where('action_key', '=', actionKey)
      .executeTakeFirst();
  }

  #runs(sql: Sql = this.#database) {
    return sql.tables<PipelinesTables>().selectFrom('pipelines_run').selectAll();
  }

  #steps(sql: Sql = this.#database) {
    return sql.tables<PipelinesTables>().selectFrom('pipelines_step').selectAll();
  }
}
