import { type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';
import {
  Experiment,
  ExperimentColumns,
  ExperimentName,
  LogBatch,
  MetricHistory,
  NewRun,
  Run,
  RunChange,
  RunComparison,
  RunId,
  RunInputs,
  RunSearch,
} from './tracking-schemas.ts';

export {
  DatasetOfRun,
  Experiment,
  ExperimentColumns,
  InputOfRun,
  LatestMetric,
  LogBatch,
  LoggedMetric,
  LoggedParam,
  MetricHistory,
  MetricNumber,
  MetricPoint,
  NewRun,
  Run,
  RunChange,
  RunComparison,
  RunLifecycle,
  RunSearch,
  RunState,
} from './tracking-schemas.ts';

const OneExperiment = Type.Object({ experiment: ExperimentName });
const OneRun = Type.Object({ run: RunId });
const Closed = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

const Description = Type.String({ maxLength: 5000, description: 'What it is about, for people.' });
const ExperimentTags = Type.Record(Type.String(), Type.String(), {
  maxProperties: 100,
  description: 'Tags by key; each at most 5000 characters.',
});

const Changing = ['TRACKING_EXPERIMENT_NOT_FOUND', 'TRACKING_EXPERIMENT_DELETED'];
const Writing = ['TRACKING_RUN_NOT_FOUND', 'TRACKING_RUN_DELETED'];

export const trackingOperations = {
  listExperiments: operation({
    id: 'tracking.listExperiments',
    method: 'GET',
    path: '/api/experiments',
    summary: 'Experiments that are not deleted, the one with the latest activity first.',
    response: Type.Object({ experiments: Type.Array(Experiment) }),
  }),
  createExperiment: operation({
    id: 'tracking.createExperiment',
    method: 'POST',
    path: '/api/experiments',
    summary: 'Makes an experiment, or answers the one of this name.',
    body: Closed({
      name: ExperimentName,
      description: Type.Optional(Description),
      artifactLocation: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 2048,
          description: 'Where files of its runs go, a URI or a path on the server; below the default root if left out.',
        }),
      ),
      tags: Type.Optional(ExperimentTags),
    }),
    response: Experiment,
    status: 201,
    errors: ['TRACKING_KEY_INVALID', 'TRACKING_VALUE_INVALID', 'TRACKING_EXPERIMENT_DELETED'],
  }),
  getExperiment: operation({
    id: 'tracking.getExperiment',
    method: 'GET',
    path: '/api/experiments/:experiment',
    summary: 'One experiment.',
    params: OneExperiment,
    response: Experiment,
    errors: ['TRACKING_EXPERIMENT_NOT_FOUND'],
  }),
  updateExperiment: operation({
    id: 'tracking.updateExperiment',
    method: 'PATCH',
    path: '/api/experiments/:experiment',
    summary: 'Renames, describes or tags an experiment.',
    params: OneExperiment,
    body: Closed({
      name: Type.Optional(ExperimentName),
      description: Type.Optional(Description),
      tags: Type.Optional(ExperimentTags),
      dropTags: Type.Optional(
        Type.Array(Type.String({ description: 'Key of a tag.' }), { maxItems: 100, description: 'Tags to take away.' }),
      ),
    }),
    response: Experiment,
    errors: [...Changing, 'TRACKING_EXPERIMENT_EXISTS', 'TRACKING_KEY_INVALID', 'TRACKING_VALUE_INVALID'],
  }),
  deleteExperiment: operation({
    id: 'tracking.deleteExperiment',
    method: 'DELETE',
    path: '/api/experiments/:experiment',
    summary: 'Puts an experiment aside with all its runs. Its facts and its name are kept; restore brings it back.',
    params: OneExperiment,
    response: Experiment,
    errors: ['TRACKING_EXPERIMENT_NOT_FOUND'],
  }),
  restoreExperiment: operation({
    id: 'tracking.restoreExperiment',
    method: 'POST',
    path: '/api/experiments/:experiment/restore',
    summary: 'Brings a deleted experiment back, with all its runs.',
    params: OneExperiment,
    response: Experiment,
    errors: ['TRACKING_EXPERIMENT_NOT_FOUND'],
  }),
  listColumns: operation({
    id: 'tracking.listColumns',
    method: 'GET',
    path: '/api/experiments/:experiment/columns',
    summary: 'Every metric, param and tag that an active run of the experiment has.',
    params: OneExperiment,
    response: ExperimentColumns,
    errors: ['TRACKING_EXPERIMENT_NOT_FOUND'],
  }),
  createRun: operation({
    id: 'tracking.createRun',
    method: 'POST',
    path: '/api/runs',
    summary: 'Starts a run.',
    description:
      'With an id given by the caller the same request again answers the run that exists. The experiment must exist.',
    body: NewRun,
    response: Run,
    status: 201,
    errors: [
      ...Changing,
      'TRACKING_RUN_NOT_FOUND',
      'TRACKING_RUN_EXISTS',
      'TRACKING_KEY_INVALID',
      'TRACKING_VALUE_INVALID',
    ],
  }),
  getRun: operation({
    id: 'tracking.getRun',
    method: 'GET',
    path: '/api/runs/:run',
    summary: 'A run with its params, tags, inputs and the latest value of every metric. Deleted runs too.',
    params: OneRun,
    response: Run,
    errors: ['TRACKING_RUN_NOT_FOUND'],
  }),
  searchRuns: operation({
    id: 'tracking.searchRuns',
    method: 'POST',
    path: '/api/runs/search',
    summary: 'Finds runs by params, metrics, tags, inputs and attributes.',
    description:
      "Filter: `metrics.auc > 0.7 and (params.depth = '6' or tags.stage like 'prod%') and not status = 'failed'`. " +
      'Names are metrics.<key>, params.<key>, tags.<key>, inputs.ref|path|role, and the attributes id, name, status, ' +
      'experiment, parent, createdBy, codeCommit, startedAt, endedAt (ms). Keys with other signs stand in back-quotes. ' +
      'Operators: = != > >= < <= like ilike in, not in, is null, is not null. Params compare as numbers with numbers. ' +
      'A comparison is false of a key that a run lacks; NaN compares with nothing.',
    body: RunSearch,
    response: Type.Object({
      runs: Type.Array(Run),
      nextPageToken: Type.Union([Type.String(), Type.Null()], {
        description: 'Send it with the same search for the next page; null on the last.',
      }),
    }),
    errors: ['TRACKING_EXPERIMENT_NOT_FOUND', 'TRACKING_FILTER_INVALID', 'TRACKING_PAGE_TOKEN_INVALID'],
  }),
  compareRuns: operation({
    id: 'tracking.compareRuns',
    method: 'POST',
    path: '/api/runs/compare',
    summary: 'Params, metrics and tags of some runs side by side.',
    body: Closed({
      runs: Type.Array(RunId, { minItems: 1, maxItems: 50, description: 'Runs, in the order of the columns.' }),
    }),
    response: RunComparison,
    errors: ['TRACKING_RUN_NOT_FOUND'],
  }),
  updateRun: operation({
    id: 'tracking.updateRun',
    method: 'PATCH',
    path: '/api/runs/:run',
    summary: 'Ends, renames or tags a run.',
    params: OneRun,
    body: RunChange,
    response: Run,
    errors: [...Writing, 'TRACKING_KEY_INVALID', 'TRACKING_VALUE_INVALID'],
  }),
  deleteRun: operation({
    id: 'tracking.deleteRun',
    method: 'DELETE',
    path: '/api/runs/:run',
    summary: 'Puts a run aside. Its facts are kept; restore brings it back. Deleting it again changes nothing.',
    params: OneRun,
    response: Run,
    errors: ['TRACKING_RUN_NOT_FOUND'],
  }),
  restoreRun: operation({
    id: 'tracking.restoreRun',
    method: 'POST',
    path: '/api/runs/:run/restore',
    summary: 'Brings a deleted run back.',
    params: OneRun,
    response: Run,
    errors: ['TRACKING_RUN_NOT_FOUND'],
  }),
  logBatch: operation({
    id: 'tracking.logBatch',
    method: 'POST',
    path: '/api/runs/:run/log',
    summary: 'Writes metrics, params and tags: all of them or none.',
    description:
      'The same batch again changes nothing. A param keeps the value it was first given. When this answers, what was sent is stored.',
    params: OneRun,
    body: LogBatch,
    response: 'none',
    errors: [...Writing, 'TRACKING_PARAM_CHANGED', 'TRACKING_KEY_INVALID', 'TRACKING_VALUE_INVALID'],
  }),
  deleteRunTag: operation({
    id: 'tracking.deleteRunTag',
    method: 'DELETE',
    path: '/api/runs/:run/tags/:tag',
    summary: 'Takes a tag away from a run.',
    params: Type.Object({ run: RunId, tag: Type.String({ description: 'Key of the tag.' }) }),
    response: 'none',
    errors: [...Writing, 'TRACKING_TAG_NOT_FOUND'],
  }),
  addInputs: operation({
    id: 'tracking.addInputs',
    method: 'POST',
    path: '/api/runs/:run/inputs',
    summary: 'Tells what data a run used. Known inputs change nothing.',
    params: OneRun,
    body: Closed({ inputs: RunInputs }),
    response: Run,
    errors: [...Writing, 'TRACKING_VALUE_INVALID'],
  }),
  getMetricHistory: operation({
    id: 'tracking.getMetricHistory',
    method: 'GET',
    path: '/api/runs/:run/metric-history',
    summary: 'Every value of a metric by step; thinned, with its extremes kept, when there are more than asked for.',
    params: OneRun,
    query: Type.Object({
      key: Type.String({ description: 'Key of the metric.' }),
      maxPoints: Type.Optional(
        Type.Integer({ minimum: 4, maximum: 100_000, default: 2000, description: 'At most this many points.' }),
      ),
    }),
    response: MetricHistory,
    errors: ['TRACKING_RUN_NOT_FOUND', 'TRACKING_METRIC_NOT_FOUND'],
  }),
};
