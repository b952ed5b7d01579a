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

/**
 * Writes batches so that `write` returns when they are committed. Batches that arrive while a transaction runs share
 * the next one (group commit), and an idle writer commits at once. A batch that is refused is refused alone.
 */
export class BatchWriter {
  readonly #database: Database;
  readonly #clock: Clock;
  #waiting: Entry[] = [];
  #running: Promise<void> | undefined;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
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

  async #commit(group: readonly Entry[]): Promise<void> {
    try {
      await this.#database.transaction((tx) => this.#store(tx, group));
    } catch (error) {
      const [only] = group;
      if (group.length === 1 && only) only.reject(error);
      // One of them is at fault: each on its own, so that it cannot fail its neighbours.
      else for (const entry of group) await this.#commit([entry]);
      return;
    }
    for (const { resolve } of group) resolve();
  }

  async #store(tx: Sql, group: readonly Entry[]): Promise<void> {
    // In one order everywhere, so that two servers wait for each other instead of for ever.
    const runs = [...new Set(group.map(({ run }) => run))].sort();
    for (const run of runs) await touchRun(tx, run, this.#clock.now());
    for (const { run, batch } of group) {
      const changed = await writeParams(tx, run, batch.params);
      if (changed) throw trackingErrors.TRACKING_PARAM_CHANGED({ run, ...changed });
      await writeTags(tx, run, batch.tags);
    }
    await writeMetrics(
      tx,
      group.map(({ run, nowMs, batch }) => ({ run, nowMs, metrics: batch.metrics })),
    );
    await writeModelMetrics(tx, group.flatMap(modelMetricsOf));
  }
}

/** What a batch tells of logged models. */
function modelMetricsOf({ run, nowMs, batch }: Entry): readonly NewModelMetric[] {
  return batch.metrics.flatMap(({ model, timestampMs = nowMs, ...metric }) =>
    model === undefined ? [] : [{ ...metric, run, model, timestampMs }],
  );
}

/** Notes that a run changed, and so takes hold of it. @throws TRACKING_RUN_NOT_FOUND, TRACKING_RUN_DELETED */
export async function touchRun(tx: Sql, run: string, nowMs: number): Promise<void> {
  if (await updateRunRow(tx, run, 'active', { changed_at: nowMs })) return;
  const known = await findRunRow(tx, run);
  throw known ? trackingErrors.TRACKING_RUN_DELETED({ run }) : trackingErrors.TRACKING_RUN_NOT_FOUND({ run });
}
