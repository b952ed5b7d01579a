import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';

const At = (description: string) => Type.Integer({ description: `${description}, ms since the epoch.` });
const OrNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Closed = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });
const AnyJson = (description: string) => Type.Unsafe<unknown>({ description });
const JsonObject = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description });

const DatasetId = Type.String({ minLength: 1, maxLength: 64, description: 'Id of the evaluation dataset: d-...' });

export const EvaluationDataset = Type.Object({
  id: DatasetId,
  name: Type.String({ description: 'Name for people.' }),
  digest: Type.String({ description: 'Changes whenever its records do.' }),
  tags: Type.Record(Type.String(), Type.String(), { description: 'Notes; may change.' }),
  schema: OrNull(JsonObject('Types of fields of inputs, outputs and expectations, as far as records showed them.')),
  records: Type.Integer({ description: 'How many records it has.' }),
  experimentIds: Type.Array(Type.String({ description: 'Number of an experiment, as text.' }), {
    description: 'Experiments that use it.',
  }),
  createdAtMs: At('When it was made'),
  createdBy: OrNull(Type.String({ description: 'Who made it.' })),
  changedAtMs: At('When it last changed'),
  changedBy: OrNull(Type.String({ description: 'Who changed it last.' })),
});
export type EvaluationDataset = Static<typeof EvaluationDataset>;

export const EvaluationRecord = Type.Object({
  id: Type.String({ description: 'Id of the record: dr-...' }),
  inputs: JsonObject('What is asked; a dataset has each inputs once.'),
  outputs: AnyJson('What was answered, any JSON value; null when not told.'),
  expectations: OrNull(JsonObject('What should be answered.')),
  tags: JsonObject('Notes.'),
  source: OrNull(JsonObject('Where it came from: source_type and source_data.')),
  createdAtMs: At('When it was added'),
  changedAtMs: At('When it last changed'),
});
export type EvaluationRecord = Static<typeof EvaluationRecord>;

const DatasetPath = Type.Object({ dataset: DatasetId });

/** Questions with expected answers, by which programs that ask language models are judged. */
export const evaluationDatasetOperations = {
  listEvaluationDatasets: operation({
    id: 'tracing.listEvaluationDatasets',
    method: 'GET',
    path: '/api/evaluation-datasets',
    summary: 'Evaluation datasets, the last made first.',
    query: Closed({
      experimentId: Type.Optional(Type.String({ maxLength: 64, description: 'Those of one experiment, by number.' })),
      filter: Type.Optional(
        Type.String({ maxLength: 10_000, description: "E.g. name LIKE 'qa%' AND tags.team = 'ml'." }),
      ),
    }),
    response: Type.Object({ datasets: Type.Array(EvaluationDataset, { description: 'At most 1000.' }) }),
    errors: ['TRACING_FILTER_INVALID'],
  }),
  getEvaluationDataset: operation({
    id: 'tracing.getEvaluationDataset',
    method: 'GET',
    path: '/api/evaluation-datasets/:dataset',
    summary: 'An evaluation dataset.',
    params: DatasetPath,
    response: EvaluationDataset,
    errors: ['TRACING_DATASET_NOT_FOUND'],
  }),
  createEvaluationDataset: operation({
    id: 'tracing.createEvaluationDataset',
    method: 'POST',
    path: '/api/evaluation-datasets',
    summary: 'Makes an evaluation dataset.',
    body: Closed({
      id: Type.Optional(
        Type.String({
          pattern: '^d-[0-9a-f]{32}$',
          description: 'Its id; sent again it answers the one that exists. Made here when left out.',
        }),
      ),
      name: Type.String({ minLength: 1, maxLength: 255, description: 'Name for people.' }),
      experimentIds: Type.Optional(
        Type.Array(Type.String({ maxLength: 64, description: 'Number of an experiment, as text.' }), {
          maxItems: 100,
          description: 'Experiments that use it.',
        }),
      ),
      tags: Type.Optional(
        Type.Record(Type.String(), Type.String({ maxLength: 5000 }), { description: 'Values by key.' }),
      ),
    }),
    response: EvaluationDataset,
  }),
  deleteEvaluationDataset: operation({
    id: 'tracing.deleteEvaluationDataset',
    method: 'DELETE',
    path: '/api/evaluation-datasets/:dataset',
    summary: 'Deletes an evaluation dataset with its records; one that is gone already is no error.',
    params: DatasetPath,
    response: 'none',
  }),
  listEvaluationRecords: operation({
    id: 'tracing.listEvaluationRecords',
    method: 'GET',
    path: '/api/evaluation-datasets/:dataset/records',
    summary: 'Records of an evaluation dataset, oldest first.',
    params: DatasetPath,
    query: Closed({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000, default: 1000, description: 'Most records.' })),
      pageToken: Type.Optional(Type.String({ maxLength: 200, description: 'Where the page before ended.' })),
    }),
    response: Type.Object({
      records: Type.Array(EvaluationRecord, { description: 'Oldest first.' }),
      nextPageToken: OrNull(Type.String({ description: 'Token of the next page; null on the last.' })),
    }),
    errors: ['TRACING_DATASET_NOT_FOUND', 'TRACING_PAGE_TOKEN_INVALID'],
  }),
  putEvaluationRecords: operation({
    id: 'tracing.putEvaluationRecords',
    method: 'POST',
    path: '/api/evaluation-datasets/:dataset/records',
    summary: 'Adds records; one with known inputs is merged into the record that has them.',
    params: DatasetPath,
    body: Closed({
      records: Type.Array(
        Closed({
          inputs: JsonObject('What is asked.'),
          outputs: Type.Optional(AnyJson('What was answered.')),
          expectations: Type.Optional(JsonObject('What should be answered.')),
          tags: Type.Optional(JsonObject('Notes.')),
          source: Type.Optional(JsonObject('Where it came from: source_type and source_data.')),
        }),
        { minItems: 1, maxItems: 10_000, description: 'What to add.' },
      ),
    }),
    response: Type.Object({
      inserted: Type.Integer({ description: 'How many were new.' }),
      updated: Type.Integer({ description: 'How many were known.' }),
    }),
    errors: ['TRACING_DATASET_NOT_FOUND'],
  }),
} as const;
