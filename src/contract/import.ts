import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';
import { LoggedModelId, LoggedModelStatus } from './logged-models.ts';
import { ExperimentName, MetricNumber, RunId, RunLifecycle, RunState } from './tracking-schemas.ts';

const At = (description: string) =>
  Type.Integer({ minimum: 0, maximum: 8.64e15, description: `${description}, ms since the epoch.` });
/** Whole numbers that survive JSON. */
const Whole = (description: string) =>
  Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER, description });
const OrNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Closed = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });
const Texts = (description: string) => Type.Record(Type.String(), Type.String(), { description });
const Location = Type.String({ maxLength: 2048, description: 'URI of the place of its files.' });

export const ImportedExperiment = Closed({
  name: ExperimentName,
  lifecycle: RunLifecycle,
  createdAtMs: Type.Optional(At('When it was made')),
  artifactLocation: Type.Optional(Location),
  tags: Texts('Tags; those that exist keep their value.'),
});

const ImportedDataset = Closed({
  name: Type.String({ description: 'Name of the data set.' }),
  digest: Type.String({ description: 'Digest of its content.' }),
  sourceType: Type.String({ description: 'Kind of source, e.g. http or local.' }),
  source: Type.String({ description: 'Where it came from, as JSON of its client.' }),
  schema: OrNull(Type.String({ description: 'Columns, as JSON of its client.' })),
  profile: OrNull(Type.String({ description: 'Counts, as JSON of its client.' })),
  tags: Texts('Notes about this use of it, e.g. mlflow.data.context.'),
});

export const ImportedRun = Closed({
  id: RunId,
  name: Type.String({ maxLength: 1000, description: 'Name for people; may be empty.' }),
  userId: Type.String({ maxLength: 256, description: 'Whom its client named as the user.' }),
  status: RunState,
  lifecycle: RunLifecycle,
  startedAtMs: At('When it started'),
  endedAtMs: OrNull(At('When it ended')),
  artifactUri: Type.Optional(Location),
  params: Texts('Its params.'),
  tags: Texts('Its tags, those of MLflow too.'),
  datasets: Type.Array(ImportedDataset, { description: 'Data sets it read.' }),
  modelInputs: Type.Array(LoggedModelId, { description: 'Logged models it read.' }),
  modelOutputs: Type.Array(Closed({ model: LoggedModelId, step: Whole('Step at which it was made.') }), {
    description: 'Logged models it made.',
  }),
});
export type ImportedRun = Static<typeof ImportedRun>;

export const ImportedSeries = Closed({
  run: RunId,
  key: Type.String({ description: 'Key of the metric.' }),
  points: Type.Array(Type.Tuple([Whole('Step.'), At('When it was measured'), MetricNumber]), {
    maxItems: 100_000,
    description: 'Step, time in ms since the epoch, and value of each point.',
  }),
});
export type ImportedSeries = Static<typeof ImportedSeries>;

export const RunImport = Closed({
  experiment: Type.String({ pattern: '^\\d{1,9}$', description: 'Number of the experiment they belong to.' }),
  source: Type.String({ minLength: 1, maxLength: 1000, description: 'Where they come from, for people.' }),
  runs: Type.Array(ImportedRun, { maxItems: 1000, description: 'Runs; one that is known is left as it is.' }),
  series: Type.Array(ImportedSeries, {
    maxItems: 50_000,
    description: 'Points of these runs or of runs imported before; known points are left alone.',
  }),
  complete: Type.Array(RunId, {
    maxItems: 1000,
    description: 'Runs of which all is imported once this call is answered.',
  }),
});
export type RunImport = Static<typeof RunImport>;

export const ImportedModelMetric = Closed({
  key: Type.String({ description: 'Key of the metric.' }),
  value: MetricNumber,
  step: Whole('Step of the training.'),
  timestampMs: At('When it was measured'),
  run: RunId,
  datasetName: OrNull(Type.String({ description: 'Data set it was measured on.' })),
  datasetDigest: OrNull(Type.String({ description: 'Digest of that data set.' })),
});

export const ImportedLoggedModel = Closed({
  experiment: Type.String({ pattern: '^\\d{1,9}$', description: 'Number of its experiment.' }),
  id: LoggedModelId,
  name: Type.String({ minLength: 1, maxLength: 500, description: 'Its name.' }),
  type: Type.String({ maxLength: 500, description: 'Kind of model; may be empty.' }),
  sourceRun: OrNull(RunId),
  status: LoggedModelStatus,
  artifactUri: Type.Optional(Location),
  createdAtMs: At('When it was begun'),
  updatedAtMs: At('When its status last changed'),
  params: Texts('Its params.'),
  tags: Texts('Its tags.'),
  metrics: Type.Array(ImportedModelMetric, { maxItems: 100_000, description: 'What was measured of it.' }),
});
export type ImportedLoggedModel = Static<typeof ImportedLoggedModel>;

const Imported = Type.Object({ added: Type.Integer({ description: 'How many were not known before.' }) });
const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

/** Taking over what another tracking server keeps: with its ids and times, and so that it can be repeated. */
export const importOperations = {
  importExperiment: operation({
    id: 'tracking.importExperiment',
    method: 'POST',
    path: '/api/import/experiments',
    summary: 'Makes an experiment as it was elsewhere, or answers the one of this name.',
    body: ImportedExperiment,
    response: Type.Object({
      id: Type.String({ description: 'Its number here, as text.' }),
      artifactLocation: Location,
    }),
    errors: ['TRACKING_KEY_INVALID', 'TRACKING_VALUE_INVALID'],
  }),
  importedRuns: operation({
    id: 'tracking.importedRuns',
    method: 'POST',
    path: '/api/import/known',
    summary: 'Which of some runs were imported whole.',
    body: Closed({ runs: Type.Array(RunId, { maxItems: 1000, description: 'Runs to look for.' }) }),
    response: Type.Object({ complete: Type.Array(RunId, { description: 'Those imported whole.' }) }),
  }),
  importRuns: operation({
    id: 'tracking.importRuns',
    method: 'POST',
    path: '/api/import/runs',
    summary: 'Takes over runs and points of their metrics: all of the call or nothing, and nothing twice.',
    body: RunImport,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    response: Imported,
    errors: [
      'TRACKING_EXPERIMENT_NOT_FOUND',
      'TRACKING_RUN_NOT_FOUND',
      'TRACKING_RUN_EXISTS',
      'TRACKING_KEY_INVALID',
      'TRACKING_VALUE_INVALID',
    ],
  }),
  importLoggedModel: operation({
    id: 'tracking.importLoggedModel',
    method: 'POST',
    path: '/api/import/logged-models',
    summary: 'Takes over a logged model; one that is known is left as it is.',
    body: ImportedLoggedModel,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    response: Imported,
    errors: ['TRACKING_EXPERIMENT_NOT_FOUND', 'TRACKING_KEY_INVALID', 'TRACKING_VALUE_INVALID'],
  }),
} as const;
