import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';
import { ExperimentName, MetricNumber, RunId, RunLifecycle } from './tracking-schemas.ts';

const At = (description: string) => Type.Integer({ description: `${description}, ms since the epoch.` });
const OrNull = <Schema extends TSchema>(schema: Schema, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
const Closed = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

export const LoggedModelId = Type.String({
  minLength: 1,
  maxLength: 256,
  description: 'Id of the logged model, m- and 32 hex digits.',
});

export const LoggedModelStatus = Type.Union([Type.Literal('pending'), Type.Literal('ready'), Type.Literal('failed')], {
  description: 'pending: its files are on their way. ready: they are all there. failed: they never came.',
});
export type LoggedModelStatus = Static<typeof LoggedModelStatus>;

export const LoggedModelMetric = Type.Object({
  key: Type.String({ description: 'Key of the metric.' }),
  value: MetricNumber,
  step: Type.Integer({ description: 'Step of the training.' }),
  timestampMs: At('When it was measured'),
  run: RunId,
  datasetName: OrNull(Type.String(), 'Name of the dataset it was measured on; null when not told.'),
  datasetDigest: OrNull(Type.String(), 'Digest of that dataset; null when not told.'),
});
export type LoggedModelMetric = Static<typeof LoggedModelMetric>;

export const LoggedModel = Type.Object({
  id: LoggedModelId,
  name: Type.String({ description: 'Name for people; need not be unique.' }),
  experiment: ExperimentName,
  experimentId: Type.String({ description: 'Number of the experiment, as text.' }),
  type: Type.String({ description: 'Kind of model as its maker calls it; empty when not told.' }),
  status: LoggedModelStatus,
  lifecycle: RunLifecycle,
  sourceRun: OrNull(Type.String(), 'Id of the run that made it; null when not told.'),
  artifactUri: Type.String({ description: 'Where its files are.' }),
  createdAtMs: At('When it was begun'),
  createdBy: Type.String({ description: 'Who began it.' }),
  updatedAtMs: At('When its status last changed'),
  params: Type.Record(Type.String(), Type.String(), { description: 'What it was told; never changes once set.' }),
  tags: Type.Record(Type.String(), Type.String(), { description: 'Notes; may change.' }),
  metrics: Type.Array(LoggedModelMetric, { description: 'What was measured of it, by key, time and step.' }),
});
export type LoggedModel = Static<typeof LoggedModel>;

const Texts = (description: string) => Type.Record(Type.String(), Type.String(), { maxProperties: 100, description });

export const NewLoggedModel = Closed({
  experiment: ExperimentName,
  id: Type.Optional(
    Type.String({
      pattern: '^m-[0-9a-f]{32}$',
      description: 'Id chosen by the caller, so that a repeated request makes no second model; made if left out.',
    }),
  ),
  name: Type.Optional(
    Type.String({ minLength: 1, maxLength: 500, description: 'Without / : . % and quotes; made if left out.' }),
  ),
  type: Type.Optional(Type.String({ maxLength: 500, description: 'Kind of model, e.g. gradient-boosting.' })),
  sourceRun: Type.Optional(RunId),
  params: Type.Optional(Texts('Params to begin with, at most 100.')),
  tags: Type.Optional(Texts('Tags to begin with, at most 100.')),
});
export type NewLoggedModel = Static<typeof NewLoggedModel>;

export const LoggedModelChange = Closed({
  status: Type.Optional(LoggedModelStatus),
  params: Type.Optional(Texts('Params to add; one that exists keeps its value.')),
  tags: Type.Optional(Texts('Tags to set.')),
  removeTags: Type.Optional(
    Type.Array(Type.String({ description: 'Key of a tag.' }), { maxItems: 100, description: 'Tags to remove.' }),
  ),
});
export type LoggedModelChange = Static<typeof LoggedModelChange>;

const OnDataset = {
  datasetName: Type.Optional(Type.String({ maxLength: 500, description: 'Only as measured on this dataset.' })),
  datasetDigest: Type.Optional(Type.String({ maxLength: 36, description: 'Only as measured on this state of it.' })),
};

export const LoggedModelSearch = Closed({
  experiments: Type.Optional(Type.Array(ExperimentName, { description: 'Only in these; in all if left out.' })),
  filter: Type.Optional(
    Type.String({
      maxLength: 10_000,
      description:
        "Condition, e.g. metrics.auc > 0.7 and params.depth = '6' and name like 'delay%'. Names are metrics.<key>, " +
        'params.<key>, tags.<key> and the attributes name, model_id, model_type, status, experiment_id, source_run_id, ' +
        'artifact_location, creation_timestamp, last_updated_timestamp.',
    }),
  ),
  datasets: Type.Optional(
    Type.Array(
      Closed({
        name: Type.String({ minLength: 1, maxLength: 500, description: 'Name of the dataset.' }),
        digest: Type.Optional(Type.String({ maxLength: 36, description: 'Digest of it; any if left out.' })),
      }),
      {
        maxItems: 100,
        description: 'Metrics of the filter count only on one of these; without such, models measured on one of these.',
      },
    ),
  ),
  orderBy: Type.Optional(
    Type.Array(
      Closed({
        field: Type.String({ maxLength: 620, description: 'metrics.<key> or an attribute.' }),
        descending: Type.Optional(Type.Boolean({ default: false, description: 'Greatest first.' })),
        ...OnDataset,
      }),
      { maxItems: 10, description: 'Newest first if left out. Models without the value come last.' },
    ),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, default: 50, description: 'Models of a page at most.' }),
  ),
  pageToken: Type.Optional(Type.String({ description: 'nextPageToken of the page before.' })),
});
export type LoggedModelSearch = Static<typeof LoggedModelSearch>;

export const DatasetOfExperiment = Type.Object({
  name: Type.String({ description: 'Name of the dataset.' }),
  digest: Type.String({ description: 'Digest that its maker gave this state of it.' }),
  sourceType: Type.String({ description: 'What kind of place it comes from, e.g. local, http, s3.' }),
  source: Type.String({ description: 'Where it comes from, as its maker tells it, mostly JSON.' }),
  contexts: Type.Array(Type.String(), { description: 'What it was used for, e.g. training, by name.' }),
  runs: Type.Integer({ description: 'How many runs used it.' }),
});
export type DatasetOfExperiment = Static<typeof DatasetOfExperiment>;

const OneModel = Type.Object({ model: LoggedModelId });
const Missing = 'TRACKING_LOGGED_MODEL_NOT_FOUND';

/** Models as runs leave them behind (MLflow 3), before any of them is registered. */
export const loggedModelOperations = {
  createLoggedModel: operation({
    id: 'tracking.createLoggedModel',
    method: 'POST',
    path: '/api/logged-models',
    summary: 'Begins a logged model; its files follow, then its status becomes ready.',
    body: NewLoggedModel,
    response: LoggedModel,
    status: 201,
    errors: [
      'TRACKING_EXPERIMENT_NOT_FOUND',
      'TRACKING_EXPERIMENT_DELETED',
      'TRACKING_LOGGED_MODEL_NAME_INVALID',
      'TRACKING_LOGGED_MODEL_EXISTS',
    ],
  }),
  getLoggedModel: operation({
    id: 'tracking.getLoggedModel',
    method: 'GET',
    path: '/api/logged-models/:model',
    summary: 'A logged model with its params, tags and metrics. Deleted ones too.',
    params: OneModel,
    response: LoggedModel,
    errors: [Missing],
  }),
  searchLoggedModels: operation({
    id: 'tracking.searchLoggedModels',
    method: 'POST',
    path: '/api/logged-models/search',
    summary: 'Finds logged models by attributes, params, tags and metrics, also metrics on a given dataset.',
    body: LoggedModelSearch,
    response: Type.Object({
      models: Type.Array(LoggedModel, { description: 'The models of this page.' }),
      nextPageToken: OrNull(Type.String(), 'Send it with the same search for the next page; null on the last.'),
    }),
    errors: [
      'TRACKING_EXPERIMENT_NOT_FOUND',
      'TRACKING_LOGGED_MODEL_SEARCH_INVALID',
      'TRACKING_LOGGED_MODEL_ORDER_INVALID',
      'TRACKING_PAGE_TOKEN_INVALID',
    ],
  }),
  changeLoggedModel: operation({
    id: 'tracking.changeLoggedModel',
    method: 'PATCH',
    path: '/api/logged-models/:model',
    summary: 'Tells the status of a logged model, adds params, sets and removes tags: all of it or nothing.',
    params: OneModel,
    body: LoggedModelChange,
    response: LoggedModel,
    errors: [Missing, 'TRACKING_LOGGED_MODEL_PARAM_CHANGED', 'TRACKING_LOGGED_MODEL_TAG_NOT_FOUND'],
  }),
  deleteLoggedModel: operation({
    id: 'tracking.deleteLoggedModel',
    method: 'DELETE',
    path: '/api/logged-models/:model',
    summary: 'Puts a logged model into the trash. Deleting it again changes nothing.',
    params: OneModel,
    response: LoggedModel,
    errors: [Missing],
  }),
  restoreLoggedModel: operation({
    id: 'tracking.restoreLoggedModel',
    method: 'POST',
    path: '/api/logged-models/:model/restore',
    summary: 'Brings a deleted logged model back.',
    params: OneModel,
    response: LoggedModel,
    errors: [Missing],
  }),
  listExperimentDatasets: operation({
    id: 'tracking.listExperimentDatasets',
    method: 'GET',
    path: '/api/experiments/:experiment/datasets',
    summary: 'Datasets that runs of the experiment used, by name and digest.',
    params: Type.Object({ experiment: ExperimentName }),
    response: Type.Object({ datasets: Type.Array(DatasetOfExperiment, { description: 'By name, then digest.' }) }),
    errors: ['TRACKING_EXPERIMENT_NOT_FOUND'],
  }),
};
