import type { Database } from '#platform/sql';
import { type Run as BandRun, makeBand } from '../core/band.ts';
import type { Points } from '../core/packed-points.ts';
import { trackingErrors } from '../errors.ts';
import type { Sealing } from '../sealing.ts';
import { findSeries, type Range, readPoints, readThin } from '../store/point-store.ts';
import { readRunPlaces } from '../store/search.ts';
import { sortHits, tableAt } from './order.ts';
import { groupsOf } from './run-groups.ts';
import type { RunSearch } from './run-search.ts';
import { type CellValue, valuesOf } from './run-table.ts';
import { runField } from './vocabulary.ts';

/** What x of a history is: the step, ms since the epoch, or ms since the first point of the run. */
type HistoryX = 'step' | 'time' | 'relative';

export interface HistoriesRequest {
  readonly runs: readonly string[];
  readonly key: string;
  readonly x?: HistoryX;
  /** Of a line, at least 4. */
  readonly maxPoints?: number;
  readonly fromX?: number;
  readonly toX?: number;
  /** One line for the runs that agree in these. */
  readonly groupBy?: readonly string[];
}

export interface HistoryLine {
  readonly runs: readonly string[];
  readonly name: string;
  /** What the runs of a group agree in; empty for a run. */
  readonly values: readonly CellValue[];
  /** Points stored of it. */
  readonly total: number;
  readonly sampled: boolean;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Least and greatest near each x; of a group alone. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
}

export interface Histories {
  readonly lines: readonly HistoryLine[];
}

interface Group {
  readonly runs: readonly string[];
  readonly name: string;
  readonly values: readonly CellValue[];
}

const DEFAULT_POINTS = 500;

/** One metric of many runs: a line each, or a band for each group of them. */
export class RunHistories {
  readonly #database: Database;
  readonly #search: RunSearch;
  readonly #sealing: Sealing;

  constructor(options: { readonly database: Database; readonly search: RunSearch; readonly sealing: Sealing }) {
    this.#database = options.database;
    this.#search = options.search;
    this.#sealing = options.sealing;
  }

  /** @throws TRACKING_RUN_NOT_FOUND */
  async find(request: HistoriesRequest): Promise<Histories> {
    const runs = [...new Set(request.runs)];
    const places = await readRunPlaces(this.#database, runs);
    const missing = runs.find((run) => !places.has(run));
    if (missing !== undefined) throw trackingErrors.TRACKING_RUN_NOT_FOUND({ run: missing });
    const series = await findSeries(this.#database, runs, request.key);
    const having = runs.filter((run) => series.has(run));
    const lines: HistoryLine[] = [];
    if (request.groupBy === undefined) {
      for (const run of having) {
        const group = { runs: [run], name: places.get(run)?.name ?? '', values: [] };
        lines.push(await this.#lineOf(group, series.get(run) as number, request));
      }
      return { lines };
    }
    const experiments = new Set(having.flatMap((run) => places.get(run)?.experiment ?? []));
    for (const group of await this.#groups(having, experiments, request.groupBy)) {
      lines.push(await this.#bandOf(group, series, request));
    }
    return { lines };
  }

  async #lineOf(group: Group, series: number, request: HistoriesRequest): Promise<HistoryLine> {
    const { x = 'step', maxPoints = DEFAULT_POINTS } = request;
    const { startMs, range } = await this.#rangeOf(series, request);
    const { points, total, ripe } = await readThin(this.#database, series, maxPoints, range);
    if (ripe) this.#sealing.seal(series);
    const line = sortedByX(points, x, startMs);
    return { ...group, total, sampled: points.count < total, x: line.xs, y: line.ys };
  }

  async #bandOf(group: Group, series: ReadonlyMap<string, number>, request: HistoriesRequest): Promise<HistoryLine> {
    const { x = 'step', maxPoints = DEFAULT_POINTS } = request;
    const runs: BandRun[] = [];
    for (const run of group.runs) {
      const own = series.get(run) as number;
      const { startMs, range } = await this.#rangeOf(own, request);
      runs.push(sortedByX(await readPoints(this.#database, own, range), x, startMs));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const total = runs.reduce((sum, { xs }) => sum + xs.length, 0);
    const band = makeBand(runs, maxPoints);
    return { ...group, total, sampled: band.summedUp, x: band.x, y: band.mean, low: band.low, high: band.high };
  }

  /** The range asked for as one of steps or times, and when the series starts where that counts. */
  async #rangeOf(series: number, { x = 'step', fromX, toX }: HistoriesRequest) {
    const startMs = x === 'relative' ? await this.#startOf(series) : 0;
    if (fromX === undefined && toX === undefined) return { startMs, range: undefined };
    const range: Range = {
      of: x === 'step' ? 'step' : 'time',
      from: (fromX ?? Number.NEGATIVE_INFINITY) + startMs,
      to: (toX ?? Number.POSITIVE_INFINITY) + startMs,
    };
    return { startMs, range };
  }

  async #startOf(series: number): Promise<number> {
    const { points } = await readThin(this.#database, series, 4);
    return points.times[0] ?? 0;
  }

  #groups(runs: readonly string[], experiments: ReadonlySet<number>, groupBy: readonly string[]): Promise<Group[]> {
    const fields = groupBy.map(runField);
    const named = new Map([...experiments].map((id) => [id, '']));
    return this.#search.look(named, fields, (tables) => {
      const rows = tables.map((table) => Int32Array.from(runs.flatMap((run) => table.ids.find(run) ?? [])));
      const hits = sortHits(tables, rows, [], Number.POSITIVE_INFINITY);
      const parted = groupsOf(
        fields.map((field) => valuesOf(hits, field)),
        hits.rowOf.length,
      );
      return parted.map(({ values, members }) => ({
        runs: members.map((hit) => tableAt(hits, hit).ids.get(hits.rowOf[hit] as number)),
        name: values.map((value, i) => `${groupBy[i]} = ${value ?? 'none'}`).join(', '),
        values,
      }));
    });
  }
}

function sortedByX(points: Points, x: HistoryX, startMs: number): BandRun {
  const along = x === 'step' ? points.steps : points.times;
  const order = Array.from({ length: points.count }, (_, i) => i);
  // Points come by step; by time they nearly always do too.
  order.sort((a, b) => (along[a] as number) - (along[b] as number) || a - b);
  return {
    xs: order.map((i) => (along[i] as number) - startMs),
    ys: order.map((i) => points.values[i] as number),
  };
}
