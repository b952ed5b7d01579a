import { type Static, Type } from 'typebox';
import { operation } from '#platform/operation';

const EndpointName = Type.String({ minLength: 1, maxLength: 128, description: 'Name of the endpoint.' });
const VariantName = Type.String({
  minLength: 1,
  maxLength: 128,
  description: 'Name of the variant within its endpoint, e.g. champion or canary.',
});
const VersionRef = Type.String({
  pattern: '^version:.+',
  maxLength: 300,
  description: 'The model version that answers, e.g. version:delays/3.',
});
const Reason = Type.String({ minLength: 1, maxLength: 2000, description: 'Why, for the audit log.' });
const Nullable = <Schema extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Number>>(
  schema: Schema,
  description: string,
) => Type.Union([schema, Type.Null()], { description });

export const Variant = Type.Object(
  {
    name: VariantName,
    version: VersionRef,
    weight: Type.Integer({
      minimum: 0,
      maximum: 10_000,
      description: 'Share of the traffic in basis points; all variants of an endpoint add up to 10000.',
    }),
  },
  { additionalProperties: false },
);
export type Variant = Static<typeof Variant>;

const Variants = Type.Array(Variant, {
  minItems: 1,
  maxItems: 16,
  description: 'Who answers and how much of the traffic each gets. The first is the one others are compared with.',
});

export const Endpoint = Type.Object({
  name: EndpointName,
  variants: Variants,
  stickyKey: Nullable(Type.String(), 'Column whose value keeps a caller on one variant; null: the inference id.'),
  status: Type.Union([Type.Literal('serving'), Type.Literal('blocked')], {
    description: 'blocked: it answers, marks its predictions as flagged and refuses traffic changes unless forced.',
  }),
  statusReason: Nullable(Type.String(), 'Why it is blocked; null while serving.'),
  ready: Type.Boolean({ description: 'True when every variant is loaded and passed its golden check here.' }),
  problem: Nullable(Type.String(), 'Why it is not ready; null when it is.'),
  revision: Type.Integer({ description: 'Grows by one with every change; send it to change only what you have seen.' }),
  createdAtMs: Type.Integer({ description: 'When it was made, ms since the epoch.' }),
  changedAtMs: Type.Integer({ description: 'When it last changed, ms since the epoch.' }),
});
export type Endpoint = Static<typeof Endpoint>;

export const SignatureColumn = Type.Object({
  name: Type.String({ description: 'Name of the column.' }),
  type: Type.Union([Type.Literal('string'), Type.Literal('number'), Type.Literal('timestamp')], {
    description: 'timestamp: ISO 8601 text with a time zone (UTC when it has none) or ms since the epoch.',
  }),
  nullable: Type.Boolean({ description: 'True when the column may be null or left out.' }),
});
export type SignatureColumn = Static<typeof SignatureColumn>;

export const EndpointSignature = Type.Object({
  inputs: Type.Array(SignatureColumn, { description: 'The columns a row must have, and no others.' }),
  output: Type.String({ description: 'What a prediction is: probability (0 to 1) or value.' }),
  example: Type.Record(Type.String(), Type.Unknown(), { description: 'A row that the endpoint accepts.' }),
  curl: Type.String({ description: 'A command line that asks for a prediction of the example.' }),
});
export type EndpointSignature = Static<typeof EndpointSignature>;

const EventTime = Type.Union([Type.String(), Type.Number()], {
  description: 'ISO 8601 text or ms since the epoch, UTC.',
});

export const PredictRequest = Type.Object(
  {
    // Which columns a row must have is the endpoint's to say; here any object passes, at no cost for its properties.
    rows: Type.Array(Type.Unsafe<Record<string, unknown>>({ type: 'object' }), {
      minItems: 1,
      maxItems: 10_000,
      description: 'Rows of column values, as the signature of the endpoint lists them.',
    }),
    inferenceIds: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
        maxItems: 10_000,
        description:
          'One id a row, unique in the endpoint; made here when left out. A row sent again with its id is answered as before and logged once.',
      }),
    ),
    keys: Type.Optional(
      Type.Array(Type.String({ maxLength: 256 }), {
        maxItems: 10_000,
        description: 'One key a row: equal keys are answered by the same variant while the weights stand.',
      }),
    ),
    at: Type.Optional(
      Type.Union([EventTime, Type.Array(EventTime, { maxItems: 10_000 })], {
        description: 'When the thing predicted happens: once for all rows, or one a row. Now, when left out.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type PredictRequest = Static<typeof PredictRequest>;

export const Prediction = Type.Object({
  inferenceId: Type.String({ description: 'Joins the prediction with its label later.' }),
  value: Type.Number({ description: 'The probability, 0 to 1, or the predicted value.' }),
  variant: Type.String({ description: 'The variant that answered.' }),
  version: Type.String({ description: 'The model version that answered.' }),
});
export type Prediction = Static<typeof Prediction>;

export const PredictResponse = Type.Object({
  endpoint: Type.String({ description: 'Name of the endpoint.' }),
  predictions: Type.Array(Prediction, { description: 'One a row, in the order of the rows.' }),
  latencyMs: Type.Number({ description: 'Time from the checked request to the logged prediction, ms.' }),
});
export type PredictResponse = Static<typeof PredictResponse>;

export const LatencySummary = Type.Object({
  p50Ms: Nullable(Type.Number(), 'Median latency of a request, ms; null without requests.'),
  p90Ms: Nullable(Type.Number(), '90th percentile, ms.'),
  p99Ms: Nullable(Type.Number(), '99th percentile, ms.'),
  maxMs: Nullable(Type.Number(), 'Largest, ms.'),
});
export type LatencySummary = Static<typeof LatencySummary>;

export const EndpointStats = Type.Object({
  windowMs: Type.Integer({ description: 'Length of the recent window, ms, by the machine clock.' }),
  requests: Type.Integer({ description: 'Requests answered in the window.' }),
  rows: Type.Integer({ description: 'Rows predicted in the window.' }),
  rowsPerSecond: Type.Number({ description: 'Rows predicted per second over the window.' }),
  inFlight: Type.Integer({ description: 'Requests being answered right now.' }),
  latency: LatencySummary,
  errors: Type.Array(
    Type.Object({
      code: Type.String({ description: 'Error code, see docs/errors/.' }),
      count: Type.Integer({ description: 'Requests refused or failed with it in the window.' }),
    }),
    { description: 'Requests refused or failed in the window, by code.' },
  ),
  variants: Type.Array(
    Type.Object({
      variant: Type.String({ description: 'Name of the variant.' }),
      version: Type.String({ description: 'Version that answered.' }),
      rows: Type.Integer({ description: 'Rows it predicted in the window.' }),
      share: Type.Number({ description: 'Its share of the rows in the window, 0 to 1.' }),
      meanPrediction: Nullable(Type.Number(), 'Mean of its predictions in the window.'),
      latency: LatencySummary,
    }),
    { description: 'Traffic by variant and version in the window.' },
  ),
  days: Type.Array(
    Type.Object({
      dayMs: Type.Integer({ description: 'Start of the day of event time, UTC, ms since the epoch.' }),
      variant: Type.String({ description: 'Name of the variant.' }),
      version: Type.String({ description: 'Version that answered.' }),
      rows: Type.Integer({ description: 'Rows predicted.' }),
      flagged: Type.Integer({ description: 'How many of them while the endpoint was blocked.' }),
      meanPrediction: Type.Number({ description: 'Mean of the predictions.' }),
      meanLatencyMs: Type.Number({ description: 'Mean time to answer a row, ms.' }),
    }),
    { description: 'All logged traffic by day of event time and version, oldest first.' },
  ),
  errorDays: Type.Array(
    Type.Object({
      dayMs: Type.Integer({ description: 'Start of the day, UTC, ms since the epoch.' }),
      code: Type.String({ description: 'Error code.' }),
      count: Type.Integer({ description: 'Requests refused or failed with it.' }),
    }),
    { description: 'Refused and failed requests by day and code, oldest first.' },
  ),
});
export type EndpointStats = Static<typeof EndpointStats>;

export const LoggedPrediction = Type.Object({
  inferenceId: Type.String({ description: 'Joins the prediction with its label.' }),
  atMs: Type.Integer({ description: 'Event time, ms since the epoch, UTC.' }),
  receivedMs: Type.Integer({ description: 'When the request came, by the machine clock, ms since the epoch.' }),
  version: Type.String({ description: 'Version that answered.' }),
  variant: Type.String({ description: 'Variant that answered.' }),
  features: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Null()]), {
    description: 'The row as it was predicted; timestamps as ms since the epoch.',
  }),
  prediction: Type.Number({ description: 'The answer.' }),
  latencyMs: Type.Number({ description: 'Time from the checked request to the answer of the model, ms.' }),
  flagged: Type.Boolean({ description: 'True when the endpoint was blocked at the time.' }),
});
export type LoggedPrediction = Static<typeof LoggedPrediction>;

const OneEndpoint = Type.Object({ endpoint: EndpointName });
const ChangeErrors = ['SERVING_ENDPOINT_NOT_FOUND', 'SERVING_REVISION_CONFLICT'];
const LoadErrors = [
  'SERVING_WEIGHTS_INVALID',
  'SERVING_MODEL_UNFIT',
  'SERVING_GOLDEN_FAILED',
  'REGISTRY_MODEL_NOT_FOUND',
  'REGISTRY_VERSION_NOT_FOUND',
];

export const servingOperations = {
  listEndpoints: operation({
    id: 'serving.listEndpoints',
    method: 'GET',
    path: '/api/endpoints',
    summary: 'All endpoints with their traffic split.',
    response: Type.Object({ endpoints: Type.Array(Endpoint) }),
  }),
  createEndpoint: operation({
    id: 'serving.createEndpoint',
    method: 'POST',
    path: '/api/endpoints',
    summary: 'Puts model versions behind a name.',
    description: 'Every version is loaded, warmed and checked before it answers. The same request again is a no-op.',
    body: Type.Object(
      {
        name: EndpointName,
        variants: Variants,
        stickyKey: Type.Optional(
          Type.String({ minLength: 1, description: 'Column that keeps a caller on a variant.' }),
        ),
        reason: Type.Optional(Reason),
      },
      { additionalProperties: false },
    ),
    response: Endpoint,
    status: 201,
    errors: ['SERVING_ENDPOINT_EXISTS', 'KERNEL_NAME_INVALID', ...LoadErrors],
  }),
  getEndpoint: operation({
    id: 'serving.getEndpoint',
    method: 'GET',
    path: '/api/endpoints/:endpoint',
    summary: 'One endpoint.',
    params: OneEndpoint,
    response: Endpoint,
    errors: ['SERVING_ENDPOINT_NOT_FOUND'],
  }),
  setTraffic: operation({
    id: 'serving.setTraffic',
    method: 'PUT',
    path: '/api/endpoints/:endpoint/traffic',
    summary: 'Changes who answers and how much each gets, with no failed request.',
    params: OneEndpoint,
    body: Type.Object(
      {
        variants: Variants,
        reason: Reason,
        revision: Type.Optional(
          Type.Integer({ description: 'Refuse when the endpoint is not at this revision any more.' }),
        ),
        force: Type.Optional(Type.Boolean({ description: 'Change it although it is blocked.' })),
      },
      { additionalProperties: false },
    ),
    response: Endpoint,
    errors: [...ChangeErrors, 'SERVING_ENDPOINT_BLOCKED', ...LoadErrors],
  }),
  blockEndpoint: operation({
    id: 'serving.blockEndpoint',
    method: 'POST',
    path: '/api/endpoints/:endpoint/block',
    summary: 'Marks predictions as flagged and holds traffic changes, e.g. while the feed is broken.',
    params: OneEndpoint,
    body: Type.Object({ reason: Reason }, { additionalProperties: false }),
    response: Endpoint,
    errors: ChangeErrors,
  }),
  unblockEndpoint: operation({
    id: 'serving.unblockEndpoint',
    method: 'POST',
    path: '/api/endpoints/:endpoint/unblock',
    summary: 'Ends a block.',
    params: OneEndpoint,
    body: Type.Object({ reason: Reason }, { additionalProperties: false }),
    response: Endpoint,
    errors: ChangeErrors,
  }),
  deleteEndpoint: operation({
    id: 'serving.deleteEndpoint',
    method: 'DELETE',
    path: '/api/endpoints/:endpoint',
    summary: 'Takes an endpoint away; its logged predictions are kept.',
    params: OneEndpoint,
    query: Type.Object({ reason: Type.Optional(Reason) }),
    response: 'none',
    errors: ChangeErrors,
  }),
  getSignature: operation({
    id: 'serving.getSignature',
    method: 'GET',
    path: '/api/endpoints/:endpoint/signature',
    summary: 'The columns a row must have, an example and a command line to try it.',
    params: OneEndpoint,
    response: EndpointSignature,
    errors: ['SERVING_ENDPOINT_NOT_FOUND', 'SERVING_ENDPOINT_UNAVAILABLE'],
  }),
  predict: operation({
    id: 'serving.predict',
    method: 'POST',
    path: '/api/endpoints/:endpoint/predict',
    summary: 'Predicts rows.',
    description: 'An answered prediction is in the log. A refused request leaves nothing behind but its error count.',
    params: OneEndpoint,
    body: PredictRequest,
    response: PredictResponse,
    bodyLimitBytes: 16 * 1024 * 1024,
    errors: [
      'SERVING_ENDPOINT_NOT_FOUND',
      'SERVING_ROW_INVALID',
      'SERVING_REQUEST_INVALID',
      'SERVING_INFERENCE_ID_REUSED',
      'SERVING_OVERLOADED',
      'SERVING_ENDPOINT_UNAVAILABLE',
    ],
  }),
  getStats: operation({
    id: 'serving.getStats',
    method: 'GET',
    path: '/api/endpoints/:endpoint/stats',
    summary: 'Latency, errors and traffic by variant, recently and by day of event time.',
    params: OneEndpoint,
    query: Type.Object({
      windowMs: Type.Optional(
        Type.Integer({
          minimum: 10_000,
          maximum: 3_600_000,
          default: 300_000,
          description: 'Length of the recent window, ms.',
        }),
      ),
    }),
    response: EndpointStats,
    errors: ['SERVING_ENDPOINT_NOT_FOUND'],
  }),
  listPredictions: operation({
    id: 'serving.listPredictions',
    method: 'GET',
    path: '/api/endpoints/:endpoint/predictions',
    summary: 'The latest logged predictions by event time, newest first.',
    params: OneEndpoint,
    query: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 50, description: 'Rows at most.' })),
      beforeMs: Type.Optional(Type.Integer({ description: 'Only with event time before this, ms since the epoch.' })),
    }),
    response: Type.Object({ predictions: Type.Array(LoggedPrediction) }),
    errors: ['SERVING_ENDPOINT_NOT_FOUND'],
  }),
  getPrediction: operation({
    id: 'serving.getPrediction',
    method: 'GET',
    path: '/api/endpoints/:endpoint/predictions/:inferenceId',
    summary: 'One logged prediction: what was asked, what was answered, and which version answered.',
    description: 'Predictions of a deleted endpoint can still be read.',
    params: Type.Object({
      endpoint: EndpointName,
      inferenceId: Type.String({ minLength: 1, maxLength: 128, description: 'Id of the prediction.' }),
    }),
    response: LoggedPrediction,
    errors: ['SERVING_PREDICTION_NOT_FOUND'],
  }),
};
