import type { Database } from '#platform/sql';
import { trackingErrors } from '../errors.ts';
import type { MetricPoint } from '../model.ts';
import { findSeries, readPoints } from '../store/point-store.ts';
import { readRunPlaces } from '../store/search.ts';

interface HistoryPageRequest {
  readonly run: string;
  readonly key: string;
  readonly offset: number;
  readonly limit: number;
}

interface HistoryPage {
  /** In the order of time, step and value. */
  readonly points: readonly MetricPoint[];
  /** Points that are stored. */
  readonly total: number;
}

interface HistorySampleRequest {
  readonly runs: readonly string[];
  readonly key: string;
  /** Steps to look at, both ends included; all from 0 on if left out. */
  readonly steps?: { readonly from: number; readonly to: number };
  /** About so many steps are taken, evenly, besides the first and the last of each run. */
  readonly maxSteps: number;
}

/** What a run has of a sample, in the order of step, time and value. */
interface HistorySample {
  readonly run: string;
  readonly points: readonly MetricPoint[];
}

/** Every point of a metric, by pages and by steps that several runs share. */
export interface MetricHistories {
  /** A metric that the run has not has no points. @throws TRACKING_RUN_NOT_FOUND */
  pageMetricHistory(request: HistoryPageRequest): Promise<HistoryPage>;
  /** The same steps of every run, so that they can be compared. @throws TRACKING_RUN_NOT_FOUND */
  sampleMetricHistories(request: HistorySampleRequest): Promise<readonly HistorySample[]>;
}

export function createMetricHistories(database: Database): MetricHistories {
  async function seriesOf(runs: readonly string[], key: string): Promise<ReadonlyMap<string, number>> {
    const series = await findSeries(database, runs, key);
    const without = runs.filter((run) => !series.has(run));
    if (without.length === 0) return series;
    const known = await readRunPlaces(database, without);
    const missing = without.find((run) => !known.has(run));
    if (missing !== undefined) throw trackingErrors.TRACKING_RUN_NOT_FOUND({ run: missing });
    return series;
  }

  return {
    async pageMetricHistory({ run, key, offset, limit }) {
      const series = (await seriesOf([run], key)).get(run);
      if (series === undefined) return { points: [], total: 0 };
      const all = await readPoints(database, series);
      const order = byTime(all.steps, all.times, all.values);
      const points: MetricPoint[] = [];
      for (let at = offset; at < Math.min(offset + limit, all.count); at++) {
        const i = order ? (order[at] as number) : at;
        points.push(pointAt(all, i));
      }
      return { points, total: all.count };
    },

    async sampleMetricHistories({ runs, key, steps, maxSteps }) {
      const series = await seriesOf(runs, key);
      const own = new Map<string, Awaited<ReturnType<typeof readPoints>>>();
      for (const [run, id] of series) own.set(run, await readPoints(database, id));
      const all = [...new Set([...own.values()].flatMap((points) => [...points.steps]))].sort((a, b) => a - b);
      const from = steps?.from ?? 0;
      const to = steps?.to ?? all.at(-1) ?? 0;
      const taken = new Set(
        evenly(
          all.filter((step) => step >= from && step <= to),
          maxSteps,
        ),
      );
      for (const points of own.values()) {
        for (const end of [points.steps[0], points.steps[points.count - 1]]) {
          if (end !== undefined && end >= from && end <= to) taken.add(end);
        }
      }
      return runs.flatMap((run) => {
        const points = own.get(run);
        if (!points) return [];
        const sample: MetricPoint[] = [];
        for (let i = 0; i < points.count; i++)
          if (taken.has(points.steps[i] as number)) sample.push(pointAt(points, i));
        return [{ run, points: sample }];
      });
    },
  };
}

function pointAt(points: Awaited<ReturnType<typeof readPoints>>, i: number): MetricPoint {
  return {
    step: points.steps[i] as number,
    timestampMs: points.times[i] as number,
    value: points.values[i] as number,
  };
}

/** The places of points in the order of time, step and value; undefined when they are in it. */
function byTime(steps: Float64Array, times: Float64Array, values: Float64Array): Uint32Array | undefined {
  if (times.every((time, i) => i === 0 || time >= (times[i - 1] as number))) return undefined;
  const place = (of: Float64Array, a: number, b: number) => (of[a] as number) - (of[b] as number);
  return Uint32Array.from(times.keys()).sort(
    (a, b) => place(times, a, b) || place(steps, a, b) || place(values, a, b) || a - b,
  );
}

/** So many of some steps, at even places, and the last. */
function evenly(steps: readonly number[], count: number): readonly number[] {
  if (steps.length <= count) return steps;
  const taken = Array.from({ length: count }, (_, i) => steps[Math.trunc((i * steps.length) / count)] as number);
  return [...taken, steps.at(-1) as number];
}
