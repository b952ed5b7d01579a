import { type Static, type TSchema, Type } from 'typebox';

/** Shapes of the monitoring contract; `monitoring.ts` has the operations. */

const Nullable = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const Ms = (description: string) => Type.Integer({ description: `${description}, ms since the epoch, UTC.` });
const Share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description: `${description}, 0 to 1.` });

export const OneMonitor = Type.Object({
  monitor: Type.String({ minLength: 1, maxLength: 128, description: 'Name of the monitor.' }),
});

export const MonitorVerdict = Type.Union([Type.Literal('ok'), Type.Literal('warning'), Type.Literal('failed')], {
  description: 'ok: as in the reference. warning: worth a look. failed: a rule of the monitor is broken.',
});
export type MonitorVerdict = Static<typeof MonitorVerdict>;
const MaybeVerdict = Nullable(MonitorVerdict, 'Null until evaluated.');

export const WatchedFeature = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'Name of the column in the reference.' }),
    from: Type.Optional(
      Type.String({ description: 'Column of the logged row it is taken from; the name by default.' }),
    ),
    derive: Type.Optional(
      Type.Union([Type.Literal('value'), Type.Literal('hour'), Type.Literal('weekday')], {
        description: 'How: the value itself, or the UTC hour (0 to 23) or weekday (0 Sunday to 6) of a timestamp.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type WatchedFeature = Static<typeof WatchedFeature>;

const ruleFields = {
  driftAlpha: Type.Number({
    exclusiveMinimum: 0,
    maximum: 0.5,
    description: 'False discovery rate of drift, over all features of a window; 0.01 by default.',
  }),
  driftPsi: Type.Number({
    minimum: 0,
    description: 'Effect from which a significant shift counts as drift: PSI above what is usual; 0.15 by default.',
  }),
  driftWindows: Type.Integer({
    minimum: 1,
    maximum: 20,
    description: 'A feature must have drifted in this many of the last `driftOf` windows; 1 by default.',
  }),
  driftOf: Type.Integer({ minimum: 1, maximum: 20, description: 'See `driftWindows`; 1 by default.' }),
  missingIncrease: Share('Rise of a missing rate over the reference that fails integrity; 0.05 by default'),
  unseenShare: Share('Share of rows with a category the reference never had that fails integrity; 0.05 by default'),
  outOfRangeShare: Share('Share of rows far outside the range of the reference that fails integrity; 0.05 by default'),
  typeShare: Share('Share of rows with a value of the wrong type that fails integrity; 0.01 by default'),
  minRows: Type.Integer({
    minimum: 1,
    description: 'Windows with fewer rows are not tested for drift or performance; 50 by default.',
  }),
  latencyP99Ms: Type.Number({ minimum: 0, description: '99th percentile that fails latency, ms; 250 by default.' }),
  errorShare: Share('Share of failed rows that fails latency; 0.01 by default'),
  falseAlarmDays: Type.Integer({
    minimum: 7,
    description: 'Mean number of windows between false alarms of realised performance; 365 by default.',
  }),
};

export const MonitorRules = Type.Object(ruleFields, { additionalProperties: false });
export type MonitorRules = Static<typeof MonitorRules>;
const RulesInput = Type.Partial(MonitorRules, { description: 'What is left out takes its default.' });

const settings = {
  features: Type.Array(WatchedFeature, {
    description: 'What is watched for drift and integrity; every column of the reference by default.',
  }),
  segments: Type.Array(Type.String(), {
    description: 'Watched features by whose values performance is also looked at, e.g. origin.',
  }),
  graceMs: Type.Integer({ minimum: 0, description: 'Wait after the end of a window for late rows, ms; 0 by default.' }),
  labelDelayMs: Type.Integer({
    minimum: 0,
    description: 'Time after the end of a window until its labels are in, ms; one day by default.',
  }),
  webhooks: Type.Array(Type.String({ pattern: '^https?://' }), {
    maxItems: 10,
    description: 'Addresses that get each alert as JSON.',
  }),
};

export const NewMonitor = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 128, description: 'Name of the monitor.' }),
    endpoint: Type.String({ minLength: 1, maxLength: 128, description: 'The endpoint to watch.' }),
    reference: Type.String({ description: 'Id of a stored reference.' }),
    windowMs: Type.Optional(
      Type.Integer({ minimum: 60_000, description: 'Length of a window, ms; one day (UTC) by default.' }),
    ),
    startMs: Type.Optional(
      Type.Integer({ description: 'Windows before this are not evaluated, ms since the epoch; now by default.' }),
    ),
    features: Type.Optional(settings.features),
    segments: Type.Optional(settings.segments),
    graceMs: Type.Optional(settings.graceMs),
    labelDelayMs: Type.Optional(settings.labelDelayMs),
    rules: Type.Optional(RulesInput),
    webhooks: Type.Optional(settings.webhooks),
  },
  { additionalProperties: false },
);
export type NewMonitor = Static<typeof NewMonitor>;

export const MonitorChange = Type.Object(
  {
    reference: Type.Optional(Type.String({ description: 'Id of a stored reference.' })),
    features: Type.Optional(settings.features),
    segments: Type.Optional(settings.segments),
    graceMs: Type.Optional(settings.graceMs),
    labelDelayMs: Type.Optional(settings.labelDelayMs),
    rules: Type.Optional(RulesInput),
    webhooks: Type.Optional(settings.webhooks),
    reason: Type.String({ minLength: 1, description: 'Why, for the audit log.' }),
  },
  { additionalProperties: false },
);
export type MonitorChange = Static<typeof MonitorChange>;

export const Monitor = Type.Object({
  name: Type.String({ description: 'Name of the monitor.' }),
  endpoint: Type.String({ description: 'The endpoint it watches.' }),
  reference: Type.String({ description: 'Id of the reference it compares with.' }),
  windowMs: Type.Integer({ description: 'Length of a window, ms.' }),
  startMs: Ms('Start of its first window'),
  ...settings,
  rules: MonitorRules,
  createdAtMs: Ms('When it was made'),
  referenceSinceMs: Ms('Start of the first window compared with the present reference'),
  latest: Nullable(
    Type.Object({
      startMs: Ms('Start of the window'),
      integrity: MaybeVerdict,
      drift: MaybeVerdict,
      latency: MaybeVerdict,
      performance: MaybeVerdict,
    }),
    'Latest verdict of each family; null before the first window. Performance may be of an earlier window.',
  ),
  openAlerts: Type.Integer({ description: 'Alerts that are open.' }),
});
export type Monitor = Static<typeof Monitor>;

export const Figure = Type.Object({
  value: Nullable(Type.Number(), 'The figure; null when it cannot be computed.'),
  low: Nullable(Type.Number(), 'Lower end of its 95 % interval.'),
  high: Nullable(Type.Number(), 'Upper end of its 95 % interval.'),
});
export type Figure = Static<typeof Figure>;

export const FeatureDrift = Type.Object({
  feature: Type.String({ description: 'Name of the feature; @prediction for the prediction itself.' }),
  kind: Type.Union([Type.Literal('numeric'), Type.Literal('category')], { description: 'What its values are.' }),
  rows: Type.Integer({ description: 'Rows with a value.' }),
  psi: Type.Number({ description: 'Population stability index against the frozen bins, half a row as the least.' }),
  usualPsi: Type.Number({ description: 'PSI to be expected of a window of this size without drift.' }),
  effect: Type.Number({ description: 'PSI above the usual, at least 0.' }),
  pValue: Share('Chance of such a PSI without drift, calibrated on the windows of the reference'),
  qValue: Share('The same after Benjamini-Hochberg over all features of the window'),
  ks: Nullable(Type.Number(), 'Numeric: largest gap between the distributions at the frozen edges, 0 to 1.'),
  wasserstein: Nullable(Type.Number(), 'Numeric: Wasserstein distance in standard deviations of the reference.'),
  chiSquaredP: Share('p-value of the plain two-sample chi-squared test, which knows no day-to-day variation'),
  jensenShannon: Share('Jensen-Shannon distance, base 2'),
  mean: Nullable(Type.Number(), 'Numeric: mean of the window, in units of the feature.'),
  referenceMean: Nullable(Type.Number(), 'Numeric: mean of the reference.'),
  quantiles: Nullable(
    Type.Object({
      probabilities: Type.Array(Type.Number(), { description: 'Probabilities of the quantiles, 0 to 1.' }),
      reference: Type.Array(Type.Number(), { description: 'Quantiles of the reference, in units of the feature.' }),
      window: Type.Array(Type.Number(), { description: 'Quantiles of the window at the same probabilities.' }),
    }),
    'Numeric: quantiles of both.',
  ),
  topChanges: Type.Array(
    Type.Object({
      bin: Type.String({ description: 'The category, or the range of the bin.' }),
      reference: Share('Share in the reference'),
      window: Share('Share in the window'),
    }),
    { description: 'The bins that contribute most, at most 5.' },
  ),
  significant: Type.Boolean({ description: 'Significant and large in this window.' }),
  drifted: Type.Boolean({ description: 'Significant and large in as many of the last windows as the rules ask.' }),
});
export type FeatureDrift = Static<typeof FeatureDrift>;

const IntegrityColumn = Type.Object({
  feature: Type.String({ description: 'Name of the feature.' }),
  missingRate: Share('Share of rows without a value'),
  referenceMissingRate: Share('The same in the reference'),
  unseenRate: Share('Share of rows with a category the reference never had'),
  unseen: Type.Array(Type.String(), { description: 'Such categories, the most frequent first, at most 5.' }),
  outOfRangeRate: Share('Share of rows far outside the range of the reference'),
  wrongTypeRate: Share('Share of rows whose value has the wrong type'),
  verdict: MonitorVerdict,
});

export const InputsReport = Type.Object({
  rows: Type.Integer({ description: 'Predictions in the window.' }),
  reference: Type.String({ description: 'Id of the reference it was compared with.' }),
  integrity: Type.Object({
    verdict: MonitorVerdict,
    columns: Type.Array(IntegrityColumn, { description: 'One a watched feature.' }),
  }),
  drift: Type.Object({
    verdict: MonitorVerdict,
    features: Type.Array(FeatureDrift, { description: 'One a watched feature, and the prediction.' }),
  }),
  latency: Type.Object({
    verdict: MonitorVerdict,
    p50Ms: Nullable(Type.Number(), 'Median time to answer a row, ms.'),
    p99Ms: Nullable(Type.Number(), '99th percentile, ms.'),
    errorRate: Share('Share of rows that failed'),
  }),
  versions: Type.Array(
    Type.Object({
      version: Type.String({ description: 'Version that answered.' }),
      variant: Type.String({ description: 'Variant that answered.' }),
      rows: Type.Integer({ description: 'Rows it answered.' }),
    }),
    { description: 'Who answered.' },
  ),
  problems: Type.Array(Type.String(), { description: 'What is wrong, in words.' }),
});
export type InputsReport = Static<typeof InputsReport>;

export const SegmentPerformance = Type.Object({
  column: Type.String({ description: 'The feature that cuts the segments.' }),
  value: Type.String({ description: 'Its value.' }),
  rows: Type.Integer({ description: 'Labelled rows of the segment in the window.' }),
  observed: Type.Number({ description: 'Mean label.' }),
  expected: Type.Number({ description: 'Mean prediction.' }),
  z: Type.Number({ description: 'Observed minus expected beyond the usual, in usual standard deviations.' }),
  qValue: Share('p-value of z after Benjamini-Hochberg over all segments'),
  sequence: Type.Number({ description: 'Accumulated excess over the recent windows, in standard deviations.' }),
});
export type SegmentPerformance = Static<typeof SegmentPerformance>;

const Band = Type.Object({
  mean: Type.Number({ description: 'Mean over the windows of the reference.' }),
  low: Type.Number({ description: 'Mean less two standard deviations of the windows.' }),
  high: Type.Number({ description: 'Mean plus two standard deviations of the windows.' }),
});
const performanceFigures = {
  predictions: Type.Integer({ description: 'Predictions in the window.' }),
  labelled: Type.Integer({ description: 'How many of them have a label.' }),
  auc: Figure,
  logLoss: Figure,
  brier: Figure,
  rate: Figure,
  expectedRate: Nullable(Type.Number(), 'Mean prediction of the labelled rows.'),
  sequence: Nullable(Type.Number(), 'Evidence of lost performance gathered over the last windows; fails at 1.'),
};

export const PerformanceReport = Type.Object({
  ...performanceFigures,
  verdict: MonitorVerdict,
  referenceId: Type.String({ description: 'Id of the reference it was compared with.' }),
  reference: Type.Object({
    auc: Band,
    logLoss: Band,
    brier: Band,
    windows: Type.Integer({ description: 'Windows of the reference.' }),
  }),
  unknownLabels: Type.Integer({
    description: 'Labels that were recorded up to now for ids the endpoint never predicted.',
  }),
  segments: Type.Array(SegmentPerformance, { description: 'The most deviating segments, at most 50.' }),
  evidence: Type.Array(
    Type.Object({
      rule: Type.String({ description: 'Name of the sequential rule: log-loss, auc, segments.' }),
      value: Type.Number({ description: 'Where its sum stands, in standard deviations.' }),
      limit: Type.Number({ description: 'Where it fails.' }),
      observed: Type.Optional(
        Type.Number({
          description: 'Its figure in this window; the log loss is that at the rate of the reference, nats.',
        }),
      ),
      usual: Type.Optional(Type.Number({ description: 'The same figure in the windows of the reference.' })),
      deviation: Type.Optional(
        Type.Number({ description: 'How much worse than usual this window is, in standard deviations.' }),
      ),
    }),
    { description: 'The sequential rules.' },
  ),
  problems: Type.Array(Type.String(), { description: 'What is wrong, in words.' }),
});
export type PerformanceReport = Static<typeof PerformanceReport>;

export const PerformanceDay = Type.Object({
  startMs: Ms('Start of the window'),
  endMs: Ms('End of the window'),
  ...performanceFigures,
  verdict: MonitorVerdict,
});
export type PerformanceDay = Static<typeof PerformanceDay>;

export const WindowSummary = Type.Object({
  startMs: Ms('Start of the window'),
  endMs: Ms('End of the window'),
  rows: Type.Integer({ description: 'Predictions in the window.' }),
  integrity: MaybeVerdict,
  drift: MaybeVerdict,
  latency: MaybeVerdict,
  performance: MaybeVerdict,
  drifted: Type.Array(Type.String(), { description: 'Features that drifted.' }),
  labelled: Nullable(Type.Integer(), 'Rows with a label; null until labels are in.'),
  problems: Type.Array(Type.String(), { description: 'What is wrong, in words.' }),
});
export type WindowSummary = Static<typeof WindowSummary>;

export const WindowReport = Type.Object({
  monitor: Type.String({ description: 'Name of the monitor.' }),
  endpoint: Type.String({ description: 'The endpoint.' }),
  startMs: Ms('Start of the window'),
  endMs: Ms('End of the window'),
  inputs: Nullable(InputsReport, 'Integrity, drift and latency; null until evaluated.'),
  performance: Nullable(PerformanceReport, 'Realised performance; null until the labels are in.'),
});
export type WindowReport = Static<typeof WindowReport>;

export const Alert = Type.Object({
  id: Type.String({ description: 'Id of the alert.' }),
  monitor: Type.String({ description: 'Name of the monitor.' }),
  endpoint: Type.String({ description: 'The endpoint.' }),
  family: Type.Union(
    [Type.Literal('integrity'), Type.Literal('drift'), Type.Literal('latency'), Type.Literal('performance')],
    { description: 'What is wrong.' },
  ),
  state: Type.Union([Type.Literal('open'), Type.Literal('resolved')], { description: 'Whether it still is.' }),
  severity: Type.Union([Type.Literal('warning'), Type.Literal('failed')], { description: 'The worst verdict so far.' }),
  words: Type.String({ description: 'What was found, in words.' }),
  windowStartMs: Ms('Start of the window that raised it'),
  raisedAtMs: Ms('When it was raised, on the timeline'),
  lastSeenMs: Ms('Start of the last window that confirmed it'),
  windows: Type.Integer({ description: 'Windows that confirmed it.' }),
  resolvedAtMs: Nullable(Type.Integer(), 'When it ended, on the timeline, ms since the epoch; null while open.'),
});
export type Alert = Static<typeof Alert>;

export const ReferenceSummary = Type.Object({
  id: Type.String({ description: 'Digest of its content.' }),
  rows: Type.Integer({ description: 'Rows it was frozen from.' }),
  windows: Type.Integer({ description: 'Windows it was frozen from.' }),
  columns: Type.Array(
    Type.Object({
      name: Type.String({ description: 'Name of the column.' }),
      kind: Type.Union([Type.Literal('numeric'), Type.Literal('category')], { description: 'What its values are.' }),
      bins: Type.Integer({ description: 'Frozen bins, or categories and the rest.' }),
      missingRate: Share('Share of rows without a value'),
    }),
    { description: 'The columns.' },
  ),
  labelled: Type.Boolean({ description: 'Whether it holds realised performance.' }),
});
export type ReferenceSummary = Static<typeof ReferenceSummary>;
