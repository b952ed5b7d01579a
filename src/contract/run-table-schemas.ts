import { type Static, type TSchema, Type } from 'typebox';
import { ExperimentName, MetricNumber, RunId, RunLifecycle, RunState } from './tracking-schemas.ts';

const At = (description: string) => Type.Integer({ description: `${description}, ms since the epoch.` });
const OrNull = <Schema extends TSchema>(schema: Schema, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });

export const ColumnName = Type.String({
  minLength: 1,
  maxLength: 600,
  description:
    'metrics.<key> (its latest value), minima.<key>, maxima.<key> (its least and greatest), params.<key>, tags.<key>, ' +
    'or an attribute: id, name, status, experiment, parent, createdBy, user, codeCommit, startedAt, endedAt (ms since ' +
    'the epoch), duration (ms). Keys with other signs stand in back-quotes.',
});

/** What a column holds of a run: text, a number, NaN and infinities as text, or null where the run lacks it. */
export const CellValue = Type.Union([Type.String(), Type.Number(), Type.Null()], {
  description: 'Text or number; NaN, Infinity and -Infinity of a metric stand as text; null where the run lacks it.',
});
export type CellValue = Static<typeof CellValue>;

/** Which runs are meant. The same words as in a search of runs. */
const Selection = {
  experiments: Type.Optional(Type.Array(ExperimentName, { description: 'Only in these; in all if left out.' })),
  filter: Type.Optional(Type.String({ maxLength: 10_000, description: 'Condition; all runs if left out.' })),
  lifecycle: Type.Optional(
    Type.Union([RunLifecycle, Type.Literal('all')], { default: 'active', description: 'Which runs to look at.' }),
  ),
};

const OrderBy = Type.Optional(
  Type.Array(Type.String({ maxLength: 620, description: 'A column, then asc or desc: metrics.auc desc.' }), {
    maxItems: 10,
    description: 'Newest first if left out. Runs with a value come before NaN, and NaN before none.',
  }),
);

export const RunTableRequest = Type.Object(
  {
    ...Selection,
    orderBy: OrderBy,
    columns: Type.Array(ColumnName, { maxItems: 200, description: 'What to tell of each run, in this order.' }),
    within: Type.Optional(
      Type.Array(Type.Object({ column: ColumnName, value: CellValue }, { additionalProperties: false }), {
        maxItems: 5,
        description: 'Only runs that hold exactly these values: the runs of a group.',
      }),
    ),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000_000, default: 0, description: 'Rows to skip.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Rows at most.' })),
  },
  { additionalProperties: false },
);
export type RunTableRequest = Static<typeof RunTableRequest>;

export const RunTableRow = Type.Object({
  id: RunId,
  name: Type.String({ description: 'Name for people.' }),
  experiment: ExperimentName,
  status: RunState,
  lifecycle: RunLifecycle,
  parent: OrNull(Type.String({ description: 'Id of the run it is part of.' })),
  children: Type.Integer({ description: 'How many runs are part of it.' }),
  startedAtMs: At('When it started'),
  endedAtMs: OrNull(At('When it ended')),
  values: Type.Array(CellValue, { description: 'One a column asked for, in that order.' }),
});
export type RunTableRow = Static<typeof RunTableRow>;

export const RunTable = Type.Object({
  total: Type.Integer({ description: 'How many runs match, on all pages.' }),
  runs: Type.Array(RunTableRow, { description: 'The rows from the offset on.' }),
});
export type RunTable = Static<typeof RunTable>;

export const RunGroupsRequest = Type.Object(
  {
    ...Selection,
    groupBy: Type.Array(ColumnName, { minItems: 1, maxItems: 5, description: 'Runs that agree in these are a group.' }),
    measures: Type.Array(ColumnName, { maxItems: 50, description: 'Numeric columns to sum up a group.' }),
    orderBy: Type.Optional(
      Type.String({
        maxLength: 620,
        description:
          'count, a column of groupBy, or mean|min|max of a measure, then asc or desc: mean metrics.auc desc. ' +
          'Largest groups first if left out; groups without the value last.',
      }),
    ),
    offset: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 100_000_000, default: 0, description: 'Groups to skip.' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Groups at most.' })),
  },
  { additionalProperties: false },
);
export type RunGroupsRequest = Static<typeof RunGroupsRequest>;

const Measure = Type.Object({
  count: Type.Integer({ description: 'How many runs of the group have a number here; NaN does not count.' }),
  mean: OrNull(MetricNumber),
  min: OrNull(MetricNumber),
  max: OrNull(MetricNumber),
});

export const RunGroups = Type.Object({
  total: Type.Integer({ description: 'How many groups there are, on all pages.' }),
  totalRuns: Type.Integer({ description: 'How many runs match.' }),
  groups: Type.Array(
    Type.Object({
      values: Type.Array(CellValue, { description: 'What its runs agree in, in the order of groupBy.' }),
      count: Type.Integer({ description: 'How many runs it has.' }),
      measures: Type.Array(Measure, { description: 'One a measure asked for, in that order.' }),
    }),
    { description: 'The groups from the offset on.' },
  ),
});
export type RunGroups = Static<typeof RunGroups>;

export const ColumnKind = Type.Union([Type.Literal('metrics'), Type.Literal('params'), Type.Literal('tags')], {
  description: 'What the key belongs to.',
});
export type ColumnKind = Static<typeof ColumnKind>;

export const ColumnKeysRequest = Type.Object(
  {
    experiments: Type.Optional(Type.Array(ExperimentName, { description: 'Only in these; in all if left out.' })),
    search: Type.Optional(
      Type.String({ maxLength: 500, description: 'Only keys that hold each of these words, in any case.' }),
    ),
    kind: Type.Optional(ColumnKind),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000, default: 0, description: 'Keys to skip.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Keys at most.' })),
  },
  { additionalProperties: false },
);
export type ColumnKeysRequest = Static<typeof ColumnKeysRequest>;

export const ColumnKeys = Type.Object({
  total: Type.Integer({ description: 'How many keys match, on all pages.' }),
  keys: Type.Array(
    Type.Object({
      kind: ColumnKind,
      key: Type.String({ description: 'The key.' }),
      column: Type.String({ description: 'The name of its column, quoted where it must be.' }),
      runs: Type.Integer({ description: 'How many active runs have it.' }),
    }),
    { description: 'Metrics, then params, then tags; each by key.' },
  ),
});
export type ColumnKeys = Static<typeof ColumnKeys>;

export const RunPointsRequest = Type.Object(
  {
    ...Selection,
    orderBy: OrderBy,
    columns: Type.Array(ColumnName, { minItems: 1, maxItems: 50, description: 'What to tell of each run.' }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, default: 10_000, description: 'Runs at most.' })),
  },
  { additionalProperties: false },
);
export type RunPointsRequest = Static<typeof RunPointsRequest>;

const NumberOrNull = OrNull(MetricNumber);

export const RunPoints = Type.Object({
  total: Type.Integer({ description: 'How many runs match; more than are told when the limit is less.' }),
  runs: Type.Array(RunId, { description: 'The runs told of.' }),
  columns: Type.Array(
    Type.Union([
      Type.Object({
        column: Type.String({ description: 'As asked for.' }),
        kind: Type.Literal('number', { description: 'Every value is a number.' }),
        numbers: Type.Array(NumberOrNull, { description: 'One a run; null where it lacks it.' }),
      }),
      Type.Object({
        column: Type.String({ description: 'As asked for.' }),
        kind: Type.Literal('category', { description: 'Some value is no number.' }),
        categories: Type.Array(Type.String(), { description: 'The values there are, sorted.' }),
        codes: Type.Array(OrNull(Type.Integer()), {
          description: 'One a run: index of its value in categories; null where it lacks it.',
        }),
      }),
    ]),
    { description: 'In the order asked for.' },
  ),
});
export type RunPoints = Static<typeof RunPoints>;

export const ImportanceRequest = Type.Object(
  {
    ...Selection,
    target: ColumnName,
    params: Type.Optional(
      Type.Array(ColumnName, {
        maxItems: 100,
        description: 'Columns whose influence is asked; every param with more than one value if left out, 50 at most.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type ImportanceRequest = Static<typeof ImportanceRequest>;

const Share = (description: string) => Type.Number({ description });

export const Importance = Type.Object({
  runs: Type.Integer({ description: 'Runs with a number as target, of which this was learned; 10,000 at most.' }),
  explained: OrNull(
    Share(
      'Part of the target’s variance that the forest tells of runs it has not seen (out-of-bag R²), 1 at most; ' +
        'below 0 means it knows nothing, and the importances mean nothing either. Null with fewer than 10 runs.',
    ),
  ),
  params: Type.Array(
    Type.Object({
      column: Type.String({ description: 'The column.' }),
      kind: Type.Union([Type.Literal('number'), Type.Literal('category')], { description: 'What its values are.' }),
      runs: Type.Integer({ description: 'How many of the runs have it.' }),
      importance: Share('Its share of what shuffling each column costs the forest, 0 to 1; they add up to 1.'),
      pearson: OrNull(Share('Linear correlation with the target, -1 to 1; null where it is no number or constant.')),
      spearman: OrNull(Share('Correlation of the ranks, -1 to 1; null where it is no number or constant.')),
    }),
    { description: 'The most important first.' },
  ),
});
export type Importance = Static<typeof Importance>;

export const HistoriesRequest = Type.Object(
  {
    runs: Type.Array(RunId, { minItems: 1, maxItems: 1000, description: 'Whose histories.' }),
    key: Type.String({ maxLength: 250, description: 'Key of the metric.' }),
    x: Type.Optional(
      Type.Union([Type.Literal('step'), Type.Literal('time'), Type.Literal('relative')], {
        default: 'step',
        description: 'step; time: ms since the epoch; relative: ms since the first point of the run.',
      }),
    ),
    maxPoints: Type.Optional(
      Type.Integer({ minimum: 4, maximum: 10_000, default: 500, description: 'Points of a line at most.' }),
    ),
    fromX: Type.Optional(Type.Number({ description: 'Only points from this x on, to look closer.' })),
    toX: Type.Optional(Type.Number({ description: 'Only points up to this x.' })),
    groupBy: Type.Optional(
      Type.Array(ColumnName, {
        minItems: 1,
        maxItems: 3,
        description: 'One line a group of runs that agree in these: mean with a band from least to greatest.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type HistoriesRequest = Static<typeof HistoriesRequest>;

export const Histories = Type.Object({
  lines: Type.Array(
    Type.Object({
      runs: Type.Array(RunId, { description: 'The run, or the runs of the group.' }),
      name: Type.String({ description: 'Name of the run; of a group its values.' }),
      values: Type.Array(CellValue, { description: 'What the group agrees in; empty for a run.' }),
      total: Type.Integer({ description: 'How many points are stored of it.' }),
      sampled: Type.Boolean({ description: 'True when points were left out or summed up.' }),
      x: Type.Array(Type.Number(), { description: 'Ascending.' }),
      y: Type.Array(MetricNumber, { description: 'The value; of a group the mean over its runs.' }),
      low: Type.Optional(Type.Array(MetricNumber, { description: 'Of a group: least value near this x.' })),
      high: Type.Optional(Type.Array(MetricNumber, { description: 'Of a group: greatest value near this x.' })),
    }),
    { description: 'A run’s points keep their peaks when thinned. Runs without the metric are left out.' },
  ),
});
export type Histories = Static<typeof Histories>;
