import { type Static, type TSchema, Type } from 'typebox';

const At = (description: string) => Type.Integer({ description: `${description}, ms since the epoch.` });
/** Whole numbers that survive JSON. */
const SAFE = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER } as const;
const OrNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

export const ExperimentName = Type.String({
  minLength: 1,
  maxLength: 500,
  description: 'Name of the experiment; any text without control characters.',
});

export const RunId = Type.String({ minLength: 1, maxLength: 256, description: 'Id of the run.' });

export const MetricNumber = Type.Union(
  [Type.Number(), Type.Literal('NaN'), Type.Literal('Infinity'), Type.Literal('-Infinity')],
  { description: 'A number; what JSON cannot say as a number stands as text: NaN, Infinity, -Infinity.' },
);
export type MetricNumber = Static<typeof MetricNumber>;

export const RunState = Type.Union(
  [
    Type.Literal('scheduled'),
    Type.Literal('running'),
    Type.Literal('finished'),
    Type.Literal('failed'),
    Type.Literal('killed'),
  ],
  { description: 'How the run stands; it is over unless scheduled or running.' },
);
export type RunState = Static<typeof RunState>;

export const RunLifecycle = Type.Union([Type.Literal('active'), Type.Literal('deleted')], {
  description: 'deleted: put aside, hidden from searches, kept and restorable.',
});
export type RunLifecycle = Static<typeof RunLifecycle>;

export const Experiment = Type.Object({
  id: Type.String({ description: 'Number of the experiment, as text; its reference is experiment:<id>.' }),
  name: ExperimentName,
  description: OrNull(Type.String({ description: 'What it is about.' })),
  lifecycle: RunLifecycle,
  artifactLocation: Type.String({ description: 'Where files of its runs are, as a URI or a path.' }),
  createdAtMs: At('When it was made'),
  createdBy: Type.String({ description: 'Who made it.' }),
  updatedAtMs: At('When it was made, renamed, described, deleted or restored'),
  tags: Type.Record(Type.String(), Type.String(), { description: 'Notes; may change.' }),
  runs: Type.Integer({ description: 'How many active runs it has.' }),
  runningRuns: Type.Integer({ description: 'How many of them are still running.' }),
  deletedRuns: Type.Integer({ description: 'How many deleted runs it has.' }),
  lastActivityAtMs: At('When it or a run of it last changed'),
});
export type Experiment = Static<typeof Experiment>;

const ColumnCount = Type.Object({
  key: Type.String({ description: 'The key.' }),
  runs: Type.Integer({ description: 'How many active runs have it.' }),
});

export const ExperimentColumns = Type.Object({
  metrics: Type.Array(ColumnCount, { description: 'By key.' }),
  params: Type.Array(ColumnCount, { description: 'By key.' }),
  tags: Type.Array(ColumnCount, { description: 'By key.' }),
});
export type ExperimentColumns = Static<typeof ExperimentColumns>;

export const InputOfRun = Type.Object(
  {
    ref: Type.String({ maxLength: 500, description: 'Reference of what was read, e.g. commit:flights/3f2a...' }),
    path: Type.Optional(OrNull(Type.String({ maxLength: 1000, description: 'Which file of it; null for all of it.' }))),
    role: Type.Union(
      [Type.Literal('training'), Type.Literal('validation'), Type.Literal('test'), Type.Literal('other')],
      { description: 'What it was used for.' },
    ),
  },
  { additionalProperties: false },
);
export type InputOfRun = Static<typeof InputOfRun>;

export const RunInputs = Type.Array(InputOfRun, { maxItems: 100, description: 'Data the run read.' });

const TextsOf = (description: string) => Type.Record(Type.String(), Type.String(), { description });

export const DatasetOfRun = Type.Object({
  name: Type.String({ description: 'Name; with the digest unique in an experiment.' }),
  digest: Type.String({ description: 'What tells one content of it from another.' }),
  sourceType: Type.String({ description: 'Kind of its source, e.g. http or local.' }),
  source: Type.String({ description: 'Where it came from, as JSON of the client that told it.' }),
  schema: OrNull(Type.String({ description: 'Its columns, as JSON of the client.' })),
  profile: OrNull(Type.String({ description: 'Counts, as JSON of the client.' })),
  tags: TextsOf('Notes about this use of it, e.g. mlflow.data.context: training.'),
});
export type DatasetOfRun = Static<typeof DatasetOfRun>;

export const LatestMetric = Type.Object({
  key: Type.String({ description: 'Key of the metric.' }),
  value: MetricNumber,
  step: Type.Integer({ description: 'Its step: the latest by step, then time, then value.' }),
  timestampMs: At('When it was measured'),
  min: OrNull(MetricNumber),
  max: OrNull(MetricNumber),
});
export type LatestMetric = Static<typeof LatestMetric>;

export const Run = Type.Object({
  id: RunId,
  name: Type.String({ description: 'Name for people; need not be unique.' }),
  experiment: ExperimentName,
  experimentId: Type.String({ description: 'Number of the experiment, as text.' }),
  status: RunState,
  lifecycle: RunLifecycle,
  parent: OrNull(Type.String({ description: 'Id of the run it is part of.' })),
  createdBy: Type.String({ description: 'Who started it.' }),
  userId: Type.String({ description: 'Whom the client named as its user; empty when it named nobody.' }),
  codeCommit: OrNull(Type.String({ description: 'Commit of the code it ran.' })),
  artifactUri: Type.String({ description: 'Where its files are, as a URI or a path.' }),
  startedAtMs: At('When it started'),
  endedAtMs: OrNull(At('When it ended')),
  changedAtMs: At('When anything of it last changed'),
  params: Type.Record(Type.String(), Type.String(), { description: 'What it was told; never changes once set.' }),
  metrics: Type.Array(LatestMetric, {
    description: 'The latest value of each metric, by key, with the least and greatest it ever had (null: only NaN).',
  }),
  tags: Type.Record(Type.String(), Type.String(), { description: 'Notes; may change.' }),
  inputs: Type.Array(InputOfRun, { description: 'Data it read.' }),
  datasets: Type.Array(DatasetOfRun, { description: 'Data sets it read, as MLflow clients tell of them.' }),
  modelInputs: Type.Array(Type.String({ description: 'Id of a logged model.' }), {
    description: 'Logged models it read.',
  }),
  modelOutputs: Type.Array(
    Type.Object({
      model: Type.String({ description: 'Id of a logged model.' }),
      step: Type.Integer({ description: 'Step at which it was logged.' }),
    }),
    { description: 'Logged models it made.' },
  ),
});
export type Run = Static<typeof Run>;

const Key = (of: string) =>
  Type.String({ description: `Key of the ${of}: at most 250 letters, digits and the signs _ - . / : space.` });
const ParamValue = Type.Union([Type.String(), Type.Number(), Type.Boolean()], {
  description: 'The value; stored as text, at most 6000 characters.',
});
const Tags = Type.Record(Type.String(), Type.String(), {
  maxProperties: 100,
  description: 'Tags by key; each at most 8000 characters.',
});

export const LoggedMetric = Type.Object(
  {
    key: Key('metric'),
    value: MetricNumber,
    step: Type.Optional(Type.Integer({ ...SAFE, description: 'Step of the training, 0 if left out.' })),
    timestampMs: Type.Optional(
      Type.Integer({
        ...SAFE,
        minimum: 0,
        description:
          'When it was measured, ms since the epoch; now if left out. Give it, so that a repeated batch is seen to be one.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type LoggedMetric = Static<typeof LoggedMetric>;

export const LoggedParam = Type.Object({ key: Key('param'), value: ParamValue }, { additionalProperties: false });
export type LoggedParam = Static<typeof LoggedParam>;

export const LogBatch = Type.Object(
  {
    metrics: Type.Optional(Type.Array(LoggedMetric, { maxItems: 1000, description: 'Metrics, at most 1000.' })),
    params: Type.Optional(Type.Array(LoggedParam, { maxItems: 100, description: 'Params, at most 100.' })),
    tags: Type.Optional(Tags),
  },
  { additionalProperties: false },
);
export type LogBatch = Static<typeof LogBatch>;

export const NewRun = Type.Object(
  {
    experiment: ExperimentName,
    id: Type.Optional(
      Type.String({
        pattern: '^[a-zA-Z0-9][a-zA-Z0-9_-]{0,255}$',
        description: 'Id chosen by the caller, best 32 lower-case hex digits.',
      }),
    ),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'A name is made if left out.' })),
    parent: Type.Optional(Type.String({ description: 'Id of the run it is part of.' })),
    params: Type.Optional(Type.Array(LoggedParam, { maxItems: 100, description: 'Params to begin with.' })),
    tags: Type.Optional(Tags),
    startedAtMs: Type.Optional(
      Type.Integer({ ...SAFE, minimum: 0, description: 'When it started, ms since the epoch; now if left out.' }),
    ),
    codeCommit: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: 'Commit of the code it runs, e.g. a git SHA.' }),
    ),
    inputs: Type.Optional(RunInputs),
  },
  { additionalProperties: false },
);
export type NewRun = Static<typeof NewRun>;

export const RunChange = Type.Object(
  {
    status: Type.Optional(RunState),
    endedAtMs: Type.Optional(
      Type.Integer({
        ...SAFE,
        minimum: 0,
        description: 'When it ended, ms since the epoch; now if left out and over.',
      }),
    ),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'New name.' })),
    tags: Type.Optional(Tags),
    codeCommit: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'Commit of the code it runs, for a run that was started without; the first one stays.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type RunChange = Static<typeof RunChange>;

export const RunSearch = Type.Object(
  {
    experiments: Type.Optional(Type.Array(ExperimentName, { description: 'Only in these; in all if left out.' })),
    filter: Type.Optional(Type.String({ maxLength: 10_000, description: 'Condition; all runs if left out.' })),
    orderBy: Type.Optional(
      Type.Array(Type.String({ description: 'A name of the filter, then asc or desc: metrics.auc desc.' }), {
        maxItems: 10,
        description: 'Newest first if left out. Runs with the value come before NaN, and NaN before none.',
      }),
    ),
    lifecycle: Type.Optional(
      Type.Union([RunLifecycle, Type.Literal('all')], { default: 'active', description: 'Which runs to look at.' }),
    ),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, default: 100, description: 'Runs of a page at most.' }),
    ),
    pageToken: Type.Optional(Type.String({ description: 'nextPageToken of the page before.' })),
    columns: Type.Optional(
      Type.Array(Type.String({ description: 'metrics.<key>, params.<key>, tags.<key> or inputs.' }), {
        maxItems: 500,
        description: 'Answer only these of metrics, params, tags and inputs; all if left out.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type RunSearch = Static<typeof RunSearch>;

export const MetricPoint = Type.Object({
  step: Type.Integer({ description: 'Step of the training.' }),
  timestampMs: At('When it was measured'),
  value: MetricNumber,
});
export type MetricPoint = Static<typeof MetricPoint>;

export const MetricHistory = Type.Object({
  key: Type.String({ description: 'Key of the metric.' }),
  points: Type.Array(MetricPoint, { description: 'By step, then time, then value.' }),
  total: Type.Integer({ description: 'How many points are stored.' }),
  sampled: Type.Boolean({ description: 'True when points were left out.' }),
});
export type MetricHistory = Static<typeof MetricHistory>;

const Compared = <Value extends TSchema>(value: Value) =>
  Type.Array(
    Type.Object({
      key: Type.String({ description: 'The key.' }),
      values: Type.Array(OrNull(value), { description: 'One a run, in the order asked for; null where it lacks it.' }),
      differs: Type.Boolean({ description: 'True when not all runs have the same value.' }),
    }),
  );

export const RunComparison = Type.Object({
  runs: Type.Array(Run, { description: 'The runs, in the order asked for.' }),
  params: Compared(Type.String()),
  metrics: Compared(MetricNumber),
  tags: Compared(Type.String()),
});
export type RunComparison = Static<typeof RunComparison>;
