import { Type } from 'typebox';
import { operation } from '#platform/operation';
import {
  QuarantineResult,
  RowPage,
  SplitResult,
  StoredSchema,
  TableProfile,
  ValidationReport,
} from './data-quality-facts.ts';
import { DataSchema, SchemaName } from './data-schema.ts';

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
const Instant = (description: string) =>
  Type.Union([Type.String(), Type.Number()], {
    description: `${description} ISO 8601 text or ms since the epoch, UTC.`,
  });

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
