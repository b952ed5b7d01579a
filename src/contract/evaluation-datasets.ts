import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';
import { ExperimentName } from './tracking-schemas.ts';

const OrNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Closed = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });
/** A JSON value; kept out of validation, as its size is the request's. */
const AnyJson = (description: string) => Type.Unsafe<unknown>({ description });
const JsonObject = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description });
const Types = (description: string) => Type.Record(Type.String(), Type.String(), { description });

const DatasetId = Type.String({ minLength: 1, maxLength: 250, description: 'Id of the evaluation dataset.' });

const times = {
  createdAtMs: Type.Integer({ description: 'When it was made, ms since the epoch.' }),
  createdBy: OrNull(Type.String({ description: 'Who made it, as the client told.' })),
  changedAtMs: Type.Integer({ description: 'When it last changed, ms since the epoch.' }),
  changedBy: OrNull(Type.String({ description: 'Who changed it last, as the client told.' })),
};

export const EvaluationDataset = Type.Object({
  id: DatasetId,
  name: Type.String({ description: 'For people; several may have the same.' }),
  digest: Type.String({ description: 'Changes whenever its records do.' }),
  records: Type.Integer({ description: 'How many records it has.' }),
  experiments: Type.Array(
    Type.Object({
      id: Type.String({ description: 'Number of the experiment, as text.' }),
      name: Type.String({ description: 'Its name.' }),
    }),
    { description: 'Experiments it is for.' },
  ),
  fields: OrNull(
    Type.Object({
      inputs: Types('Type of each input.'),
      outputs: Type.Union([Types('Type of each output.'), Type.String()], {
        description: 'Type of each output; one type where outputs are no objects.',
      }),
      expectations: Types('Type of each expectation.'),
    }),
  ),
  tags: Type.Record(Type.String(), Type.String(), { description: 'Notes.' }),
  ...times,
});
export type EvaluationDataset = Static<typeof EvaluationDataset>;

export const EvaluationRecord = Type.Object({
  id: Type.String({ description: 'Id of the record.' }),
  inputs: JsonObject('What is asked. A dataset has the same inputs once.'),
  outputs: AnyJson('What was answered: any JSON value; null when not told.'),
  expectations: OrNull(JsonObject('What should be answered.')),
  tags: JsonObject('Notes.'),
  source: OrNull(JsonObject('Where it comes from: source_type, and source_data with e.g. trace_id.')),
  ...times,
});
export type EvaluationRecord = Static<typeof EvaluationRecord>;

const DatasetPath = Type.Object({ dataset: DatasetId });
const PageToken = Type.String({ minLength: 1, maxLength: 1000, description: 'Where the page before ended.' });
const NextPage = OrNull(Type.String({ description: 'Token of the next page; null on the last.' }));
const Limit = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description }));

/** Questions with expected answers, by which programs that ask language models are judged. */
export const evaluationDatasetOperations = {
  listEvaluationDatasets: operation({
    id: 'tracing.listEvaluationDatasets',
    method: 'GET',
    path: '/api/evaluation-datasets',
    summary: 'Evaluation datasets, the last made first unless told otherwise.',
    query: Closed({
      experiment: Type.Optional(ExperimentName),
      filter: Type.Optional(
        Type.String({
          maxLength: 10_000,
          description:
            "E.g. name LIKE '%refunds%' AND tags.team = 'support'. Fields: name, dataset_id, created_by, created_time, " +
            'last_updated_by, last_update_time, tags.<key>.',
        }),
      ),
      orderBy: Type.Optional(
        Type.String({ maxLength: 300, description: 'A field, then asc or desc, e.g. last_update_time desc.' }),
      ),
      limit: Limit('Most datasets.'),
      pageToken: Type.Optional(PageToken),
    }),
    response: Type.Object({
      datasets: Type.Array(EvaluationDataset, { description: 'In the order asked for.' }),
      nextPageToken: NextPage,
    }),
    errors: ['TRACING_EXPERIMENT_NOT_FOUND', 'TRACING_FILTER_INVALID', 'TRACING_PAGE_TOKEN_INVALID'],
  }),
  getEvaluationDataset: operation({
    id: 'tracing.getEvaluationDataset',
    method: 'GET',
    path: '/api/evaluation-datasets/:dataset',
    summary: 'An evaluation dataset, without its records.',
    params: DatasetPath,
    response: EvaluationDataset,
    errors: ['TRACING_DATASET_NOT_FOUND'],
  }),
  listEvaluationRecords: operation({
    id: 'tracing.listEvaluationRecords',
    method: 'GET',
    path: '/api/evaluation-datasets/:dataset/records',
    summary: 'Records of an evaluation dataset, in the order they came.',
    params: DatasetPath,
    query: Closed({ limit: Limit('Most records.'), pageToken: Type.Optional(PageToken) }),
    response: Type.Object({
      records: Type.Array(EvaluationRecord, { description: 'In the order they came.' }),
      nextPageToken: NextPage,
    }),
    errors: ['TRACING_DATASET_NOT_FOUND', 'TRACING_PAGE_TOKEN_INVALID'],
  }),
  deleteEvaluationDataset: operation({
    id: 'tracing.deleteEvaluationDataset',
    method: 'DELETE',
    path: '/api/evaluation-datasets/:dataset',
    summary: 'Deletes an evaluation dataset with its records, for good.',
    params: DatasetPath,
    response: 'none',
    errors: ['TRACING_DATASET_NOT_FOUND'],
  }),
} as const;
