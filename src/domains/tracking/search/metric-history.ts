import type { Database } from '#platform/sql';
import type { Points } from '../core/packed-points.ts';
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
      const own = new Map<string, Points>();
      for (const [run, id] of series) own.set(run, await readPoints(database, id));
      const taken = stepsToTake([...own.values()], steps, maxSteps);
      return runs.flatMap((run) => {
        const points = own.get(run);
        return points ? [{ run, points: pointsAt(points, taken) }] : [];
      });
    },
  };
}

/** The steps to show of some runs, in their order: those at even places, and the ends of each run. */
function stepsToTake(
  runs: readonly Points[],
  range: HistorySampleRequest['steps'],
  maxSteps: number,
): readonly number[] {
  const all = distinctSteps(runs.map(({ steps }) => steps));
  const from = range?.from ?? 0;
  const to = range?.to ?? all.at(-1) ?? 0;
  const taken = new Set(evenly(all.subarray(placeOf(all, from), placeOf(all, to, 'after')), maxSteps));
  for (const { steps } of runs) {
    for (const end of [steps[0], steps.at(-1)]) if (end !== undefined && end >= from && end <= to) taken.add(end);
  }
  return [...taken].sort((one, other) => one - other);
}

/** The points of some steps, all of them given in their order. */
function pointsAt(points: Points, steps: readonly number[]): readonly MetricPoint[] {
  const found: MetricPoint[] = [];
  for (const step of steps) {
    for (let i = placeOf(points.steps, step); points.steps[i] === step; i++) found.push(pointAt(points, i));
  }
  return found;
}

/** Steps of several runs, each in their order, once each. */
function distinctSteps(runs: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(runs.reduce((sum, { length }) => sum + length, 0));
  let count = 0;
  for (const steps of runs) {
    all.set(steps, count);
    count += steps.length;
  }
  if (runs.length > 1) all.sort();
  let last = 0;
  for (let i = 1; i < count; i++) if (all[i] !== all[last]) all[++last] = all[i] as number;
  return all.subarray(0, Math.min(count, last + 1));
}

/** Where a step stands among steps in their order, or would stand; where what comes after it does. */
function placeOf(steps: Float64Array, step: number, side: 'at' | 'after' = 'at'): number {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = steps[middle] as number;
    if (value < step || (side === 'after' && value === step)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function pointAt(points: Points, i: number): MetricPoint {
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
function evenly(steps: Float64Array, count: number): readonly number[] {
  if (steps.length <= count) return [...steps];
  const taken = Array.from({ length: count }, (_, i) => steps[Math.trunc((i * steps.length) / count)] as number);
  return [...taken, steps.at(-1) as number];
}
