import { type Static, Type } from 'typebox';
import { operation } from '#platform/operation';

const Name = Type.String({ minLength: 1, maxLength: 128, description: 'Name of the loop.' });

export const LoopState = Type.Union(
  [
    Type.Literal('steady'),
    Type.Literal('data-fault'),
    Type.Literal('retraining'),
    Type.Literal('canary'),
    Type.Literal('paused'),
  ],
  {
    description:
      'steady: all is well. data-fault: the feed is broken, nothing is retrained or promoted. retraining: a pipeline makes and gates a challenger. canary: the challenger answers a share of the traffic. paused: a person stopped the loop.',
  },
);
export type LoopState = Static<typeof LoopState>;

const policyFields = {
  recoveryWindows: Type.Integer({
    minimum: 1,
    default: 1,
    description: 'Clean windows in a row that end a data fault.',
  }),
  canaryShare: Type.Number({
    exclusiveMinimum: 0,
    maximum: 0.5,
    default: 0.2,
    description: 'Share of the traffic the challenger gets during the canary, 0 to 0.5.',
  }),
  canaryWindows: Type.Integer({
    minimum: 1,
    default: 2,
    description: 'Labelled windows a canary needs before the decision.',
  }),
  canaryMinRows: Type.Integer({
    minimum: 1,
    default: 200,
    description: 'Labelled rows the canary itself must have answered.',
  }),
  cooldownWindows: Type.Integer({
    minimum: 0,
    default: 5,
    description: 'Windows after a retraining during which no other one starts.',
  }),
  trainingWindows: Type.Integer({
    minimum: 2,
    default: 60,
    description: 'How many recent windows a retraining may use.',
  }),
  followUpWindows: Type.Integer({
    minimum: 0,
    default: 14,
    description:
      'Labelled windows after a promotion until the loop trains once more, on what has come since: a loss is found on few rows of the changed world. 0: never.',
  }),
};
const pipeline = Type.String({ description: 'Name of the pipeline that makes, gates and registers a challenger.' });

export const LoopPolicy = Type.Object({ ...policyFields, pipeline }, { additionalProperties: false });
export type LoopPolicy = Static<typeof LoopPolicy>;

const LoopPolicyInput = Type.Object(
  {
    pipeline,
    recoveryWindows: Type.Optional(policyFields.recoveryWindows),
    canaryShare: Type.Optional(policyFields.canaryShare),
    canaryWindows: Type.Optional(policyFields.canaryWindows),
    canaryMinRows: Type.Optional(policyFields.canaryMinRows),
    cooldownWindows: Type.Optional(policyFields.cooldownWindows),
    trainingWindows: Type.Optional(policyFields.trainingWindows),
    followUpWindows: Type.Optional(policyFields.followUpWindows),
  },
  { additionalProperties: false, description: 'What is left out takes its default.' },
);

export const Loop = Type.Object({
  name: Name,
  endpoint: Type.String({ description: 'The endpoint the loop keeps good.' }),
  model: Type.String({ description: 'The registered model behind it.' }),
  monitor: Type.String({ description: 'The monitor whose windows are the signals.' }),
  policy: LoopPolicy,
  state: LoopState,
  sentence: Type.String({ description: 'The current state in one sentence.' }),
  sinceMs: Type.Integer({ description: 'When the state began, on the timeline, ms since the epoch.' }),
  champion: Type.String({ description: 'Version that answers, e.g. version:delays/1.' }),
  challenger: Type.Union([Type.String(), Type.Null()], { description: 'Version in canary, if any.' }),
  createdAtMs: Type.Integer({ description: 'When the loop was made, ms since the epoch.' }),
});
export type Loop = Static<typeof Loop>;

export const Transition = Type.Object({
  sequence: Type.Integer({ description: 'Place in the story of this loop, from 1.' }),
  from: LoopState,
  to: LoopState,
  kind: Type.String({
    description:
      'What happened: started, data-fault-found, data-fault-ended, performance-lost, follow-up, retraining-failed, gate-refused, canary-started, promoted, rolled-back, paused, resumed.',
  }),
  atMs: Type.Integer({ description: 'When, on the timeline, ms since the epoch.' }),
  recordedAtMs: Type.Integer({ description: 'When it was written down, by the machine clock, ms since the epoch.' }),
  words: Type.String({ description: 'What happened and why, in words.' }),
  evidence: Type.Unknown({ description: 'The figures the decision rests on.' }),
});
export type Transition = Static<typeof Transition>;

export const TimelineDay = Type.Object({
  startMs: Type.Integer({ description: 'Start of the window, ms since the epoch, UTC.' }),
  endMs: Type.Integer({ description: 'End of the window, ms since the epoch, UTC.' }),
  predictions: Type.Integer({ description: 'Predictions answered in the window.' }),
  labelled: Type.Integer({ description: 'How many of them have a label.' }),
  auc: Type.Union([Type.Number(), Type.Null()], { description: 'Area under the ROC curve of the window, 0 to 1.' }),
  logLoss: Type.Union([Type.Number(), Type.Null()], { description: 'Mean log loss of the window, nats.' }),
  expectedLogLoss: Type.Union([Type.Number(), Type.Null()], {
    description: 'Mean log loss over the reference windows, nats.',
  }),
  expectedLow: Type.Union([Type.Number(), Type.Null()], {
    description: 'Lower edge of what reference windows showed, nats.',
  }),
  expectedHigh: Type.Union([Type.Number(), Type.Null()], {
    description: 'Upper edge of what reference windows showed, nats.',
  }),
  drift: Type.Union([Type.Literal('ok'), Type.Literal('warning'), Type.Literal('failed'), Type.Null()], {
    description: 'Verdict on the distribution of features and predictions.',
  }),
  integrity: Type.Union([Type.Literal('ok'), Type.Literal('warning'), Type.Literal('failed'), Type.Null()], {
    description: 'Verdict on missing, unknown and out-of-range values.',
  }),
  performance: Type.Union([Type.Literal('ok'), Type.Literal('warning'), Type.Literal('failed'), Type.Null()], {
    description: 'Verdict on realised performance; null until labels are in.',
  }),
});
export type TimelineDay = Static<typeof TimelineDay>;

const OneLoop = Type.Object({ loop: Name });

export const loopOperations = {
  listLoops: operation({
    id: 'loop.listLoops',
    method: 'GET',
    path: '/api/loops',
    summary: 'All loops with their state.',
    response: Type.Object({ loops: Type.Array(Loop) }),
  }),
  createLoop: operation({
    id: 'loop.createLoop',
    method: 'POST',
    path: '/api/loops',
    summary: 'Puts an endpoint under a loop.',
    description: 'Creating the same loop again returns it unchanged.',
    body: Type.Object(
      {
        name: Name,
        endpoint: Type.String({ description: 'The endpoint to keep good.' }),
        model: Type.String({ description: 'The registered model behind it.' }),
        monitor: Type.String({ description: 'The monitor whose windows are the signals.' }),
        champion: Type.String({ description: 'Version that answers now, e.g. version:delays/1.' }),
        policy: LoopPolicyInput,
      },
      { additionalProperties: false },
    ),
    response: Loop,
    status: 201,
    errors: ['LOOP_CONFLICT', 'KERNEL_NAME_INVALID'],
  }),
  getLoop: operation({
    id: 'loop.getLoop',
    method: 'GET',
    path: '/api/loops/:loop',
    summary: 'One loop.',
    params: OneLoop,
    response: Loop,
    errors: ['LOOP_NOT_FOUND'],
  }),
  listTransitions: operation({
    id: 'loop.listTransitions',
    method: 'GET',
    path: '/api/loops/:loop/transitions',
    summary: 'The story of a loop: every transition with its evidence, oldest first.',
    params: OneLoop,
    response: Type.Object({ transitions: Type.Array(Transition) }),
    errors: ['LOOP_NOT_FOUND'],
  }),
  timeline: operation({
    id: 'loop.timeline',
    method: 'GET',
    path: '/api/loops/:loop/timeline',
    summary: 'Live quality day by day, with the verdicts of the monitor.',
    params: OneLoop,
    response: Type.Object({ days: Type.Array(TimelineDay) }),
    errors: ['LOOP_NOT_FOUND'],
  }),
  pauseLoop: operation({
    id: 'loop.pauseLoop',
    method: 'POST',
    path: '/api/loops/:loop/pause',
    summary: 'Stops the loop from acting; signals are still recorded by the monitor.',
    params: OneLoop,
    body: Type.Object(
      { reason: Type.String({ minLength: 1, description: 'Why, for the audit log.' }) },
      { additionalProperties: false },
    ),
    response: Loop,
    errors: ['LOOP_NOT_FOUND', 'LOOP_CONFLICT'],
  }),
  resumeLoop: operation({
    id: 'loop.resumeLoop',
    method: 'POST',
    path: '/api/loops/:loop/resume',
    summary: 'Lets a paused loop act again.',
    params: OneLoop,
    body: Type.Object(
      { reason: Type.String({ minLength: 1, description: 'Why, for the audit log.' }) },
      { additionalProperties: false },
    ),
    response: Loop,
    errors: ['LOOP_NOT_FOUND', 'LOOP_CONFLICT'],
  }),
};
