import { type Static, Type } from 'typebox';
import { operation } from '#platform/operation';
import { DataSchema, RuleSeverity, SchemaName } from './data-schema.ts';

const Repository = Type.String({ minLength: 1, maxLength: 128, description: 'Name of the repository.' });
const DataRef = Type.String({ minLength: 1, maxLength: 300, description: 'A branch, a tag or a commit id.' });
const Path = Type.String({ minLength: 1, maxLength: 1024, description: 'Path of the file in the repository.' });
const Branch = Type.String({ minLength: 1, maxLength: 128, description: 'The branch to commit to.' });
const Message = Type.Optional(
  Type.String({ maxLength: 2000, description: 'Commit message; one is made when left out.' }),
);
const IdempotencyKey = Type.Optional(
  Type.String({ minLength: 1, maxLength: 200, description: 'The same key again gives the answer of the first call.' }),
);
const Nullable = <Of extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Number>>(
  schema: Of,
  description: string,
) => Type.Union([schema, Type.Null()], { description });
const Scalar = (description: string) =>
  Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()], { description });
const Instant = (description: string) =>
  Type.Union([Type.String(), Type.Number()], {
    description: `${description} ISO 8601 text or ms since the epoch, UTC.`,
  });

export const ColumnHistogram = Type.Object({
  edges: Type.Array(Type.Number(), {
    description: 'One more than there are bins, rising, in the unit of the column (ms since the epoch for times).',
  }),
  counts: Type.Array(Type.Integer(), {
    description: 'Rows a bin; a bin holds its lower edge and not its upper one, but the last holds both.',
  }),
});
export type ColumnHistogram = Static<typeof ColumnHistogram>;

export const ColumnProfile = Type.Object({
  name: Type.String({ description: 'Name of the column.' }),
  type: Type.String({ description: 'integer, number, string, boolean, date, timestamp or other.' }),
  storedAs: Type.String({ description: 'Type in the file, e.g. BIGINT or VARCHAR.' }),
  count: Type.Integer({ description: 'Rows with a value.' }),
  missing: Type.Integer({ description: 'Rows without a value: null, NaN or infinite.' }),
  distinct: Type.Integer({ description: 'Different values, counted exactly.' }),
  min: Scalar('Smallest value; ms since the epoch for times, the first in order for text; null without values.'),
  max: Scalar('Largest value, likewise.'),
  mean: Nullable(Type.Number(), 'Mean; null for anything but numbers and times.'),
  std: Nullable(Type.Number(), 'Standard deviation of the sample; null for anything but numbers, and for one row.'),
  quantiles: Type.Array(
    Type.Object({
      probability: Type.Number({ description: 'Share of the rows at or below the value, 0 to 1.' }),
      value: Type.Number({ description: 'The value, in the unit of the column (ms since the epoch for times).' }),
    }),
    { description: 'Exact quantiles of numbers and times, rising; each is a value of the column; empty for others.' },
  ),
  histogram: Type.Union([ColumnHistogram, Type.Null()], {
    description:
      'Bins of equal width between the 0.1 % and the 99.9 % quantile, and one more on each side for what lies beyond; null for text and booleans.',
  }),
  top: Type.Array(
    Type.Object({
      value: Scalar('The value.'),
      count: Type.Integer({ description: 'Rows that hold it.' }),
    }),
    { description: 'The most frequent values of text and booleans, and of integers with few of them; at most 20.' },
  ),
  lengths: Type.Union(
    [
      Type.Object({
        min: Type.Integer({ description: 'Characters of the shortest text.' }),
        max: Type.Integer({ description: 'Characters of the longest text.' }),
        mean: Type.Number({ description: 'Characters on average.' }),
      }),
      Type.Null(),
    ],
    { description: 'Lengths of text; null for other types.' },
  ),
});
export type ColumnProfile = Static<typeof ColumnProfile>;

export const TableProfile = Type.Object({
  object: Type.String({ description: 'Digest of the content that was read; equal content has one profile.' }),
  path: Path,
  format: Type.String({ description: 'parquet, csv or json.' }),
  sizeBytes: Type.Integer({ description: 'Size of the file, bytes.' }),
  rows: Type.Integer({ description: 'Rows of the table.' }),
  duplicateRows: Type.Integer({ description: 'Rows that are equal to at least one other row, all copies counted.' }),
  surplusRows: Type.Integer({ description: 'Rows that would go if one copy of each were kept.' }),
  columns: Type.Array(ColumnProfile, { description: 'One a column, in the order of the file.' }),
  profiledAtMs: Type.Integer({ description: 'When it was computed, ms since the epoch.' }),
  tookMs: Type.Number({ description: 'How long computing it took, ms.' }),
});
export type TableProfile = Static<typeof TableProfile>;

const Cells = Type.Record(Type.String(), Scalar('The value; times as ISO 8601 text.'), {
  description: 'The row by column; times as ISO 8601 text, NaN and infinities as text, missing as null.',
});

export const RuleResult = Type.Object({
  rule: Type.String({ description: 'Identifies the rule in its schema, e.g. delay.range or table.unique-rows.' }),
  column: Nullable(Type.String(), 'The column it is about; null for a rule on whole rows or the table.'),
  severity: RuleSeverity,
  passed: Type.Boolean({ description: 'True when no more rows failed than the rule tolerates.' }),
  failedRows: Type.Integer({ description: 'Rows that break the rule; 0 for a broken rule on the table itself.' }),
  words: Type.String({ description: 'What was expected and what was found, in one sentence.' }),
  examples: Type.Array(
    Type.Object({
      row: Type.Integer({ description: 'Position of the row in the file, from 0.' }),
      values: Cells,
    }),
    { description: 'The first failing rows in the order of the file, at most 20.' },
  ),
});
export type RuleResult = Static<typeof RuleResult>;

export const ValidationReport = Type.Object({
  object: Type.String({ description: 'Digest of the content that was validated.' }),
  path: Path,
  schema: Type.String({ description: 'Name of the schema.' }),
  schemaDigest: Type.String({ description: 'SHA-256 of the canonical JSON of the schema.' }),
  rows: Type.Integer({ description: 'Rows of the table.' }),
  failedRows: Type.Integer({
    description: 'Rows that break a failed rule of severity error; these are the rows that quarantine takes.',
  }),
  warnedRows: Type.Integer({ description: 'Rows that break a failed rule of severity warning.' }),
  passed: Type.Boolean({ description: 'True when every rule of severity error passed.' }),
  rules: Type.Array(RuleResult, { description: 'Every rule that was checked, the failed ones first.' }),
  validatedAtMs: Type.Integer({ description: 'When it was computed, ms since the epoch.' }),
  tookMs: Type.Number({ description: 'How long computing it took, ms.' }),
});
export type ValidationReport = Static<typeof ValidationReport>;

export const CommittedTable = Type.Object({
  commit: Type.String({ description: 'Id of the commit.' }),
  ref: Type.String({ description: 'Typed reference of the commit, e.g. commit:flights/3f2a...' }),
  branch: Branch,
  path: Path,
  rows: Type.Integer({ description: 'Rows of the file.' }),
  sizeBytes: Type.Integer({ description: 'Size of the file, bytes.' }),
});
export type CommittedTable = Static<typeof CommittedTable>;

export const QuarantineResult = Type.Object({
  report: ValidationReport,
  source: Type.String({ description: 'Typed reference of the commit that was read.' }),
  clean: Type.Union([CommittedTable, Type.Null()], {
    description: 'The commit that holds the rows that break no failed rule of severity error; null when there is none.',
  }),
  quarantine: Type.Union([CommittedTable, Type.Null()], {
    description:
      'The commit that holds the failing rows, each with its rules in the column _reasons and its place in the source in _row; null when no row fails.',
  }),
});
export type QuarantineResult = Static<typeof QuarantineResult>;

const SplitPart = Type.Object({
  name: Type.Union([Type.Literal('train'), Type.Literal('validation'), Type.Literal('test')], {
    description: 'Which part it is.',
  }),
  path: Path,
  rows: Type.Integer({ description: 'Rows of the part.' }),
  sizeBytes: Type.Integer({ description: 'Size of the file, bytes.' }),
  fromMs: Type.Integer({ description: 'Earliest time in it, ms since the epoch, UTC.' }),
  toMs: Type.Integer({ description: 'Latest time in it, ms since the epoch, UTC; earlier than all of the next part.' }),
});
export type SplitPart = Static<typeof SplitPart>;

export const SplitResult = Type.Object({
  source: Type.String({ description: 'Typed reference of the commit that was read.' }),
  commit: Type.String({ description: 'Id of the commit that holds the parts.' }),
  ref: Type.String({ description: 'Typed reference of that commit.' }),
  timeColumn: Type.String({ description: 'The column that was split on.' }),
  validationFromMs: Type.Integer({ description: 'First time of validation, ms since the epoch, UTC.' }),
  testFromMs: Type.Integer({ description: 'First time of test, ms since the epoch, UTC.' }),
  parts: Type.Array(SplitPart, { description: 'train, validation and test, in the order of time.' }),
});
export type SplitResult = Static<typeof SplitResult>;

export const RowPage = Type.Object({
  columns: Type.Array(
    Type.Object({
      name: Type.String({ description: 'Name of the column.' }),
      type: Type.String({ description: 'integer, number, string, boolean, date, timestamp or other.' }),
    }),
    { description: 'Columns in the order of the file.' },
  ),
  offset: Type.Integer({ description: 'Matching rows skipped.' }),
  rows: Type.Array(
    Type.Object({
      row: Type.Integer({ description: 'Position of the row in the file, from 0.' }),
      values: Cells,
    }),
    { description: 'Rows in the order of the file.' },
  ),
  matching: Type.Integer({ description: 'Rows that the condition selects; all rows without one.' }),
});
export type RowPage = Static<typeof RowPage>;

export const StoredSchema = Type.Object({
  schema: DataSchema,
  path: Path,
  digest: Type.String({ description: 'SHA-256 of the canonical JSON of the schema.' }),
  commit: Type.String({ description: 'Id of the commit it was read from or written by.' }),
});
export type StoredSchema = Static<typeof StoredSchema>;

const InRepository = Type.Object({ repository: Repository });
const SchemaChoice = {
  schema: Type.Optional(DataSchema),
  schemaPath: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1024,
      description: 'Path of a schema file at the same ref; or give schema.',
    }),
  ),
};
const TABLE_ERRORS = ['DATA_REPOSITORY_NOT_FOUND', 'DATA_REF_NOT_FOUND', 'DATA_PATH_NOT_FOUND', 'TABLE_FILE_INVALID'];
const SCHEMA_ERRORS = ['DATA_QUALITY_SCHEMA_MISSING', 'DATA_QUALITY_SCHEMA_INVALID', 'DATA_QUALITY_CONDITION_INVALID'];
const COMMIT_ERRORS = ['DATA_BRANCH_MOVED'];

export const dataQualityOperations = {
  profile: operation({
    id: 'data.profile',
    method: 'GET',
    path: '/api/repositories/:repository/profile',
    summary: 'What a table holds, column by column.',
    description: 'Computed once for each content, then answered from the stored fact.',
    params: InRepository,
    query: Type.Object({ ref: DataRef, path: Path }),
    response: TableProfile,
    errors: TABLE_ERRORS,
  }),
  inferSchema: operation({
    id: 'data.inferSchema',
    method: 'POST',
    path: '/api/repositories/:repository/schemas/infer',
    summary: 'Proposes a schema for a table from its content; it is stored only by putSchema.',
    params: InRepository,
    body: Type.Object(
      {
        ref: DataRef,
        path: Path,
        name: Type.Optional(SchemaName),
        times: Type.Optional(
          Type.Array(
            Type.Object(
              {
                column: Type.String({ minLength: 1, description: 'A column of dates or timestamps.' }),
                from: Type.Optional(Instant('Rows before it fail.')),
                until: Type.Optional(Instant('Rows at it or later fail.')),
              },
              { additionalProperties: false },
            ),
            { maxItems: 100, description: 'Spans of time known to the caller; data alone cannot tell them.' },
          ),
        ),
      },
      { additionalProperties: false },
    ),
    response: DataSchema,
    errors: [...TABLE_ERRORS, 'DATA_QUALITY_COLUMN_UNKNOWN'],
  }),
  putSchema: operation({
    id: 'data.putSchema',
    method: 'PUT',
    path: '/api/repositories/:repository/schemas/:schema',
    summary: 'Commits a schema as schemas/<name>.json, so that it is versioned with the data.',
    description: 'The same schema again commits nothing and answers with the commit that the branch is at.',
    params: Type.Object({ repository: Repository, schema: SchemaName }),
    body: Type.Object(
      {
        branch: Branch,
        schema: DataSchema,
        message: Message,
        expectedHead: Type.Optional(Type.String({ description: 'Refuse when the branch is not at this commit.' })),
        idempotencyKey: IdempotencyKey,
      },
      { additionalProperties: false },
    ),
    response: StoredSchema,
    errors: ['DATA_REPOSITORY_NOT_FOUND', 'DATA_REF_NOT_FOUND', ...SCHEMA_ERRORS, ...COMMIT_ERRORS],
  }),
  getSchema: operation({
    id: 'data.getSchema',
    method: 'GET',
    path: '/api/repositories/:repository/schemas/:schema',
    summary: 'The schema schemas/<name>.json as it was at a ref.',
    params: Type.Object({ repository: Repository, schema: SchemaName }),
    query: Type.Object({ ref: DataRef }),
    response: StoredSchema,
    errors: ['DATA_REPOSITORY_NOT_FOUND', 'DATA_REF_NOT_FOUND', 'DATA_PATH_NOT_FOUND', ...SCHEMA_ERRORS],
  }),
  validate: operation({
    id: 'data.validate',
    method: 'POST',
    path: '/api/repositories/:repository/validate',
    summary: 'Checks a table against a schema: which rules fail, on how many rows, with examples.',
    description: 'A report is an answer, not an error: status 200 with passed false. Stored by content and schema.',
    params: InRepository,
    body: Type.Object({ ref: DataRef, path: Path, ...SchemaChoice }, { additionalProperties: false }),
    response: ValidationReport,
    errors: [...TABLE_ERRORS, ...SCHEMA_ERRORS],
  }),
  quarantine: operation({
    id: 'data.quarantine',
    method: 'POST',
    path: '/api/repositories/:repository/quarantine',
    summary: 'Commits the failing rows with their reasons as a version of their own, then the clean ones.',
    description: 'Every row of the source is in exactly one of the two. Rules of severity warning move no row.',
    params: InRepository,
    body: Type.Object(
      {
        ref: DataRef,
        path: Path,
        ...SchemaChoice,
        branch: Branch,
        cleanPath: Type.Optional(
          Type.String({ minLength: 1, description: 'Where clean rows go, a .parquet file; default clean/<path>.' }),
        ),
        quarantinePath: Type.Optional(
          Type.String({
            minLength: 1,
            description: 'Where failing rows go, a .parquet file; default quarantine/<path>.',
          }),
        ),
        quarantineBranch: Type.Optional(
          Type.String({ minLength: 1, description: 'Branch for the failing rows; it must exist; default: branch.' }),
        ),
        idempotencyKey: IdempotencyKey,
      },
      { additionalProperties: false },
    ),
    response: QuarantineResult,
    errors: [...TABLE_ERRORS, ...SCHEMA_ERRORS, ...COMMIT_ERRORS],
  }),
  splitByTime: operation({
    id: 'data.splitByTime',
    method: 'POST',
    path: '/api/repositories/:repository/split',
    summary: 'Splits a table by time into train, validation and test; no time is in two parts.',
    description:
      'Every time of train is before every time of validation, and those before test. Give boundaries or shares.',
    params: InRepository,
    body: Type.Object(
      {
        ref: DataRef,
        path: Path,
        timeColumn: Type.String({
          minLength: 1,
          description: 'A column of dates or timestamps without missing values.',
        }),
        boundaries: Type.Optional(
          Type.Object(
            {
              validationFrom: Instant('First time of validation.'),
              testFrom: Instant('First time of test.'),
            },
            { additionalProperties: false, description: 'Where the parts begin.' },
          ),
        ),
        shares: Type.Optional(
          Type.Object(
            {
              train: Type.Number({
                exclusiveMinimum: 0,
                exclusiveMaximum: 1,
                description: 'Share of the rows, 0 to 1.',
              }),
              validation: Type.Number({
                exclusiveMinimum: 0,
                exclusiveMaximum: 1,
                description: 'Share of the rows, 0 to 1; test gets the rest.',
              }),
            },
            {
              additionalProperties: false,
              description: 'Shares to come near to; a boundary moves so that rows of one time stay together.',
            },
          ),
        ),
        branch: Branch,
        outPrefix: Type.String({ minLength: 1, description: 'The parts are <outPrefix>/train.parquet and so on.' }),
        message: Message,
        idempotencyKey: IdempotencyKey,
      },
      { additionalProperties: false },
    ),
    response: SplitResult,
    errors: [
      ...TABLE_ERRORS,
      ...COMMIT_ERRORS,
      'DATA_QUALITY_COLUMN_UNKNOWN',
      'DATA_QUALITY_COLUMN_UNFIT',
      'DATA_QUALITY_SPLIT_INVALID',
      'DATA_QUALITY_SPLIT_EMPTY',
    ],
  }),
  sampleRows: operation({
    id: 'data.sampleRows',
    method: 'GET',
    path: '/api/repositories/:repository/rows',
    summary: 'Rows of a table in the order of the file.',
    params: InRepository,
    query: Type.Object({
      ref: DataRef,
      path: Path,
      offset: Type.Optional(Type.Integer({ minimum: 0, default: 0, description: 'Matching rows to skip.' })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Rows at most.' })),
      where: Type.Optional(
        Type.String({
          maxLength: 2000,
          description: "A condition on columns, e.g. delay < -90 and origin in ('ATL', 'ORD').",
        }),
      ),
    }),
    response: RowPage,
    errors: [...TABLE_ERRORS, 'DATA_QUALITY_CONDITION_INVALID'],
  }),
};
