import { sql as raw, type Selectable } from 'kysely';
import type { Database } from '#platform/sql';
import type { LoggedPrediction } from '../model.ts';
import type { ServingTables } from './schema.ts';

const PAGE_ROWS = 5000;
const LOOK_UP_IDS = 400;
const DAY_MS = 86_400_000;

/** A day of one version's traffic, by event time. */
export interface TrafficDay {
  /** Start of the day, UTC, ms since the epoch. */
  readonly dayMs: number;
  readonly variant: string;
  readonly version: string;
  readonly rows: number;
  readonly flagged: number;
  readonly meanPrediction: number;
  readonly meanLatencyMs: number;
}

/** Reads what was predicted. Predictions of deleted endpoints stay readable. */
export interface InferenceLog {
  /** Predictions with event time in [fromMs, toMs), oldest first, in pages. */
  scan(endpoint: string, fromMs: number, toMs: number): AsyncIterable<readonly LoggedPrediction[]>;
  /** Those of the given ids that were logged. */
  find(endpoint: string, inferenceIds: readonly string[]): Promise<readonly LoggedPrediction[]>;
  /** The newest by event time, newest first. */
  recent(endpoint: string, options: { limit: number; beforeMs?: number }): Promise<readonly LoggedPrediction[]>;
  /** Rows by UTC day of event time, variant and version, oldest first. */
  countByDay(endpoint: string): Promise<readonly TrafficDay[]>;
}

export function inferenceLog(database: Database): InferenceLog {
  const predictions = () => database.tables<ServingTables>().selectFrom('serving_prediction');
  return {
    async *scan(endpoint, fromMs, toMs) {
      let after: { readonly atMs: number; readonly inferenceId: string } | undefined;
      for (;;) {
        let query = predictions()
          .selectAll()
          .where('endpoint', '=', endpoint)
          .where('at_ms', '>=', after?.atMs ?? fromMs)
          .where('at_ms', '<', toMs);
        if (after) {
          const { atMs, inferenceId } = after;
          query = query.where((e) => e.or([e('at_ms', '>', atMs), e('inference_id', '>', inferenceId)]));
        }
        const rows = await query.orderBy('at_ms').orderBy('inference_id').limit(PAGE_ROWS).execute();
        if (rows.length > 0) yield rows.map(toPrediction);
        const last = rows.at(-1);
        if (rows.length < PAGE_ROWS || !last) return;
        after = { atMs: last.at_ms, inferenceId: last.inference_id };
      }
    },
    async find(endpoint, inferenceIds) {
      const found: LoggedPrediction[] = [];
      for (let start = 0; start < inferenceIds.length; start += LOOK_UP_IDS) {
        const ids = inferenceIds.slice(start, start + LOOK_UP_IDS);
        const query = predictions().selectAll().where('endpoint', '=', endpoint).where('inference_id', 'in', ids);
        for (const row of await query.execute()) found.push(toPrediction(row));
      }
      return found;
    },
    async recent(endpoint, { limit, beforeMs }) {
      let query = predictions().selectAll().where('endpoint', '=', endpoint);
      if (beforeMs !== undefined) query = query.where('at_ms', '<', beforeMs);
      const rows = await query.orderBy('at_ms', 'desc').orderBy('inference_id', 'desc').limit(limit).execute();
      return rows.map(toPrediction);
    },
    async countByDay(endpoint) {
      // Floor division for times before 1970 as well: both dialects truncate towards zero.
      const day = raw<number>`(at_ms - ((at_ms % ${raw.lit(DAY_MS)}) + ${raw.lit(DAY_MS)}) % ${raw.lit(DAY_MS)})`;
      const rows = await predictions()
        .select(({ fn }) => [
          day.as('day_ms'),
          'variant',
          'version',
          fn.countAll<number>().as('rows'),
          fn.sum<number>('flagged').as('flagged'),
          fn.avg<number>('prediction').as('mean_prediction'),
          fn.avg<number>('latency_us').as('mean_latency_us'),
        ])
        .where('endpoint', '=', endpoint)
        .groupBy([day, 'variant', 'version'])
        .orderBy('day_ms')
        .orderBy('variant')
        .orderBy('version')
        .execute();
      return rows.map((row) => ({
        dayMs: row.day_ms,
        variant: row.variant,
        version: row.version,
        rows: row.rows,
        flagged: row.flagged,
        meanPrediction: row.mean_prediction,
        meanLatencyMs: row.mean_latency_us / 1000,
      }));
    },
  };
}

function toPrediction(row: Selectable<ServingTables['serving_prediction']>): LoggedPrediction {
  return {
    inferenceId: row.inference_id,
    atMs: row.at_ms,
    receivedMs: row.received_ms,
    version: row.version,
    variant: row.variant,
    // Written by the row reader: an object of the signature's columns.
    features: JSON.parse(row.features) as LoggedPrediction['features'],
    prediction: row.prediction,
    latencyMs: row.latency_us / 1000,
    flagged: row.flagged === 1,
  };
}
