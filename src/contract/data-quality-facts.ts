import { type Static, Type } from 'typebox';
import { DataSchema, RuleSeverity } from './data-schema.ts';

const Path = Type.String({ minLength: 1, maxLength: 1024, description: 'Path of the file in the repository.' });
const Branch = Type.String({ minLength: 1, maxLength: 128, description: 'The branch to commit to.' });
const Nullable = <Of extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Number>>(
  schema: Of,
  description: string,
) => Type.Union([schema, Type.Null()], { description });
const Scalar = (description: string) =>
  Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()], { description });

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
