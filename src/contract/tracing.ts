import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';
import { ExperimentName } from './tracking-schemas.ts';

const At = (description: string) => Type.Integer({ description: `${description}, ms since the epoch.` });
const OrNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Closed = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });
const Texts = (description: string) => Type.Record(Type.String(), Type.String(), { description });
/** A JSON value; kept out of validation, as its size is the request's. */
const AnyJson = (description: string) => Type.Unsafe<unknown>({ description });

const TraceId = Type.String({ minLength: 1, maxLength: 250, description: 'Id of the trace, e.g. tr-3f2a...' });
const AssessmentId = Type.String({ minLength: 1, maxLength: 64, description: 'Id of the assessment.' });

const TraceState = Type.Union(
  [Type.Literal('ok'), Type.Literal('error'), Type.Literal('in-progress'), Type.Literal('unknown')],
  { description: 'How the trace stands; in-progress until its root span has ended.' },
);
export type TraceState = Static<typeof TraceState>;

const TokenUsage = Type.Object({
  input: Type.Integer({ description: 'Tokens that models read.' }),
  output: Type.Integer({ description: 'Tokens that models wrote.' }),
  total: Type.Integer({ description: 'All tokens.' }),
});
export type TokenUsage = Static<typeof TokenUsage>;

const AssessmentKind = Type.Union([Type.Literal('feedback'), Type.Literal('expectation'), Type.Literal('issue')], {
  description: 'feedback: what somebody thinks of it; expectation: what it should have been; issue: a known fault.',
});

const AssessmentSource = Closed({
  kind: Type.Union([Type.Literal('human'), Type.Literal('judge'), Type.Literal('code'), Type.Literal('unknown')], {
    description: 'judge: a language model.',
  }),
  id: Type.String({ maxLength: 250, description: 'Who or what, e.g. an address or the name of a model.' }),
});

export const Assessment = Type.Object({
  id: AssessmentId,
  trace: TraceId,
  span: OrNull(Type.String({ description: 'Id of the span it is about; null for the whole trace.' })),
  name: Type.String({ description: 'What is assessed, e.g. correctness.' }),
  kind: AssessmentKind,
  value: AnyJson('The verdict: any JSON value.'),
  error: OrNull(AnyJson('Why there is no value: code, message and stack trace.')),
  source: AssessmentSource,
  rationale: OrNull(Type.String({ description: 'Why, in words.' })),
  metadata: Texts('Notes of whoever made it.'),
  overrides: OrNull(Type.String({ description: 'Id of the assessment that this one replaces.' })),
  valid: Type.Boolean({ description: 'False once another one replaces it.' }),
  createdAtMs: At('When it was made'),
  changedAtMs: At('When it last changed'),
});
export type Assessment = Static<typeof Assessment>;

const traceProperties = {
  id: TraceId,
  experimentId: Type.String({ description: 'Number of its experiment, as text.' }),
  name: OrNull(Type.String({ description: 'Name of its root span, or its tag mlflow.traceName.' })),
  state: TraceState,
  clientRequestId: OrNull(Type.String({ description: 'Id that the traced program gave the request.' })),
  startedAtMs: At('When it started'),
  durationMs: OrNull(Type.Number({ description: 'How long it took, ms; null while in progress.' })),
  spans: Type.Integer({ description: 'How many spans of it are stored.' }),
  requestPreview: OrNull(Type.String({ description: 'The beginning of what was asked.' })),
  responsePreview: OrNull(Type.String({ description: 'The beginning of the answer.' })),
  tokens: OrNull(TokenUsage),
  costUsd: OrNull(Type.Number({ description: 'What the models cost, US dollars, as the client told.' })),
  session: OrNull(Type.String({ description: 'The conversation it belongs to.' })),
  tags: Texts('Notes; may change.'),
  metadata: Texts('What the client told once; does not change.'),
  assessments: Type.Array(Assessment, { description: 'Oldest first.' }),
};

export const TraceInfo = Type.Object(traceProperties);
export type TraceInfo = Static<typeof TraceInfo>;

const SpanStatus = Type.Union([Type.Literal('unset'), Type.Literal('ok'), Type.Literal('error')], {
  description: 'How the span ended.',
});

const SpanEvent = Type.Object({
  name: Type.String({ description: 'Name of the event; exception for an error.' }),
  offsetMs: Type.Number({ description: 'When, ms after the start of the trace; exact to a microsecond.' }),
  attributes: Type.Record(Type.String(), Type.Unknown(), { description: 'JSON by key.' }),
});
export type SpanEvent = Static<typeof SpanEvent>;

export const Span = Type.Object({
  id: Type.String({ description: 'Id of the span: 16 hex digits.' }),
  parent: OrNull(Type.String({ description: 'Id of the span it is part of; null at the root.' })),
  name: Type.String({ description: 'What was done.' }),
  type: Type.String({ description: 'What kind of work, e.g. LLM, TOOL, RETRIEVER, CHAIN or UNKNOWN.' }),
  status: SpanStatus,
  statusMessage: Type.String({ description: 'What went wrong; empty when nothing did.' }),
  offsetMs: Type.Number({ description: 'When it started, ms after the start of the trace; exact to a microsecond.' }),
  durationMs: OrNull(Type.Number({ description: 'How long it took, ms; null while it runs.' })),
  service: OrNull(Type.String({ description: 'Service that made it, as OpenTelemetry names it.' })),
  inputs: AnyJson('What it was given: any JSON value; null when not told.'),
  outputs: AnyJson('What it gave: any JSON value; null when not told.'),
  attributes: Type.Record(Type.String(), Type.Unknown(), { description: 'All of its attributes: JSON by key.' }),
  events: Type.Array(SpanEvent, { description: 'In their order.' }),
  tokens: OrNull(TokenUsage),
  model: OrNull(Type.String({ description: 'Language model it asked.' })),
});
export type Span = Static<typeof Span>;

export const Trace = Type.Object({
  ...traceProperties,
  runs: Type.Array(Type.String({ description: 'Id of a run.' }), { description: 'Runs it belongs to.' }),
  prompts: Type.Array(
    Type.Object({
      name: Type.String({ description: 'Name of the prompt.' }),
      version: Type.String({ description: 'Its version.' }),
    }),
    { description: 'Prompts it used, by name and version.' },
  ),
  tree: Type.Array(Span, { description: 'Its spans, roots first, then by start.' }),
});
export type Trace = Static<typeof Trace>;

export const TraceFigures = Type.Object({
  traces: Type.Integer({ description: 'How many traces there are.' }),
  errors: Type.Integer({ description: 'How many of them failed.' }),
  p50Ms: OrNull(Type.Number({ description: 'Half of the ended ones took no longer, ms.' })),
  p95Ms: OrNull(Type.Number({ description: '95 % of the ended ones took no longer, ms.' })),
  tokens: TokenUsage,
  costUsd: Type.Number({ description: 'Cost of all of them, US dollars, as clients told.' }),
});
export type TraceFigures = Static<typeof TraceFigures>;

const Filter = Type.String({
  maxLength: 10_000,
  description:
    "E.g. status = 'ERROR' AND tags.env = 'prod'. Fields: name, status, timestamp_ms, execution_time_ms, end_time_ms, " +
    'request_id, client_request_id, run_id, text, tags.<key>, metadata.<key>, span.name, span.type, span.status, ' +
    'span.content, span.attributes.<key>, feedback.<name>, expectation.<name>.',
});
const ExperimentPath = Type.Object({ experiment: ExperimentName });
const TracePath = Type.Object({ trace: TraceId });
const AssessmentPath = Type.Object({ trace: TraceId, assessment: AssessmentId });
const PageToken = Type.String({ minLength: 1, maxLength: 1000, description: 'Where the page before ended.' });
const NextPage = OrNull(Type.String({ description: 'Token of the next page; null on the last.' }));
const TagValues = Type.Record(Type.String({ minLength: 1, maxLength: 250 }), Type.String({ maxLength: 8000 }), {
  description: 'Values by key.',
});

const NewAssessment = Closed({
  name: Type.String({ minLength: 1, maxLength: 250, description: 'What is assessed.' }),
  kind: Type.Optional(
    Type.Union([Type.Literal('feedback'), Type.Literal('expectation')], { description: 'Feedback.' }),
  ),
  value: AnyJson('The verdict: any JSON value.'),
  rationale: Type.Optional(Type.String({ maxLength: 100_000, description: 'Why, in words.' })),
  span: Type.Optional(Type.String({ pattern: '^[0-9a-f]{16}$', description: 'Id of the span it is about.' })),
  overrides: Type.Optional(AssessmentId),
  id: Type.Optional(
    Type.String({
      pattern: '^a-[0-9a-f]{32}$',
      description: 'Id of the assessment; sent again it answers the one that exists. Made here when left out.',
    }),
  ),
});

/** Traces of programs that ask language models, and what people think of them. */
export const tracingOperations = {
  searchTraces: operation({
    id: 'tracing.searchTraces',
    method: 'GET',
    path: '/api/experiments/:experiment/traces',
    summary: 'Traces of an experiment, latest first unless told otherwise.',
    params: ExperimentPath,
    query: Closed({
      filter: Type.Optional(Filter),
      orderBy: Type.Optional(
        Type.String({ maxLength: 300, description: 'A field, then asc or desc, e.g. execution_time_ms desc.' }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100, description: 'Most traces.' })),
      pageToken: Type.Optional(PageToken),
    }),
    response: Type.Object({
      traces: Type.Array(TraceInfo, { description: 'In the order asked for.' }),
      nextPageToken: NextPage,
    }),
    errors: ['TRACING_EXPERIMENT_NOT_FOUND', 'TRACING_FILTER_INVALID', 'TRACING_PAGE_TOKEN_INVALID'],
  }),
  traceFigures: operation({
    id: 'tracing.traceFigures',
    method: 'GET',
    path: '/api/experiments/:experiment/trace-figures',
    summary: 'What traces of an experiment amount to: how many, how slow, how many tokens.',
    params: ExperimentPath,
    query: Closed({ filter: Type.Optional(Filter) }),
    response: TraceFigures,
    errors: ['TRACING_EXPERIMENT_NOT_FOUND', 'TRACING_FILTER_INVALID'],
  }),
  getTrace: operation({
    id: 'tracing.getTrace',
    method: 'GET',
    path: '/api/traces/:trace',
    summary: 'A trace with its spans.',
    params: TracePath,
    response: Trace,
    errors: ['TRACING_TRACE_NOT_FOUND'],
  }),
  deleteTraces: operation({
    id: 'tracing.deleteTraces',
    method: 'POST',
    path: '/api/experiments/:experiment/traces/delete',
    summary: 'Deletes traces for good; those that are gone already are passed over.',
    params: ExperimentPath,
    body: Closed({
      traces: Type.Array(TraceId, { minItems: 1, maxItems: 1000, description: 'Ids of traces.' }),
    }),
    response: Type.Object({ deleted: Type.Integer({ description: 'How many were deleted.' }) }),
    errors: ['TRACING_EXPERIMENT_NOT_FOUND'],
  }),
  tagTrace: operation({
    id: 'tracing.tagTrace',
    method: 'PATCH',
    path: '/api/traces/:trace/tags',
    summary: 'Sets tags of a trace and takes others away.',
    params: TracePath,
    body: Closed({
      set: Type.Optional(TagValues),
      drop: Type.Optional(
        Type.Array(Type.String({ maxLength: 250, description: 'Key of a tag.' }), {
          maxItems: 100,
          description: 'Keys to take away; those that are gone already are passed over.',
        }),
      ),
    }),
    response: TraceInfo,
    errors: ['TRACING_TRACE_NOT_FOUND'],
  }),
  addAssessment: operation({
    id: 'tracing.addAssessment',
    method: 'POST',
    path: '/api/traces/:trace/assessments',
    summary: 'Says what one thinks of a trace, or what it should have been.',
    params: TracePath,
    body: NewAssessment,
    response: Assessment,
    errors: ['TRACING_TRACE_NOT_FOUND', 'TRACING_ASSESSMENT_NOT_FOUND'],
  }),
  deleteAssessment: operation({
    id: 'tracing.deleteAssessment',
    method: 'DELETE',
    path: '/api/traces/:trace/assessments/:assessment',
    summary: 'Takes an assessment back; the one it replaced counts again.',
    params: AssessmentPath,
    response: 'none',
    errors: ['TRACING_TRACE_NOT_FOUND'],
  }),
} as const;
