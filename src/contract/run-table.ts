import { operation } from '#platform/operation';
import {
  ColumnKeys,
  ColumnKeysRequest,
  Histories,
  HistoriesRequest,
  Importance,
  ImportanceRequest,
  RunGroups,
  RunGroupsRequest,
  RunPoints,
  RunPointsRequest,
  RunTable,
  RunTableRequest,
} from './run-table-schemas.ts';

export {
  CellValue,
  ColumnKeys,
  ColumnKeysRequest,
  ColumnKind,
  Histories,
  HistoriesRequest,
  Importance,
  ImportanceRequest,
  RunGroups,
  RunGroupsRequest,
  RunPoints,
  RunPointsRequest,
  RunTable,
  RunTableRequest,
  RunTableRow,
} from './run-table-schemas.ts';

const Selecting = ['TRACKING_EXPERIMENT_NOT_FOUND', 'TRACKING_FILTER_INVALID'];

/** What tables and charts of many runs ask for. */
export const runTableOperations = {
  runTable: operation({
    id: 'tracking.runTable',
    method: 'POST',
    path: '/api/runs/table',
    summary: 'A part of a table of runs: filtered, sorted, only the columns asked for, any offset.',
    description:
      'Made for 100,000 runs and more: ask for the rows in view. The filter is that of POST /api/runs/search.',
    body: RunTableRequest,
    response: RunTable,
    errors: Selecting,
  }),
  groupRuns: operation({
    id: 'tracking.groupRuns',
    method: 'POST',
    path: '/api/runs/groups',
    summary: 'Runs that agree in some columns, counted, with mean, least and greatest of others.',
    body: RunGroupsRequest,
    response: RunGroups,
    errors: Selecting,
  }),
  findColumnKeys: operation({
    id: 'tracking.findColumnKeys',
    method: 'POST',
    path: '/api/runs/column-keys',
    summary: 'Keys of metrics, params and tags by part of their name, with how many runs have each.',
    body: ColumnKeysRequest,
    response: ColumnKeys,
    errors: ['TRACKING_EXPERIMENT_NOT_FOUND'],
  }),
  runPoints: operation({
    id: 'tracking.runPoints',
    method: 'POST',
    path: '/api/runs/points',
    summary: 'Some columns of many runs as arrays, for charts that show each run as a point.',
    body: RunPointsRequest,
    response: RunPoints,
    errors: Selecting,
  }),
  paramImportance: operation({
    id: 'tracking.paramImportance',
    method: 'POST',
    path: '/api/runs/importance',
    summary: 'Which params a metric depends on: importance in a random forest, and correlations.',
    description:
      'A forest of regression trees learns the target from the params; a param is as important as shuffling it makes ' +
      'the forest worse on runs that a tree has not seen. It tells what goes along with the metric among these runs, ' +
      'not what causes it.',
    body: ImportanceRequest,
    response: Importance,
    errors: Selecting,
  }),
  runHistories: operation({
    id: 'tracking.runHistories',
    method: 'POST',
    path: '/api/runs/histories',
    summary: 'One metric of many runs over steps or time, thinned with its peaks kept, or as a band over groups.',
    description: 'For a live chart ask again when an event tells that a run changed.',
    body: HistoriesRequest,
    response: Histories,
    errors: ['TRACKING_RUN_NOT_FOUND', 'TRACKING_FILTER_INVALID'],
  }),
};
