import { type Static, type TSchema, Type } from 'typebox';

export const Name = (what: string) =>
  Type.String({
    minLength: 1,
    maxLength: 128,
    description: `Name of ${what}: letters, digits, dots, dashes, underscores.`,
  });
export const Digest = (what: string) =>
  Type.String({ pattern: '^[0-9a-f]{64}$', description: `SHA-256 of ${what}, 64 lower-case hex digits.` });
export const JsonObject = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description });
const At = (description: string) => Type.Integer({ description: `${description}, ms since the epoch.` });
const OrNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

export const StepInput = Type.Union(
  [
    Type.Object(
      {
        step: Name('the step that makes it'),
        output: Name('its output'),
      },
      { additionalProperties: false, description: 'An output of an earlier step.' },
    ),
    Type.Object(
      { run: Name('the input of the run') },
      { additionalProperties: false, description: 'A file given to the run when it is started.' },
    ),
  ],
  { description: 'Where the file of this input comes from.' },
);
export type StepInput = Static<typeof StepInput>;

export const StepOutput = Type.Object(
  {
    name: Name('the output'),
    kind: Type.Union([Type.Literal('file'), Type.Literal('json')], {
      description: 'file: any bytes. json: one JSON value, shown with the run.',
    }),
  },
  { additionalProperties: false },
);
export type StepOutput = Static<typeof StepOutput>;

export const FailureClass = Type.Union(
  [
    Type.Literal('exit'),
    Type.Literal('signal'),
    Type.Literal('out-of-memory'),
    Type.Literal('timeout'),
    Type.Literal('lost'),
    Type.Literal('output'),
    Type.Literal('preparation'),
    Type.Literal('cancelled'),
  ],
  {
    description:
      'exit: ended with a code other than 0. signal: killed by a signal nobody here sent. out-of-memory: killed, or ended, for lack of memory. timeout: exceeded timeoutMs. lost: vanished without an exit code. output: ended well but a declared output is missing or no JSON. preparation: an input, its code or the program could not be made ready. cancelled: stopped on request.',
  },
);
export type FailureClass = Static<typeof FailureClass>;

export const StepDefinition = Type.Object(
  {
    name: Name('the step'),
    command: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description:
          'Program and arguments. "{{node}}" stands for the server\'s own Node.js. Either this or `entrypoint`.',
      }),
    ),
    entrypoint: Type.Optional(Name('an entry point that the server provides')),
    inputs: Type.Optional(
      Type.Record(Type.String(), StepInput, { description: 'Files the step reads, by the name it knows them by.' }),
    ),
    needs: Type.Optional(
      Type.Array(Name('a step'), { description: 'Steps that must end well first, though no file of theirs is read.' }),
    ),
    params: Type.Optional(
      JsonObject('What the step is told. A value "{{params.x}}" becomes the run\'s param x, type and all.'),
    ),
    env: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Environment variables set for the step; no secrets.' }),
    ),
    passEnv: Type.Optional(
      Type.Array(Type.String(), { description: "Names of the server's environment variables that the step gets too." }),
    ),
    code: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Files and folders whose content decides, with params and inputs, whether a result is reused.',
      }),
    ),
    outputs: Type.Optional(Type.Array(StepOutput, { description: 'What the step writes.' })),
    cache: Type.Optional(
      Type.Union([Type.Literal('off'), Type.Literal('readwrite')], {
        default: 'off',
        description: 'readwrite: reuse the outputs of an earlier step with the same key, and offer its own.',
      }),
    ),
    retries: Type.Optional(
      Type.Object(
        {
          max: Type.Integer({ minimum: 0, maximum: 100, description: 'Attempts after the first.' }),
          backoffMs: Type.Integer({ minimum: 0, description: 'Pause before the second attempt, ms.' }),
          factor: Type.Optional(
            Type.Number({ minimum: 1, default: 2, description: 'Each further pause is this many times the last.' }),
          ),
          on: Type.Optional(Type.Array(FailureClass, { description: 'Only after these failures; all when left out.' })),
        },
        { additionalProperties: false, description: 'No retry when left out.' },
      ),
    ),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 1, description: 'Longest an attempt may run, ms.' })),
  },
  { additionalProperties: false },
);
export type StepDefinition = Static<typeof StepDefinition>;

export const PipelineDefinition = Type.Object(
  {
    name: Name('the pipeline'),
    description: Type.Optional(Type.String({ maxLength: 2000, description: 'What it is for, for people.' })),
    params: Type.Optional(JsonObject('Defaults of the params of a run. A run may only set params named here.')),
    inputs: Type.Optional(Type.Array(Name('a file'), { description: 'Files that every run must be given.' })),
    steps: Type.Array(StepDefinition, { minItems: 1, maxItems: 5000, description: 'The steps, in any order.' }),
  },
  { additionalProperties: false },
);
export type PipelineDefinition = Static<typeof PipelineDefinition>;

export const RunStatus = Type.Union(
  [
    Type.Literal('queued'),
    Type.Literal('running'),
    Type.Literal('succeeded'),
    Type.Literal('failed'),
    Type.Literal('cancelled'),
  ],
  { description: 'Where the run stands. It is over when succeeded, failed or cancelled.' },
);
export type RunStatus = Static<typeof RunStatus>;

export const StepStatus = Type.Union(
  [
    Type.Literal('waiting'),
    Type.Literal('queued'),
    Type.Literal('running'),
    Type.Literal('succeeded'),
    Type.Literal('reused'),
    Type.Literal('failed'),
    Type.Literal('cancelled'),
    Type.Literal('skipped'),
  ],
  {
    description:
      'waiting: for steps before it. queued: for a free slot, a retry pause or a twin that computes the same. reused: an earlier result was taken. skipped: a step before it did not end well.',
  },
);
export type StepStatus = Static<typeof StepStatus>;

export const Pipeline = Type.Object({
  name: Name('the pipeline'),
  version: Type.Integer({ description: 'Number of this definition, from 1.' }),
  digest: Digest('the definition'),
  definition: PipelineDefinition,
  createdBy: Type.String({ description: 'Who registered this version.' }),
  createdAtMs: At('When this version was registered'),
});
export type Pipeline = Static<typeof Pipeline>;

export const RunTrigger = Type.Object(
  {
    kind: Type.String({ maxLength: 64, description: 'What started the run: manual, loop, schedule, api.' }),
    reason: Type.Optional(Type.String({ maxLength: 2000, description: 'Why, in words.' })),
    subject: Type.Optional(Type.String({ maxLength: 256, description: 'Reference of what asked, e.g. loop:delays.' })),
  },
  { additionalProperties: false },
);
export type RunTrigger = Static<typeof RunTrigger>;

export const RunInput = Type.Object(
  { digest: Digest('the file, as answered by pipelines.putFile') },
  { additionalProperties: false },
);
export type RunInput = Static<typeof RunInput>;

export const PipelineRun = Type.Object({
  id: Type.String({ description: 'Id of the run; its reference is pipeline-run:<id>.' }),
  pipeline: Name('the pipeline'),
  version: Type.Integer({ description: 'Version of the definition it follows.' }),
  status: RunStatus,
  params: JsonObject('Params of the run, defaults filled in.'),
  inputs: Type.Record(Type.String(), RunInput, { description: 'Files given to the run.' }),
  trigger: RunTrigger,
  idempotencyKey: OrNull(Type.String({ description: 'Key that makes starting it twice harmless.' })),
  rerunOf: OrNull(Type.String({ description: 'Id of the run whose finished steps it carries on from.' })),
  createdBy: Type.String({ description: 'Who started it.' }),
  createdAtMs: At('When it was asked for'),
  startedAtMs: OrNull(At('When its first step was looked at')),
  finishedAtMs: OrNull(At('When it was over')),
  words: Type.String({ description: 'How it stands or ended, in one sentence.' }),
});
export type PipelineRun = Static<typeof PipelineRun>;

export const StepAttempt = Type.Object({
  id: Type.String({ description: 'Id of the attempt.' }),
  number: Type.Integer({ description: 'From 1.' }),
  startedAtMs: At('When it was handed to the executor'),
  finishedAtMs: OrNull(At('When it ended')),
  exitCode: OrNull(Type.Integer({ description: 'Exit code, when it ended by itself.' })),
  signal: OrNull(Type.String({ description: 'Signal that killed it, e.g. SIGKILL.' })),
  failure: OrNull(FailureClass),
  words: OrNull(Type.String({ description: 'Why it failed and what to do, in words.' })),
  logTail: OrNull(Type.String({ description: 'The last lines it wrote, at most 4 KiB.' })),
  peakRssBytes: OrNull(Type.Integer({ description: 'Largest resident memory seen, of all its processes, bytes.' })),
  cpuMs: OrNull(Type.Integer({ description: 'Processor time seen, of all its processes, ms.' })),
});
export type StepAttempt = Static<typeof StepAttempt>;

export const StepResult = Type.Object({
  name: Name('the output'),
  kind: Type.Union([Type.Literal('file'), Type.Literal('json')], { description: 'What it is.' }),
  digest: Digest('its bytes'),
  sizeBytes: Type.Integer({ description: 'Size, bytes.' }),
  value: Type.Optional(Type.Unknown({ description: 'The value of a json output of at most 64 KiB.' })),
});
export type StepResult = Static<typeof StepResult>;

export const RunStep = Type.Object({
  name: Name('the step'),
  status: StepStatus,
  needs: Type.Array(Type.String(), { description: 'Steps before it.' }),
  queuedAtMs: OrNull(At('When nothing before it was left to wait for')),
  startedAtMs: OrNull(At('When its first attempt started')),
  finishedAtMs: OrNull(At('When it was over')),
  actionKey: OrNull(Digest('everything that decides its result; null for a step that is not cached')),
  reusedFrom: OrNull(
    Type.Object({
      run: Type.String({ description: 'Id of the run that made the outputs.' }),
      step: Type.String({ description: 'Its step.' }),
    }),
  ),
  note: OrNull(
    Type.String({ description: 'Something to know about its result, e.g. that its code has changed since.' }),
  ),
  attempts: Type.Array(StepAttempt, { description: 'Oldest first; empty for a reused step.' }),
  outputs: Type.Array(StepResult, { description: 'What it made; empty until it ended well.' }),
});
export type RunStep = Static<typeof RunStep>;

export const PipelineRunDetail = Type.Object({
  run: PipelineRun,
  steps: Type.Array(RunStep, { description: 'In the order of the definition.' }),
});
export type PipelineRunDetail = Static<typeof PipelineRunDetail>;

export const StepExplanation = Type.Object({
  words: Type.String({ description: 'Why the step ran or was reused, in words.' }),
  comparedWith: OrNull(
    Type.Object({
      run: Type.String({ description: 'Id of the run it is compared with.' }),
      step: Type.String({ description: 'Its step.' }),
    }),
  ),
  differences: Type.Array(
    Type.Object({
      component: Type.String({ description: 'Which part of the key, e.g. params.trees or code:src/train.ts.' }),
      before: Type.Unknown({ description: 'Its value in the run compared with; null when absent.' }),
      after: Type.Unknown({ description: 'Its value in this run; null when absent.' }),
    }),
    { description: 'Parts of the key that differ.' },
  ),
  components: JsonObject('Every part of the key of this step.'),
});
export type StepExplanation = Static<typeof StepExplanation>;
