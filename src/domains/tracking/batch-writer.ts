import { sql as raw } from 'kysely';
import type { Clock } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { trackingErrors } from './errors.ts';
import { type NewModelMetric, writeModelMetrics } from './logged-models/store.ts';
import type { Batch } from './model.ts';
import { writeMetrics } from './store/metric-store.ts';
import { findRunRow, updateRunRow, writeParams, writeTags } from './store/run-store.ts';

interface Entry {
  readonly run: string;
  readonly batch: Batch;
  readonly nowMs: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Metrics of one transaction; more wait for the next. */
const MAX_GROUP_METRICS = 10_000;
/** How often a transaction is begun anew that the database gave up for the sake of another. */
const MAX_ATTEMPTS = 8;
/** PostgreSQL's codes of a deadlock and of a transaction that cannot be put in an order with others. */
const GIVEN_UP = new Set(['40P01', '40001']);

/**
 * Writes batches so that `write` returns when they are committed. Batches that arrive while a transaction runs share
 * the next one (group commit), and an idle writer commits at once. A batch that is refused is refused alone.
 */
export class BatchWriter {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #wrote: (series: number, points: number) => void;
  #waiting: Entry[] = [];
  #running: Promise<void> | undefined;

  /** @param wrote told how many points a series was given, once they are committed */
  constructor(database: Database, clock: Clock, wrote: (series: number, points: number) => void) {
    this.#database = database;
    this.#clock = clock;
    this.#wrote = wrote;
  }

  /** @throws TRACKING_RUN_NOT_FOUND, TRACKING_RUN_DELETED, TRACKING_PARAM_CHANGED, TRACKING_LOGGED_MODEL_NOT_FOUND */
  write(run: string, batch: Batch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run, batch, nowMs: this.#clock.now(), resolve, reject });
      // Node runs next ticks when the promises that are ready have run: requests of one turn share a transaction.
      this.#running ??= new Promise<void>((done) => process.nextTick(done)).then(() => this.#drain());
    });
  }

  /** Waits until everything handed over is committed or refused. */
  async settle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#commit(this.#take());
    } finally {
      this.#running = undefined;
    }
  }

  #take(): Entry[] {
    let metrics = 0;
    let count = 0;
    for (const { batch } of this.#waiting) {
      metrics += batch.metrics.length;
      if (count > 0 && metrics > MAX_GROUP_METRICS) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(group: readonly Entry[], attempt = 1): Promise<void> {
    let written: ReadonlyMap<number, number>;
    try {
      written = await this.#database.transaction((tx) => this.#store(tx, group));
    } catch (error) {
      if (attempt < MAX_ATTEMPTS && GIVEN_UP.has((error as { code?: string }).code ?? '')) {
        return this.#commit(group, attempt + 1);
      }
      const [only] = group;
      if (group.length === 1 && only) only.reject(error);
      // One of them is at fault: each on its own, so that it cannot fail its neighbours.
      else for (const entry of group) await this.#commit([entry]);
      return;
    }
    for (const { resolve } of group) resolve();
    for (const [series, points] of written) this.#wrote(series, points);
  }

  async #store(tx: Sql, group: readonly Entry[]): Promise<ReadonlyMap<number, number>> {
    await touchRuns(tx, [...new Set(group.map(({ run }) => run))], this.#clock.now());
    for (const { run, batch } of group) {
      const changed = await writeParams(tx, run, batch.params);
      if (changed) throw trackingErrors.TRACKING_PARAM_CHANGED({ run, ...changed });
      await writeTags(tx, run, batch.tags);
    }
    const written = await writeMetrics(
      tx,
      group.map(({ run, nowMs, batch }) => ({ run, nowMs, metrics: batch.metrics })),
    );
    await writeModelMetrics(tx, group.flatMap(modelMetricsOf));
    return written;
  }
}

/** What a batch tells of logged models. */
function modelMetricsOf({ run, nowMs, batch }: Entry): readonly NewModelMetric[] {
  return batch.metrics.flatMap(({ model, timestampMs = nowMs, ...metric }) =>
    model === undefined ? [] : [{ ...metric, run, model, timestampMs }],
  );
}

/** Notes that runs changed, as {@link touchRun} does of one. */
async function touchRuns(tx: Sql, runs: readonly string[], nowMs: number): Promise<void> {
  const [only] = runs;
  if (runs.length === 1 && only !== undefined) return touchRun(tx, only, nowMs);
  // PostgreSQL locks them in one order everywhere, so that two servers wait for each other instead of for ever.
  const ids =
    tx.dialect === 'sqlite'
      ? raw`(select value from json_each(${JSON.stringify(runs)}))`
      : raw`(select id from tracking_run where id = any(${runs}::text[]) order by id for update)`;
  const touched = await raw<{ id: string }>`update tracking_run set changed_at = ${nowMs}
    where lifecycle = 'active' and id in ${ids} returning id`.execute(tx.tables());
  if (touched.rows.length === runs.length) return;
  const found = new Set(touched.rows.map(({ id }) => id));
  for (const run of runs) if (!found.has(run)) await touchRun(tx, run, nowMs);
}

/** Notes that a run changed, and so takes hold of it. @throws TRACKING_RUN_NOT_FOUND, TRACKING_RUN_DELETED */
export async function touchRun(tx: Sql, run: string, nowMs: number): Promise<void> {
  if (await updateRunRow(tx, run, 'active', { changed_at: nowMs })) return;
  const known = await findRunRow(tx, run);
  throw known ? trackingErrors.TRACKING_RUN_DELETED({ run }) : trackingErrors.TRACKING_RUN_NOT_FOUND({ run });
}
