import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';
import { MetricNumber } from './tracking-schemas.ts';

const At = (description: string) => Type.Integer({ description: `${description}, ms since the epoch.` });
const OrNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Closed = <Properties extends Record<string, TSchema>>(properties: Properties, description?: string) =>
  Type.Object(properties, { additionalProperties: false, ...(description ? { description } : {}) });
const StudyName = Type.String({
  minLength: 1,
  maxLength: 128,
  description: 'Name of the study: letters, digits, dots, dashes, underscores.',
});

export const Direction = Type.Union([Type.Literal('minimize'), Type.Literal('maximize')], {
  description: 'Which values are better.',
});
export type Direction = Static<typeof Direction>;

const Choice = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const Low = Type.Number({ description: 'Least value, inclusive.' });
const High = Type.Number({ description: 'Greatest value, inclusive.' });
const Log = Type.Optional(
  Type.Boolean({ description: 'Sample on a logarithmic scale; low must be above 0 (for int: at least 1).' }),
);

export const Dimension = Type.Union(
  [
    Closed(
      {
        kind: Type.Literal('float'),
        low: Low,
        high: High,
        log: Log,
        step: Type.Optional(
          Type.Number({ exclusiveMinimum: 0, description: 'Only low + a multiple of this; not with log.' }),
        ),
      },
      'A real number.',
    ),
    Closed(
      {
        kind: Type.Literal('int'),
        low: Type.Integer({ description: 'Least value, inclusive.' }),
        high: Type.Integer({ description: 'Greatest value, inclusive.' }),
        log: Log,
        step: Type.Optional(Type.Integer({ minimum: 1, description: 'Only low + a multiple of this; 1 if left out.' })),
      },
      'A whole number.',
    ),
    Closed(
      {
        kind: Type.Literal('categorical'),
        choices: Type.Array(Choice, { minItems: 1, maxItems: 1000, description: 'The choices, without order.' }),
      },
      'One of some choices.',
    ),
  ],
  { description: 'What a param may be.' },
);
export type Dimension = Static<typeof Dimension>;

export const SearchSpace = Type.Record(Type.String(), Dimension, {
  minProperties: 1,
  maxProperties: 200,
  description: 'Each param by name.',
});
export type SearchSpace = Static<typeof SearchSpace>;

export const SamplerChoice = Type.Union(
  [
    Closed(
      {
        name: Type.Literal('random'),
        seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: 'Chosen if left out.' })),
      },
      'Independent draws.',
    ),
    Closed(
      {
        name: Type.Literal('tpe'),
        seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: 'Chosen if left out.' })),
        startupTrials: Type.Optional(
          Type.Integer({ minimum: 1, default: 10, description: 'Random draws until this many trials have ended.' }),
        ),
        candidates: Type.Optional(
          Type.Integer({ minimum: 1, maximum: 10_000, default: 24, description: 'Candidates among which it picks.' }),
        ),
        multivariate: Type.Optional(
          Type.Boolean({ default: false, description: 'Model the params together rather than each alone.' }),
        ),
        constantLiar: Type.Optional(
          Type.Boolean({ default: false, description: 'Keep away from the params of running trials.' }),
        ),
        priorWeight: Type.Optional(
          Type.Number({ exclusiveMinimum: 0, default: 1, description: 'Weight of the whole range against one trial.' }),
        ),
      },
      'Tree-structured Parzen estimator.',
    ),
  ],
  { description: 'What proposes params.' },
);
export type SamplerChoice = Static<typeof SamplerChoice>;

export const PrunerChoice = Type.Union(
  [
    Closed({ name: Type.Literal('none') }, 'Every trial runs to its end.'),
    Closed(
      {
        name: Type.Literal('median'),
        startupTrials: Type.Optional(
          Type.Integer({ minimum: 0, default: 5, description: 'No pruning until this many trials are complete.' }),
        ),
        warmupSteps: Type.Optional(
          Type.Integer({ minimum: 0, default: 0, description: 'No pruning before this step of a trial.' }),
        ),
        intervalSteps: Type.Optional(
          Type.Integer({ minimum: 1, default: 1, description: 'Judge only every so many steps after the warm-up.' }),
        ),
        minTrials: Type.Optional(
          Type.Integer({ minimum: 1, default: 1, description: 'Values of other trials needed at the step.' }),
        ),
      },
      'Ends a trial whose best value so far is worse than the median of the complete trials at the same step.',
    ),
  ],
  { description: 'What ends trials early.' },
);
export type PrunerChoice = Static<typeof PrunerChoice>;

export const TrialState = Type.Union(
  [Type.Literal('running'), Type.Literal('complete'), Type.Literal('pruned'), Type.Literal('failed')],
  { description: 'How the trial stands; it is over unless running.' },
);
export type TrialState = Static<typeof TrialState>;

export const Trial = Type.Object({
  study: StudyName,
  number: Type.Integer({ description: 'From 0, in the order they were asked for.' }),
  state: TrialState,
  params: Type.Record(Type.String(), Choice, { description: 'The proposed params.' }),
  values: OrNull(
    Type.Array(MetricNumber, { description: 'One an objective; of a pruned trial its last report; null if none.' }),
  ),
  run: OrNull(Type.String({ description: 'Id of the tracked run that belongs to it.' })),
  words: OrNull(Type.String({ description: 'Why it failed or was pruned.' })),
  startedAtMs: At('When it was asked for'),
  endedAtMs: OrNull(At('When it ended')),
});
export type Trial = Static<typeof Trial>;

export const TrialDetail = Type.Object({
  ...Trial.properties,
  reports: Type.Array(
    Type.Object({ step: Type.Integer({ description: 'Step of the training.' }), value: MetricNumber }),
    { description: 'What it reported on the way, by step.' },
  ),
});
export type TrialDetail = Static<typeof TrialDetail>;

export const Study = Type.Object({
  name: StudyName,
  directions: Type.Array(Direction, { description: 'One an objective.' }),
  space: SearchSpace,
  sampler: SamplerChoice,
  pruner: PrunerChoice,
  experiment: OrNull(Type.String({ description: 'Experiment in which each trial is a run.' })),
  createdBy: Type.String({ description: 'Who made it.' }),
  createdAtMs: At('When it was made'),
  counts: Type.Object({
    running: Type.Integer({ description: 'Trials still running.' }),
    complete: Type.Integer({ description: 'Trials that came to their end.' }),
    pruned: Type.Integer({ description: 'Trials ended early.' }),
    failed: Type.Integer({ description: 'Trials that failed.' }),
  }),
  best: Type.Array(Trial, {
    description:
      'The best complete trial, or with several objectives those that no other beats in all; empty at first.',
  }),
});
export type Study = Static<typeof Study>;

export const NewStudy = Closed({
  name: StudyName,
  directions: Type.Array(Direction, { minItems: 1, maxItems: 8, description: 'One an objective.' }),
  space: SearchSpace,
  sampler: Type.Optional(SamplerChoice),
  pruner: Type.Optional(PrunerChoice),
  experiment: Type.Optional(
    Type.String({ minLength: 1, maxLength: 500, description: 'Track each trial as a run of this experiment.' }),
  ),
});
export type NewStudy = Static<typeof NewStudy>;

export const ReportAnswer = Type.Object({
  prune: Type.Boolean({ description: 'True when the trial should stop; then tell it as pruned.' }),
  words: Type.String({ description: 'Why, with the figures compared.' }),
});
export type ReportAnswer = Static<typeof ReportAnswer>;

const OneStudy = Type.Object({ study: StudyName });
const OneTrial = Type.Object({
  study: StudyName,
  number: Type.Integer({ minimum: 0, description: 'Number of the trial.' }),
});
const Missing = ['TUNING_STUDY_NOT_FOUND', 'TUNING_TRIAL_NOT_FOUND'];

export const tuningOperations = {
  listStudies: operation({
    id: 'tuning.listStudies',
    method: 'GET',
    path: '/api/studies',
    summary: 'All studies with their counts and best trials, newest first.',
    response: Type.Object({ studies: Type.Array(Study) }),
  }),
  createStudy: operation({
    id: 'tuning.createStudy',
    method: 'POST',
    path: '/api/studies',
    summary: 'Makes a study. The same request again answers the study that exists.',
    description: 'Sampler: tpe if left out. Pruner: none if left out. An experiment that is named is made if missing.',
    body: NewStudy,
    response: Study,
    status: 201,
    errors: ['TUNING_STUDY_EXISTS', 'TUNING_SPACE_INVALID', 'TUNING_STRATEGY_UNFIT', 'KERNEL_NAME_INVALID'],
  }),
  getStudy: operation({
    id: 'tuning.getStudy',
    method: 'GET',
    path: '/api/studies/:study',
    summary: 'One study with its counts and best trials.',
    params: OneStudy,
    response: Study,
    errors: ['TUNING_STUDY_NOT_FOUND'],
  }),
  ask: operation({
    id: 'tuning.ask',
    method: 'POST',
    path: '/api/studies/:study/ask',
    summary: 'Starts a trial with proposed params.',
    description: 'With a key the same request again answers the same trial, so that a lost answer loses no trial.',
    params: OneStudy,
    body: Closed({
      key: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Any text, unique in the study.' })),
    }),
    response: Trial,
    status: 201,
    errors: ['TUNING_STUDY_NOT_FOUND'],
  }),
  listTrials: operation({
    id: 'tuning.listTrials',
    method: 'GET',
    path: '/api/studies/:study/trials',
    summary: 'Trials by number.',
    params: OneStudy,
    query: Type.Object({
      state: Type.Optional(TrialState),
      after: Type.Optional(Type.Integer({ description: 'Only numbers above this, for the next page.' })),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 10_000, default: 1000, description: 'At most this many.' }),
      ),
    }),
    response: Type.Object({ trials: Type.Array(Trial) }),
    errors: ['TUNING_STUDY_NOT_FOUND'],
  }),
  getTrial: operation({
    id: 'tuning.getTrial',
    method: 'GET',
    path: '/api/studies/:study/trials/:number',
    summary: 'One trial with its reports.',
    params: OneTrial,
    response: TrialDetail,
    errors: Missing,
  }),
  report: operation({
    id: 'tuning.report',
    method: 'POST',
    path: '/api/studies/:study/trials/:number/reports',
    summary: 'Tells an intermediate value and asks whether to go on.',
    description: 'The first value of a step stands; a repeated report changes nothing.',
    params: OneTrial,
    body: Closed({
      step: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Step of the training.' }),
      value: MetricNumber,
    }),
    response: ReportAnswer,
    errors: [...Missing, 'TUNING_TRIAL_OVER', 'TUNING_VALUES_INVALID'],
  }),
  tell: operation({
    id: 'tuning.tell',
    method: 'POST',
    path: '/api/studies/:study/trials/:number/tell',
    summary: 'Ends a trial.',
    description:
      'Values make it complete; state says pruned or failed. A value of NaN counts as failed. The same again changes nothing.',
    params: OneTrial,
    body: Closed({
      values: Type.Optional(Type.Array(MetricNumber, { description: 'One an objective.' })),
      state: Type.Optional(
        Type.Union([Type.Literal('complete'), Type.Literal('pruned'), Type.Literal('failed')], {
          description: 'complete if values are given and this is left out.',
        }),
      ),
      words: Type.Optional(Type.String({ maxLength: 2000, description: 'Why it failed or was pruned.' })),
    }),
    response: Trial,
    errors: [...Missing, 'TUNING_TRIAL_OVER', 'TUNING_VALUES_INVALID'],
  }),
};
