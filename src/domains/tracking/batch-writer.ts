import { sql as raw } from 'kysely';
import type { Clock } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { trackingErrors } from './errors.ts';
import { GroupCommit } from './group-commit.ts';
import { type NewModelMetric, writeModelMetrics } from './logged-models/store.ts';
import type { Batch } from './model.ts';
import { writeMetrics } from './store/metric-store.ts';
import { findRunRow, updateRunRow, writeParams, writeTags } from './store/run-store.ts';

interface Entry {
  readonly run: string;
  readonly batch: Batch;
  readonly nowMs: number;
}

/** Metrics of one transaction; more wait for the next. */
const MAX_GROUP_METRICS = 10_000;
type Written = ReadonlyMap<number, number>;
const NOTHING: Written = new Map();

/** Writes batches so that `write` returns when they are committed; those that arrive together share a transaction. */
export class BatchWriter {
  readonly #clock: Clock;
  readonly #wrote: (series: number, points: number) => void;
  readonly #writer: GroupCommit<Entry, Written>;

  /** @param wrote told how many points a series was given, once they are committed */
  constructor(database: Database, clock: Clock, wrote: (series: number, points: number) => void) {
    this.#clock = clock;
    this.#wrote = wrote;
    this.#writer = new GroupCommit({
      database,
      storeAll: (tx, group) => this.#store(tx, group),
      weightOf: ({ batch }) => batch.metrics.length,
      maxWeight: MAX_GROUP_METRICS,
    });
  }

  /** @throws TRACKING_RUN_NOT_FOUND, TRACKING_RUN_DELETED, TRACKING_PARAM_CHANGED, TRACKING_LOGGED_MODEL_NOT_FOUND */
  async write(run: string, batch: Batch): Promise<void> {
    const written = await this.#writer.store({ run, batch, nowMs: this.#clock.now() });
    for (const [series, points] of written) this.#wrote(series, points);
  }

  /** Waits until everything handed over is committed or refused. */
  settle(): Promise<void> {
    return this.#writer.settle();
  }

  async #store(tx: Sql, group: readonly Entry[]): Promise<readonly Written[]> {
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
    // Series are of the group: they are told once, with its first batch.
    return group.map((_, index) => (index === 0 ? written : NOTHING));
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
