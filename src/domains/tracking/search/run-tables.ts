import type { Database } from '#platform/sql';
import { trackingErrors } from '../errors.ts';
import type { MetricPoint } from '../model.ts';
import type { Sealing } from '../sealing.ts';
import { findSeries, readThin } from '../store/point-store.ts';
import { readRuns } from '../store/run-store.ts';
import { type ColumnKeys, type ColumnKeysRequest, KeyCounter } from './column-keys.ts';
import { type Histories, type HistoriesRequest, RunHistories } from './histories.ts';
import { createMetricHistories, type MetricHistories } from './metric-history.ts';
import { type Importance, type ImportanceRequest, paramImportance } from './param-importance.ts';
import { groupRuns, type RunGroups, type RunGroupsRequest } from './run-groups.ts';
import type { RunSearch } from './run-search.ts';
import {
  createRunTable,
  type RunPoints,
  type RunPointsRequest,
  type RunTable,
  type RunTableRequest,
} from './run-table.ts';

interface History {
  /** In the order of step, time and value. */
  readonly points: readonly MetricPoint[];
  /** Points that are stored. */
  readonly total: number;
}

/** What tables and charts of many runs ask for. */
export interface RunTables extends MetricHistories {
  runTable(request: RunTableRequest): Promise<RunTable>;
  groupRuns(request: RunGroupsRequest): Promise<RunGroups>;
  findColumnKeys(request: ColumnKeysRequest): Promise<ColumnKeys>;
  runPoints(request: RunPointsRequest): Promise<RunPoints>;
  paramImportance(request: ImportanceRequest): Promise<Importance>;
  runHistories(request: HistoriesRequest): Promise<Histories>;
  /** A metric of a run, thinned to so many points with its peaks kept. */
  getMetricHistory(id: string, key: string, maxPoints: number): Promise<History>;
}

export function createRunTables(options: {
  readonly database: Database;
  readonly search: RunSearch;
  readonly sealing: Sealing;
}): RunTables {
  const { database, search, sealing } = options;
  const keys = new KeyCounter(database, search);
  const histories = new RunHistories(options);
  return {
    ...createRunTable(search),
    ...createMetricHistories(database),
    groupRuns: (request) => groupRuns(search, request),
    findColumnKeys: (request) => keys.find(request),
    paramImportance: (request) => paramImportance(search, keys, request),
    runHistories: (request) => histories.find(request),
    async getMetricHistory(id, key, maxPoints) {
      const series = (await findSeries(database, [id], key)).get(id);
      if (series === undefined) {
        const [run] = await readRuns(database, [id], { params: [], metrics: [], tags: [], inputs: false });
        if (!run) throw trackingErrors.TRACKING_RUN_NOT_FOUND({ run: id });
        throw trackingErrors.TRACKING_METRIC_NOT_FOUND({ run: id, key });
      }
      const { points, total, ripe } = await readThin(database, series, maxPoints);
      if (ripe) sealing.seal(series);
      const told = Array.from(points.values, (value, i) => ({
        step: points.steps[i] as number,
        timestampMs: points.times[i] as number,
        value,
      }));
      return { points: told, total };
    },
  };
}
