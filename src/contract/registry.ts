import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';
import { GateMeasurements, GatePolicyInput, GateReport } from './registry-gate.ts';

const Nullable = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const ModelName = Type.String({ minLength: 1, maxLength: 256, description: 'Name of the model.' });
const AliasName = Type.String({ minLength: 1, maxLength: 255, description: 'Name of the alias, e.g. champion.' });
const Digest = (what: string) =>
  Type.String({ pattern: '^[0-9a-f]{64}$', description: `SHA-256 of ${what}, 64 lower-case hex digits.` });
const At = (what: string) => Type.Integer({ description: `When ${what}, ms since the epoch.` });
const Description = Type.String({ maxLength: 10_000, description: 'For people.' });
const Reason = Type.String({ minLength: 1, maxLength: 2000, description: 'Why, for the audit log.' });
const IdempotencyKey = Type.String({
  minLength: 1,
  maxLength: 256,
  description: 'Sent again with the same content, the first answer is given again and nothing is made twice.',
});
const Tags = Type.Record(Type.String({ minLength: 1, maxLength: 250 }), Type.String({ maxLength: 100_000 }), {
  description: 'Free labels, text by name.',
});
const ProtectedAliases = Type.Array(AliasName, {
  maxItems: 100,
  default: ['champion'],
  description: 'Aliases that move only to versions whose latest gate passed, or with an override.',
});

export const ModelAlias = Type.Object({
  alias: AliasName,
  version: Type.Integer({ description: 'Number of the version it names.' }),
  movedAtMs: At('it was last moved'),
});
export type ModelAlias = Static<typeof ModelAlias>;

export const RegisteredModel = Type.Object({
  name: ModelName,
  key: Type.String({
    description:
      'What references call it (model:<key>, version:<key>/3): its first name, which outlives a change of name.',
  }),
  description: Description,
  tags: Tags,
  protectedAliases: ProtectedAliases,
  latestVersion: Nullable(Type.Integer(), 'Number of the newest version; null without one.'),
  aliases: Type.Array(ModelAlias, { description: 'Names of versions, in alphabetical order.' }),
  createdAtMs: At('it was made'),
  updatedAtMs: At('it or its versions were last changed'),
});
export type RegisteredModel = Static<typeof RegisteredModel>;

export const ModelColumn = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 256, description: 'Name of the column.' }),
    type: Type.Union([Type.Literal('string'), Type.Literal('number'), Type.Literal('timestamp')], {
      description: 'What its values are; timestamp: ISO 8601 text or ms since the epoch.',
    }),
    nullable: Type.Boolean({ description: 'True when the value may be missing.' }),
  },
  { additionalProperties: false },
);
export type ModelColumn = Static<typeof ModelColumn>;

export const ModelSignature = Type.Object(
  {
    inputs: Type.Array(ModelColumn, { minItems: 1, maxItems: 10_000, description: 'Columns of a row.' }),
    output: Type.String({
      minLength: 1,
      description: "Name of the ONNX file's output: probability (0 to 1) or value.",
    }),
  },
  { additionalProperties: false },
);
export type ModelSignature = Static<typeof ModelSignature>;

export const GoldenRows = Type.Object(
  {
    rows: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
      minItems: 1,
      maxItems: 1000,
      description: 'Rows of column values.',
    }),
    predictions: Type.Array(Type.Number(), { description: 'What the model answers, one a row.' }),
  },
  {
    additionalProperties: false,
    description: 'Rows with known answers: a server that answers otherwise does not put the version in service.',
  },
);
export type GoldenRows = Static<typeof GoldenRows>;

const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;
export const VersionStage = Type.Unsafe<(typeof STAGES)[number]>(
  Type.Union(
    STAGES.map((stage) => Type.Literal(stage)),
    { description: "MLflow's stage of it; None when it is in none." },
  ),
);
export type VersionStage = (typeof STAGES)[number];

export const VersionSource = Type.Object({
  uri: Type.String({ description: 'Where its files lie, as it was told: s3://…, models:/m-…, runs:/….' }),
  location: Type.String({ description: 'The same with references to runs and logged models resolved.' }),
  loggedModel: Nullable(Type.String(), 'Id of the logged model it is; null when unknown.'),
  runLink: Nullable(Type.String(), 'Link to a run on another server; null without one.'),
});
export type VersionSource = Static<typeof VersionSource>;

const contentFields = {
  run: Nullable(Type.String({ pattern: '^run:.+', maxLength: 300 }), 'The run that made it; null when unknown.'),
  inputs: Type.Array(Type.String({ pattern: '^commit:.+', maxLength: 300 }), {
    maxItems: 100,
    description: 'Data commits it was trained on, e.g. commit:flights/3f2a….',
  }),
  signature: ModelSignature,
  metrics: Type.Record(Type.String(), Nullable(Type.Number(), 'Null where it could not be computed.'), {
    description: 'Figures by name, e.g. test.auc (0 to 1), test.logLoss (nats).',
  }),
  tags: Tags,
};
const evaluation = Type.Unknown({ description: 'The evaluation as a whole and by segment, as its maker wrote it.' });

const summaryFields = {
  model: ModelName,
  version: Type.Integer({ description: 'Number, 1 for the first of its model.' }),
  ref: Type.String({ description: 'Reference, e.g. version:delays/3.' }),
  digest: Digest('everything the version was registered with'),
  description: Description,
  ...contentFields,
  signature: Nullable(ModelSignature, 'What it takes and answers; null when it was registered without a file.'),
  codeCommit: Nullable(Type.String(), 'Commit of the code that made it; null when unknown.'),
  reference: Nullable(Type.String(), 'The monitoring reference frozen with it; null without one.'),
  file: Nullable(
    Type.Object({
      digest: Digest('the model file'),
      sizeBytes: Type.Integer({ description: 'Size of the file, bytes.' }),
    }),
    'The ONNX file; null when it was registered by where its files lie.',
  ),
  source: Nullable(VersionSource, 'Where its files lie; null when it was registered with a file.'),
  stage: VersionStage,
  aliases: Type.Array(AliasName, { description: 'Aliases that name it now.' }),
  gatePassed: Nullable(Type.Boolean(), 'Verdict of its latest gate; null when none was run.'),
  registeredBy: Type.String({ description: 'Who registered it.' }),
  createdAtMs: At('it was registered'),
  updatedAtMs: At('its description or stage was last changed'),
};

export const ModelVersionSummary = Type.Object(summaryFields);
export type ModelVersionSummary = Static<typeof ModelVersionSummary>;

export const ModelVersion = Type.Object({
  ...summaryFields,
  golden: Nullable(GoldenRows, 'Rows with known answers; null without any.'),
  evaluation,
  gate: Nullable(GateReport, 'Its latest gate; null when none was run.'),
});
export type ModelVersion = Static<typeof ModelVersion>;

export const NewModelVersion = Type.Object(
  {
    idempotencyKey: Type.Optional(IdempotencyKey),
    description: Type.Optional(Description),
    run: contentFields.run,
    inputs: contentFields.inputs,
    codeCommit: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Commit of the code.' })),
    file: Digest('the uploaded model file'),
    signature: contentFields.signature,
    golden: Type.Optional(GoldenRows),
    metrics: contentFields.metrics,
    evaluation: Type.Optional(evaluation),
    reference: Type.Optional(
      Type.String({ minLength: 1, maxLength: 300, description: 'Id of a monitoring reference.' }),
    ),
    tags: Type.Optional(Tags),
  },
  { additionalProperties: false },
);
export type NewModelVersion = Static<typeof NewModelVersion>;

const OneModel = Type.Object({ model: ModelName });
const OneVersion = Type.Object({
  model: ModelName,
  version: Type.String({ minLength: 1, maxLength: 128, description: 'A number, an alias, or latest.' }),
});
const OneAlias = Type.Object({ model: ModelName, alias: AliasName });
const VERSION_ERRORS = ['REGISTRY_MODEL_NOT_FOUND', 'REGISTRY_VERSION_NOT_FOUND', 'REGISTRY_ALIAS_NOT_FOUND'];
const MODEL_FILE_LIMIT_BYTES = 2 * 1024 ** 3;

export const registryOperations = {
  listModels: operation({
    id: 'registry.listModels',
    method: 'GET',
    path: '/api/models',
    summary: 'All models with their newest version and aliases.',
    response: Type.Object({ models: Type.Array(RegisteredModel) }),
  }),
  createModel: operation({
    id: 'registry.createModel',
    method: 'POST',
    path: '/api/models',
    summary: 'Makes a model: a name for a line of versions.',
    description: 'Creating the same model again returns it unchanged.',
    body: Type.Object(
      {
        name: ModelName,
        description: Type.Optional(Description),
        tags: Type.Optional(Tags),
        protectedAliases: Type.Optional(ProtectedAliases),
      },
      { additionalProperties: false },
    ),
    response: RegisteredModel,
    status: 201,
    errors: ['REGISTRY_MODEL_EXISTS', 'REGISTRY_ALIAS_INVALID', 'KERNEL_NAME_INVALID'],
  }),
  getModel: operation({
    id: 'registry.getModel',
    method: 'GET',
    path: '/api/models/:model',
    summary: 'One model.',
    params: OneModel,
    response: RegisteredModel,
    errors: ['REGISTRY_MODEL_NOT_FOUND'],
  }),
  uploadModelFile: operation({
    id: 'registry.uploadModelFile',
    method: 'PUT',
    path: '/api/model-files',
    summary: 'Stores a model file of at most 2 GiB by its digest, to be registered afterwards.',
    description: 'The same bytes again are stored once and answered alike.',
    body: 'bytes',
    bodyLimitBytes: MODEL_FILE_LIMIT_BYTES,
    response: Type.Object({
      digest: Digest('the file'),
      sizeBytes: Type.Integer({ description: 'Size of the file, bytes.' }),
    }),
    errors: ['REGISTRY_FILE_EMPTY', 'REGISTRY_FILE_TOO_LARGE'],
  }),
  readModelFile: operation({
    id: 'registry.readModelFile',
    method: 'GET',
    path: '/api/models/:model/versions/:version/file',
    summary: 'The ONNX file of a version.',
    params: OneVersion,
    response: 'bytes',
    errors: [...VERSION_ERRORS, 'REGISTRY_VERSION_WITHOUT_FILE'],
  }),
  listVersions: operation({
    id: 'registry.listVersions',
    method: 'GET',
    path: '/api/models/:model/versions',
    summary: 'Versions of a model, newest first.',
    params: OneModel,
    query: Type.Object({
      before: Type.Optional(Type.Integer({ description: 'Only versions with a smaller number.' })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Versions at most.' })),
    }),
    response: Type.Object({ versions: Type.Array(ModelVersionSummary) }),
    errors: ['REGISTRY_MODEL_NOT_FOUND'],
  }),
  registerVersion: operation({
    id: 'registry.registerVersion',
    method: 'POST',
    path: '/api/models/:model/versions',
    summary: 'Registers an uploaded model file as the next version. A version never changes.',
    params: OneModel,
    body: NewModelVersion,
    bodyLimitBytes: 16 * 1024 * 1024,
    response: ModelVersion,
    status: 201,
    errors: ['REGISTRY_MODEL_NOT_FOUND', 'REGISTRY_FILE_NOT_FOUND', 'REGISTRY_VERSION_INVALID', 'REGISTRY_KEY_REUSED'],
  }),
  getVersion: operation({
    id: 'registry.getVersion',
    method: 'GET',
    path: '/api/models/:model/versions/:version',
    summary: 'One version with its evaluation, golden rows, latest gate and aliases.',
    params: OneVersion,
    response: ModelVersion,
    errors: VERSION_ERRORS,
  }),
  setAlias: operation({
    id: 'registry.setAlias',
    method: 'PUT',
    path: '/api/models/:model/aliases/:alias',
    summary: 'Points an alias at a version.',
    description:
      'Pointing it where it points already changes nothing and succeeds, so a lost answer may be asked for again. A protected alias needs a passed gate or an override.',
    params: OneAlias,
    body: Type.Object(
      {
        version: Type.Integer({ minimum: 1, description: 'Number of the version to name.' }),
        expected: Type.Optional(
          Nullable(
            Type.Integer({ minimum: 1 }),
            'Move it only when it names this version now; null: only when it does not exist.',
          ),
        ),
        reason: Reason,
        override: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 2000,
            description: 'Why a protected alias may move without a passed gate; kept in the audit log.',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    response: ModelAlias,
    errors: [
      ...VERSION_ERRORS,
      'REGISTRY_ALIAS_INVALID',
      'REGISTRY_ALIAS_MOVED',
      'REGISTRY_GATE_MISSING',
      'REGISTRY_GATE_FAILED',
      'KERNEL_NAME_INVALID',
    ],
  }),
  deleteAlias: operation({
    id: 'registry.deleteAlias',
    method: 'DELETE',
    path: '/api/models/:model/aliases/:alias',
    summary: 'Takes an alias away; its versions stay.',
    params: OneAlias,
    query: Type.Object({
      expected: Type.Optional(Type.Integer({ minimum: 1, description: 'Only when it names this version now.' })),
      reason: Reason,
    }),
    response: 'none',
    errors: ['REGISTRY_MODEL_NOT_FOUND', 'REGISTRY_ALIAS_NOT_FOUND', 'REGISTRY_ALIAS_MOVED'],
  }),
  runGate: operation({
    id: 'registry.runGate',
    method: 'POST',
    path: '/api/models/:model/versions/:version/gate',
    summary: 'Judges a version by named checks over what was measured, and keeps the report.',
    description:
      'A gate that is not passed is an answer too, not an error. The champion is the version that the alias `champion` names.',
    params: OneVersion,
    body: Type.Object(
      {
        policy: Type.Optional(GatePolicyInput),
        measurements: GateMeasurements,
        idempotencyKey: Type.Optional(IdempotencyKey),
      },
      { additionalProperties: false },
    ),
    response: GateReport,
    status: 201,
    errors: [...VERSION_ERRORS, 'REGISTRY_VERSION_WITHOUT_FILE', 'REGISTRY_MEASUREMENT_INVALID', 'REGISTRY_KEY_REUSED'],
  }),
  getGate: operation({
    id: 'registry.getGate',
    method: 'GET',
    path: '/api/models/:model/versions/:version/gate',
    summary: 'The latest gate report of a version.',
    params: OneVersion,
    response: GateReport,
    errors: [...VERSION_ERRORS, 'REGISTRY_GATE_NOT_FOUND'],
  }),
  listGates: operation({
    id: 'registry.listGates',
    method: 'GET',
    path: '/api/models/:model/versions/:version/gates',
    summary: 'Every gate report of a version, newest first.',
    params: OneVersion,
    response: Type.Object({ gates: Type.Array(GateReport) }),
    errors: VERSION_ERRORS,
  }),
};
