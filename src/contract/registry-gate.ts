import { type Static, type TSchema, Type } from 'typebox';

/** Shapes of the gate of the registry; `registry.ts` has the operations. */

const Nullable = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const Auc = (who: string) =>
  Nullable(Type.Number({ minimum: 0, maximum: 1 }), `Area under the ROC curve of ${who}, 0 to 1; null when unknown.`);
const Loss = (who: string) => Type.Number({ minimum: 0, description: `Mean log loss of ${who} on these rows, nats.` });
const differenceFields = {
  difference: Type.Number({ description: 'Candidate minus opponent, nats; below zero the candidate is better.' }),
  low: Type.Number({ description: 'Lower end of the 95 % interval of the difference, nats.' }),
  high: Type.Number({ description: 'Upper end of the 95 % interval of the difference, nats.' }),
};
const Rows = (minimum: number, what: string) => Type.Integer({ minimum, description: `Number of rows ${what}.` });

const policyFields = {
  minMargin: Type.Number({
    minimum: 0,
    default: 0,
    description:
      'The candidate must be better by more than this, nats: the upper end of the interval is below -margin.',
  }),
  maxSegmentLoss: Type.Number({
    minimum: 0,
    default: 0.02,
    description: 'How much worse than the opponent a segment may be, nats of mean log loss.',
  }),
  minSegmentRows: Type.Integer({
    minimum: 1,
    default: 200,
    description: 'Segments with fewer rows are not judged.',
  }),
  segmentFalseDiscoveryRate: Type.Number({
    exclusiveMinimum: 0,
    maximum: 0.5,
    default: 0.05,
    description: 'Share of wrongly accused segments tolerated among the accused (Benjamini and Hochberg), 0 to 0.5.',
  }),
  onnxTolerance: Type.Number({
    minimum: 0,
    default: 1e-5,
    description: 'Largest difference of a prediction between the trained model and its ONNX file.',
  }),
  latencyBudgetMs: Type.Number({
    exclusiveMinimum: 0,
    default: 10,
    description: '99th percentile that a prediction of a single row may take, ms.',
  }),
  allowSignatureChange: Type.Boolean({
    default: false,
    description: 'True: other input columns than the champion takes are accepted.',
  }),
};

export const GatePolicy = Type.Object(policyFields, { additionalProperties: false });
export type GatePolicy = Static<typeof GatePolicy>;

export const GatePolicyInput = Type.Object(
  {
    minMargin: Type.Optional(policyFields.minMargin),
    maxSegmentLoss: Type.Optional(policyFields.maxSegmentLoss),
    minSegmentRows: Type.Optional(policyFields.minSegmentRows),
    segmentFalseDiscoveryRate: Type.Optional(policyFields.segmentFalseDiscoveryRate),
    onnxTolerance: Type.Optional(policyFields.onnxTolerance),
    latencyBudgetMs: Type.Optional(policyFields.latencyBudgetMs),
    allowSignatureChange: Type.Optional(policyFields.allowSignatureChange),
  },
  { additionalProperties: false, description: 'What is left out takes its default.' },
);
export type GatePolicyInput = Static<typeof GatePolicyInput>;

export const GateComparison = Type.Object(
  {
    opponent: Type.String({
      minLength: 1,
      maxLength: 300,
      description:
        'Who the candidate is compared with: a version (version:delays/1) or the name of a baseline. Once the model has a champion, it must be the champion.',
    }),
    rows: Rows(1, 'both predicted'),
    candidateLogLoss: Loss('the candidate'),
    opponentLogLoss: Loss('the opponent'),
    candidateAuc: Type.Optional(Auc('the candidate')),
    opponentAuc: Type.Optional(Auc('the opponent')),
    ...differenceFields,
    data: Type.Optional(
      Type.String({ maxLength: 300, description: 'Where the rows come from, e.g. commit:flights/3f2a….' }),
    ),
  },
  { additionalProperties: false, description: 'Candidate and opponent on the same labelled rows.' },
);
export type GateComparison = Static<typeof GateComparison>;

export const SegmentComparison = Type.Object(
  {
    column: Type.String({ minLength: 1, description: 'Column that the segment is cut by.' }),
    value: Type.String({ description: 'Value of the column, or the name of its band.' }),
    rows: Rows(0, 'in the segment'),
    candidateLogLoss: Loss('the candidate'),
    opponentLogLoss: Loss('the opponent'),
    ...differenceFields,
  },
  { additionalProperties: false },
);
export type SegmentComparison = Static<typeof SegmentComparison>;

export const GateMeasurements = Type.Object(
  {
    comparison: Type.Optional(GateComparison),
    segments: Type.Optional(
      Type.Array(SegmentComparison, { maxItems: 10_000, description: 'The same comparison, segment by segment.' }),
    ),
    onnx: Type.Optional(
      Type.Object(
        {
          rows: Rows(1, 'predicted by both'),
          maxDifference: Type.Number({
            minimum: 0,
            description: 'Largest absolute difference between the trained model and its ONNX file.',
          }),
        },
        { additionalProperties: false, description: 'The trained model against its ONNX file.' },
      ),
    ),
    latency: Type.Optional(
      Type.Object(
        {
          requests: Type.Integer({ minimum: 1, description: 'Single-row predictions timed.' }),
          p50Ms: Type.Number({ minimum: 0, description: 'Median time of one, ms.' }),
          p99Ms: Type.Number({ minimum: 0, description: '99th percentile, ms.' }),
        },
        { additionalProperties: false, description: 'Time of predictions of a single row.' },
      ),
    ),
  },
  {
    additionalProperties: false,
    description: 'What was measured. A check whose measurement is left out fails.',
  },
);
export type GateMeasurements = Static<typeof GateMeasurements>;

export const GateCheck = Type.Object({
  name: Type.Union(
    [
      Type.Literal('better-than'),
      Type.Literal('segments'),
      Type.Literal('onnx-parity'),
      Type.Literal('latency'),
      Type.Literal('signature'),
    ],
    {
      description:
        'better-than: lower log loss than the opponent by more than chance. segments: no segment worse than the limit. onnx-parity: the ONNX file predicts what the trained model did. latency: within the budget. signature: the columns the champion takes.',
    },
  ),
  passed: Type.Boolean({ description: 'Whether the check let the version through.' }),
  words: Type.String({ description: 'What was found, in words, with figures.' }),
  evidence: Type.Unknown({
    description:
      'The figures the verdict rests on. better-than: the comparison and `margin`. segments: `judged`, `skipped`, `limit` and `offenders`, the segments with their `qValue`. onnx-parity, latency: the measurement and its limit. signature: `champion`, `added`, `removed`, `changed`. Null when nothing was measured.',
  }),
});
export type GateCheck = Static<typeof GateCheck>;

export const GateReport = Type.Object({
  id: Type.String({ description: 'Identifies the report.' }),
  model: Type.String({ description: 'Name of the model.' }),
  version: Type.Integer({ description: 'Number of the version judged.' }),
  passed: Type.Boolean({ description: 'True when every check passed.' }),
  checks: Type.Array(GateCheck, { description: 'Every check of the gate, passed or not.' }),
  policy: GatePolicy,
  measurements: GateMeasurements,
  champion: Nullable(Type.String(), 'The champion when the gate was run, e.g. version:delays/1; null without one.'),
  decidedBy: Type.String({ description: 'Who ran the gate.' }),
  decidedAtMs: Type.Integer({ description: 'When, ms since the epoch.' }),
});
export type GateReport = Static<typeof GateReport>;
