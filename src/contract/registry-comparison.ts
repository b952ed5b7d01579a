import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';

const Nullable = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const ModelName = (what: string) => Type.String({ minLength: 1, maxLength: 500, description: what });
const Version = (what: string) =>
  Type.String({ minLength: 1, maxLength: 128, description: `${what}: a number, an alias, or latest.` });

const Side = Type.Object({
  model: Type.String({ description: 'Name of the model.' }),
  version: Type.Integer({ description: 'Number of the version.' }),
  ref: Type.String({ description: 'Reference of the version.' }),
  digest: Type.String({ description: 'Digest of everything it was registered with.' }),
  description: Type.String({ description: 'For people.' }),
  run: Nullable(Type.String(), 'The run that made it; null when unknown.'),
  codeCommit: Nullable(Type.String(), 'Commit of the code; null when unknown.'),
  aliases: Type.Array(Type.String(), { description: 'Aliases that name it now.' }),
  gatePassed: Nullable(Type.Boolean(), 'Verdict of its latest gate; null when none was run.'),
  metricsFrom: Type.Enum(['version', 'run', 'nowhere'], {
    description: 'Whose metrics are compared: its own, or where it has none those of its run.',
  }),
  createdAtMs: Type.Integer({ description: 'When it was registered, ms since the epoch.' }),
});

const FigurePair = Type.Object({
  name: Type.String({ description: 'Name of the figure.' }),
  left: Nullable(Type.Number(), 'Null when it has none.'),
  right: Nullable(Type.Number(), 'Null when it has none.'),
  difference: Nullable(Type.Number(), 'Right minus left; null when one is missing.'),
});
export type FigurePair = Static<typeof FigurePair>;

const TextPair = Type.Object({
  name: Type.String({ description: 'Name.' }),
  left: Nullable(Type.String(), 'Null when it has none.'),
  right: Nullable(Type.String(), 'Null when it has none.'),
});
export type TextPair = Static<typeof TextPair>;

const ColumnFacts = Type.Object({
  type: Type.String({ description: 'What its values are.' }),
  nullable: Type.Boolean({ description: 'True when the value may be missing.' }),
});

const ColumnPair = Type.Object({
  name: Type.String({ description: 'Name of the column.' }),
  change: Type.Enum(['added', 'removed', 'changed', 'same'], { description: 'From left to right.' }),
  left: Nullable(ColumnFacts, 'Null when it has no such column.'),
  right: Nullable(ColumnFacts, 'Null when it has no such column.'),
});
export type ColumnPair = Static<typeof ColumnPair>;

const SegmentPair = Type.Object({
  segment: Type.String({ description: 'overall, or column and value of the segment.' }),
  leftRows: Nullable(Type.Integer(), 'Rows it was measured on; null when unknown.'),
  rightRows: Nullable(Type.Integer(), 'Rows it was measured on; null when unknown.'),
  figures: Type.Array(FigurePair, { description: 'By name.' }),
});
export type SegmentPair = Static<typeof SegmentPair>;

export const VersionComparison = Type.Object({
  left: Side,
  right: Side,
  metrics: Type.Array(FigurePair, { description: 'By name.' }),
  params: Type.Array(TextPair, { description: 'Params of the runs that made them, by name.' }),
  tags: Type.Array(TextPair, { description: 'Tags as they are now, by name.' }),
  signature: Type.Object({
    known: Type.Boolean({
      description: 'False when that of one of them is known neither from its registration nor from its MLmodel file.',
    }),
    columns: Type.Array(ColumnPair, { description: 'Changed ones first, then by name.' }),
    leftOutput: Nullable(Type.String(), 'What it answers; null when unknown.'),
    rightOutput: Nullable(Type.String(), 'What it answers; null when unknown.'),
  }),
  data: Type.Array(
    Type.Object({
      name: Type.String({ description: 'Reference of a data commit, or name and digest of a data set of the run.' }),
      left: Type.Boolean({ description: 'True when it was trained on it.' }),
      right: Type.Boolean({ description: 'True when it was trained on it.' }),
    }),
    { description: 'What they were trained on, by name.' },
  ),
  segments: Type.Array(SegmentPair, { description: 'The evaluations, overall first, then by segment.' }),
  sameFile: Nullable(Type.Boolean(), 'True when the bytes of the model files are the same; null when one has none.'),
});
export type VersionComparison = Static<typeof VersionComparison>;

export const registryComparisonOperations = {
  compareVersions: operation({
    id: 'registry.compareVersions',
    method: 'GET',
    path: '/api/models/:model/versions/:version/comparison',
    summary: 'Two versions side by side: metrics, signature, params, data, code, evaluation by segment.',
    params: Type.Object({ model: ModelName('Name of the model on the left.'), version: Version('The left version') }),
    query: Type.Object({
      other: Version('The right version'),
      otherModel: Type.Optional(ModelName('Name of its model; left out: the same.')),
    }),
    response: VersionComparison,
    errors: ['REGISTRY_MODEL_NOT_FOUND', 'REGISTRY_VERSION_NOT_FOUND', 'REGISTRY_ALIAS_NOT_FOUND'],
  }),
};
