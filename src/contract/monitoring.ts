import { type Static, Type } from 'typebox';
import { operation } from '#platform/operation';
import {
  Alert,
  Monitor,
  MonitorChange,
  NewMonitor,
  OneMonitor,
  PerformanceDay,
  PerformanceReport,
  ReferenceSummary,
  WindowReport,
  WindowSummary,
} from './monitoring-schemas.ts';

export {
  Alert,
  FeatureDrift,
  Figure,
  InputsReport,
  Monitor,
  MonitorChange,
  MonitorRules,
  MonitorVerdict,
  NewMonitor,
  PerformanceDay,
  PerformanceReport,
  ReferenceSummary,
  SegmentPerformance,
  WatchedFeature,
  WindowReport,
  WindowSummary,
} from './monitoring-schemas.ts';

const Span = Type.Object({
  fromMs: Type.Optional(Type.Integer({ description: 'Windows that start at or after this, ms since the epoch.' })),
  toMs: Type.Optional(Type.Integer({ description: 'Windows that start before this, ms since the epoch.' })),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, default: 200, description: 'Newest windows at most.' }),
  ),
});

export const DriftSeries = Type.Object({
  feature: Type.String({ description: 'Name of the feature; @prediction for the prediction itself.' }),
  kind: Type.Union([Type.Literal('numeric'), Type.Literal('category')], { description: 'What its values are.' }),
  psiThreshold: Type.Number({ description: 'Effect, PSI above what is usual, from which it counts as drift.' }),
  points: Type.Array(
    Type.Object({
      startMs: Type.Integer({ description: 'Start of the window, ms since the epoch, UTC.' }),
      rows: Type.Integer({ description: 'Predictions in the window.' }),
      psi: Type.Number({ description: 'Population stability index against the reference.' }),
      usualPsi: Type.Number({ description: 'PSI to be expected of a window of this size without drift.' }),
      distance: Type.Number({
        description:
          'Numeric: Wasserstein distance in reference standard deviations. Category: Jensen-Shannon distance.',
      }),
      qValue: Type.Number({ description: 'Calibrated p-value after Benjamini-Hochberg, 0 to 1.' }),
      missingRate: Type.Number({ description: 'Share of rows without a value, 0 to 1.' }),
      drifted: Type.Boolean({ description: 'True when both significant and large.' }),
    }),
    { description: 'One a window, oldest first.' },
  ),
});
export type DriftSeries = Static<typeof DriftSeries>;

export const NewLabel = Type.Object(
  {
    inferenceId: Type.String({ minLength: 1, maxLength: 128, description: 'Id of the prediction.' }),
    value: Type.Number({ description: 'What really happened: 0 or 1 for a probability.' }),
    atMs: Type.Optional(Type.Integer({ description: 'When it was known, ms since the epoch. Now, when left out.' })),
  },
  { additionalProperties: false },
);
export type NewLabel = Static<typeof NewLabel>;

export const monitoringOperations = {
  listMonitors: operation({
    id: 'monitoring.listMonitors',
    method: 'GET',
    path: '/api/monitors',
    summary: 'All monitors with their latest verdicts.',
    response: Type.Object({ monitors: Type.Array(Monitor) }),
  }),
  createMonitor: operation({
    id: 'monitoring.createMonitor',
    method: 'POST',
    path: '/api/monitors',
    summary: 'Watches an endpoint against a reference.',
    description: 'Creating the same monitor again returns it unchanged.',
    body: NewMonitor,
    response: Monitor,
    status: 201,
    errors: ['MONITORING_MONITOR_EXISTS', 'MONITORING_REFERENCE_NOT_FOUND', 'MONITORING_FEATURE_UNKNOWN'],
  }),
  getMonitor: operation({
    id: 'monitoring.getMonitor',
    method: 'GET',
    path: '/api/monitors/:monitor',
    summary: 'One monitor.',
    params: OneMonitor,
    response: Monitor,
    errors: ['MONITORING_MONITOR_NOT_FOUND'],
  }),
  changeMonitor: operation({
    id: 'monitoring.changeMonitor',
    method: 'PATCH',
    path: '/api/monitors/:monitor',
    summary: 'Changes the reference, the features, the rules or the webhooks of a monitor, from its next window on.',
    params: OneMonitor,
    body: MonitorChange,
    response: Monitor,
    errors: ['MONITORING_MONITOR_NOT_FOUND', 'MONITORING_REFERENCE_NOT_FOUND', 'MONITORING_FEATURE_UNKNOWN'],
  }),
  deleteMonitor: operation({
    id: 'monitoring.deleteMonitor',
    method: 'DELETE',
    path: '/api/monitors/:monitor',
    summary: 'Stops watching. Its windows and alerts are removed; labels and references are kept.',
    params: OneMonitor,
    query: Type.Object({ reason: Type.Optional(Type.String({ description: 'Why, for the audit log.' })) }),
    response: 'none',
    errors: ['MONITORING_MONITOR_NOT_FOUND'],
  }),
  addReference: operation({
    id: 'monitoring.addReference',
    method: 'POST',
    path: '/api/monitor-references',
    summary: 'Stores a frozen reference; the same reference has the same id.',
    body: Type.Object(
      { reference: Type.Unknown({ description: 'A reference as `freezeReference` makes it.' }) },
      { additionalProperties: false },
    ),
    response: ReferenceSummary,
    status: 201,
    bodyLimitBytes: 32 * 1024 * 1024,
    errors: ['MONITORING_REFERENCE_INVALID'],
  }),
  getReference: operation({
    id: 'monitoring.getReference',
    method: 'GET',
    path: '/api/monitor-references/:reference',
    summary: 'A frozen reference in short: columns, rows, windows, performance.',
    params: Type.Object({ reference: Type.String({ description: 'Id of the reference.' }) }),
    response: ReferenceSummary,
    errors: ['MONITORING_REFERENCE_NOT_FOUND'],
  }),
  recordLabels: operation({
    id: 'monitoring.recordLabels',
    method: 'POST',
    path: '/api/endpoints/:endpoint/labels',
    summary: 'Records what really happened, to be joined with predictions by inference id.',
    description:
      'The first label of an id stays; sending it again is harmless. Ids that were never predicted are kept and counted in the report of performance.',
    params: Type.Object({ endpoint: Type.String({ minLength: 1, maxLength: 128, description: 'The endpoint.' }) }),
    body: Type.Object(
      { labels: Type.Array(NewLabel, { minItems: 1, maxItems: 50_000, description: 'The labels.' }) },
      { additionalProperties: false },
    ),
    response: Type.Object({
      recorded: Type.Integer({ description: 'Labels that are new.' }),
      known: Type.Integer({ description: 'Labels whose id had one already; it was left as it was.' }),
    }),
    bodyLimitBytes: 16 * 1024 * 1024,
    errors: ['MONITORING_LABEL_INVALID'],
  }),
  tick: operation({
    id: 'monitoring.tick',
    method: 'POST',
    path: '/api/monitors/:monitor/tick',
    summary: 'Evaluates every window of the monitor that is due at a time of the timeline.',
    params: OneMonitor,
    body: Type.Object(
      {
        nowMs: Type.Optional(
          Type.Integer({ description: 'Time of the timeline, ms since the epoch. Now by default.' }),
        ),
      },
      { additionalProperties: false },
    ),
    response: Type.Object({
      evaluated: Type.Array(
        Type.Object({
          startMs: Type.Integer({ description: 'Start of the window, ms since the epoch.' }),
          pass: Type.Union([Type.Literal('inputs'), Type.Literal('performance')], { description: 'Which pass.' }),
        }),
        { description: 'Passes evaluated by this call.' },
      ),
    }),
    errors: ['MONITORING_MONITOR_NOT_FOUND'],
  }),
  listWindows: operation({
    id: 'monitoring.listWindows',
    method: 'GET',
    path: '/api/monitors/:monitor/windows',
    summary: 'Windows in short, oldest first: verdicts, rows and what was found.',
    params: OneMonitor,
    query: Span,
    response: Type.Object({ windows: Type.Array(WindowSummary) }),
    errors: ['MONITORING_MONITOR_NOT_FOUND'],
  }),
  getWindow: operation({
    id: 'monitoring.getWindow',
    method: 'GET',
    path: '/api/monitors/:monitor/windows/:startMs',
    summary: 'The whole report of one window.',
    params: Type.Object({
      ...OneMonitor.properties,
      startMs: Type.Integer({ description: 'Start of the window, ms since the epoch.' }),
    }),
    response: WindowReport,
    errors: ['MONITORING_MONITOR_NOT_FOUND', 'MONITORING_WINDOW_NOT_FOUND'],
  }),
  listDrift: operation({
    id: 'monitoring.listDrift',
    method: 'GET',
    path: '/api/monitors/:monitor/drift',
    summary: 'Drift by feature over time.',
    params: OneMonitor,
    query: Span,
    response: Type.Object({ features: Type.Array(DriftSeries) }),
    errors: ['MONITORING_MONITOR_NOT_FOUND'],
  }),
  listPerformance: operation({
    id: 'monitoring.listPerformance',
    method: 'GET',
    path: '/api/monitors/:monitor/performance',
    summary: 'Realised performance over time, with what the reference windows showed.',
    params: OneMonitor,
    query: Span,
    response: Type.Object({
      reference: Type.Union([PerformanceReport.properties.reference, Type.Null()], {
        description: 'What the windows of the reference showed; null when it has no labels.',
      }),
      days: Type.Array(PerformanceDay),
    }),
    errors: ['MONITORING_MONITOR_NOT_FOUND'],
  }),
  listAlerts: operation({
    id: 'monitoring.listAlerts',
    method: 'GET',
    path: '/api/alerts',
    summary: 'Alerts of all monitors, newest first.',
    query: Type.Object({
      monitor: Type.Optional(Type.String({ description: 'Only of this monitor.' })),
      state: Type.Optional(
        Type.Union([Type.Literal('open'), Type.Literal('resolved')], { description: 'Only in this state.' }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Alerts at most.' })),
    }),
    response: Type.Object({ alerts: Type.Array(Alert) }),
  }),
};
