import { sql as raw } from 'kysely';
import type { Sql, SqlValue } from '#platform/sql';
import { makePoints, type Points, sortPoints } from '../core/packed-points.ts';
import type { LoggedMetric } from '../model.ts';
import { PACKET_FROM, writePackets } from './point-store.ts';

/** Metrics of one run. */
interface RunMetrics {
  readonly run: string;
  /** The time of metrics that have none. */
  readonly nowMs: number;
  readonly metrics: readonly LoggedMetric[];
}

const POINT_COLUMNS = ['series', 'step', 'at_ms', 'value', 'is_nan'] as const;
const MAX_SERIES_A_STATEMENT = 128;

/** What some batches do to one series: the latest of its points, and its extremes. */
interface SeriesChange {
  readonly run: string;
  readonly key: string;
  /** Known once the series is written. */
  id: number;
  step: number;
  atMs: number;
  value: number;
  isNan: number;
  min: number | null;
  max: number | null;
}

/** What one batch brings for one series. */
interface Share {
  readonly change: SeriesChange;
  readonly nowMs: number;
  readonly metrics: LoggedMetric[];
}

/**
 * Writes points and moves the latest values they bring, a statement for many series and one prepared insert for all
 * points: a row for each, or a packet of many that a batch has for one series. Points that are there already are left
 * alone, so writing them again changes nothing.
 *
 * @returns how many points each series was given, by its id
 */
export async function writeMetrics(tx: Sql, batches: readonly RunMetrics[]): Promise<ReadonlyMap<number, number>> {
  const changes = new Map<string, Map<string, SeriesChange>>();
  const shares: Share[] = [];
  for (const { run, nowMs, metrics } of batches) {
    const own = changes.get(run) ?? new Map<string, SeriesChange>();
    changes.set(run, own);
    const ofBatch = new Map<string, Share>();
    for (const metric of metrics) {
      let share = ofBatch.get(metric.key);
      if (share === undefined) {
        share = { change: changeOf(own, run, nowMs, metric), nowMs, metrics: [] };
        ofBatch.set(metric.key, share);
        shares.push(share);
      }
      noteMetric(share, metric);
    }
  }
  const written = new Map<number, number>();
  if (shares.length === 0) return written;
  await writeSeries(tx, changes);
  await writeShares(tx, shares);
  for (const { change, metrics } of shares) written.set(change.id, (written.get(change.id) ?? 0) + metrics.length);
  return written;
}

async function writeShares(tx: Sql, shares: readonly Share[]): Promise<void> {
  const rows: SqlValue[][] = [];
  const packets: { series: number; points: Points }[] = [];
  for (const share of shares) {
    const { change, nowMs, metrics } = share;
    if (metrics.length >= PACKET_FROM) {
      packets.push({ series: change.id, points: pointsOf(share) });
      continue;
    }
    for (const { step, timestampMs = nowMs, value } of metrics) {
      const isNan = Number.isNaN(value);
      rows.push([change.id, step, timestampMs, isNan ? 0 : value, isNan ? 1 : 0]);
    }
  }
  await tx.insertRows('tracking_point', POINT_COLUMNS, rows, { onConflict: 'ignore' });
  await writePackets(tx, packets);
}

function pointsOf({ metrics, nowMs }: Share): Points {
  const points = makePoints(metrics.length);
  for (const [i, { step, timestampMs = nowMs, value }] of metrics.entries()) {
    points.steps[i] = step;
    points.times[i] = timestampMs;
    points.values[i] = value;
  }
  return sortPoints(points);
}

/** The change of a series, begun with a metric if there is none. */
function changeOf(changes: Map<string, SeriesChange>, run: string, nowMs: number, metric: LoggedMetric): SeriesChange {
  const known = changes.get(metric.key);
  if (known !== undefined) return known;
  const { key, step, timestampMs: atMs = nowMs } = metric;
  const isNan = Number.isNaN(metric.value) ? 1 : 0;
  const value = isNan ? 0 : metric.value;
  const extreme = isNan ? null : value;
  const fresh = { run, key, id: 0, step, atMs, value, isNan, min: extreme, max: extreme };
  changes.set(key, fresh);
  return fresh;
}

function noteMetric({ change, nowMs, metrics }: Share, metric: LoggedMetric): void {
  metrics.push(metric);
  const { step, timestampMs: atMs = nowMs } = metric;
  const isNan = Number.isNaN(metric.value) ? 1 : 0;
  const value = isNan ? 0 : metric.value;
  if (isNewer(change, step, atMs, value)) {
    change.step = step;
    change.atMs = atMs;
    change.value = value;
    change.isNan = isNan;
  }
  if (isNan) return;
  if (change.min === null || value < change.min) change.min = value;
  if (change.max === null || value > change.max) change.max = value;
}

function isNewer(known: SeriesChange, step: number, atMs: number, value: number): boolean {
  if (step !== known.step) return step > known.step;
  return atMs === known.atMs ? value > known.value : atMs > known.atMs;
}

/** Writes the series and notes the id of each. */
async function writeSeries(tx: Sql, changes: ReadonlyMap<string, ReadonlyMap<string, SeriesChange>>): Promise<void> {
  // In one order everywhere, so that two writers on PostgreSQL wait for each other instead of for ever.
  const sorted = [...changes.keys()].sort().flatMap((run) => {
    const own = [...(changes.get(run)?.values() ?? [])];
    return own.sort((a, b) => (a.key < b.key ? -1 : 1));
  });
  for (let start = 0; start < sorted.length; ) {
    const size = statementSize(sorted.length - start);
    for (const { id, run, key } of await upsertSeries(tx, sorted.slice(start, start + size))) {
      const change = changes.get(run)?.get(key);
      if (change) change.id = id;
    }
    start += size;
  }
}

/** A power of two: few different texts, so that prepared statements are found again. */
function statementSize(left: number): number {
  return Math.min(MAX_SERIES_A_STATEMENT, 2 ** Math.floor(Math.log2(left)));
}

async function upsertSeries(tx: Sql, changes: readonly SeriesChange[]) {
  const values = changes.map(
    (c) => raw`(${c.run}, ${c.key}, ${c.step}, ${c.atMs}, ${c.value}, ${c.isNan}, ${c.min}, ${c.max})`,
  );
  const newer = raw`(excluded.step, excluded.at_ms, excluded.value) > (s.step, s.at_ms, s.value)`;
  const result = await raw<{ id: number; run: string; key: string }>`
    insert into tracking_series as s (run, key, step, at_ms, value, is_nan, min_value, max_value)
    values ${raw.join(values)}
    on conflict (run, key) do update set
      step = case when ${newer} then excluded.step else s.step end,
      at_ms = case when ${newer} then excluded.at_ms else s.at_ms end,
      value = case when ${newer} then excluded.value else s.value end,
      is_nan = case when ${newer} then excluded.is_nan else s.is_nan end,
      min_value = case when s.min_value is null or excluded.min_value < s.min_value
        then excluded.min_value else s.min_value end,
      max_value = case when s.max_value is null or excluded.max_value > s.max_value
        then excluded.max_value else s.max_value end
    returning id, run, key`.execute(tx.tables());
  return result.rows;
}
