import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';

const Closed = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });
const Nullable = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const At = (what: string) => Type.Integer({ description: `When ${what}, ms since the epoch.` });
const Actor = (what: string) => Type.String({ description: `Who ${what}, e.g. user:ann.` });
const Digest = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'Digest of the version, which covers its file and all its facts: 64 lower-case hex digits.',
});
const ModelName = Type.String({ minLength: 1, maxLength: 256, description: 'Name of the model.' });
const EnvironmentName = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'Name of the environment, e.g. production.',
});
const VersionNumber = Type.Integer({ minimum: 1, maximum: 999_999_999, description: 'Number of the version.' });
const Comment = Type.String({ minLength: 1, maxLength: 5000, description: 'In words, for people and the audit log.' });
const DAY_MS = 86_400_000;
const ExpiresAfterMs = (what: string) =>
  Type.Integer({ minimum: 60_000, maximum: 365 * DAY_MS, description: `${what}, ms; one minute to 365 days.` });

export const EnvironmentPolicy = Closed({
  name: EnvironmentName,
  description: Type.String({ maxLength: 1000, description: 'For people.' }),
  approvals: Type.Integer({ minimum: 0, maximum: 20, description: 'Approvals needed; 0: a request is carried out.' }),
  approvers: Type.Array(
    Type.String({
      pattern: '^(user|role|token|local):.+$',
      maxLength: 300,
      description: 'user:<name>, role:<name>, or token:<name> and local:<name> as the audit log has them.',
    }),
    { maxItems: 100, description: 'Who may approve and reject; empty: whoever may edit the model.' },
  ),
  gate: Type.Boolean({ description: 'True when the latest gate of the version must have passed.' }),
  selfApproval: Type.Boolean({ description: 'True when who requested may approve as well.' }),
  viaPrevious: Type.Boolean({
    description: 'True when a version must have been in the environment before this one, or in this one, already.',
  }),
  expiresAfterMs: ExpiresAfterMs('How long a request stays open'),
});
export type EnvironmentPolicy = Static<typeof EnvironmentPolicy>;

export const EnvironmentPlan = Type.Object({
  environments: Type.Array(EnvironmentPolicy, { description: 'In the order versions go through them.' }),
  own: Type.Boolean({ description: 'True when the model has a plan of its own; else the plan of the server counts.' }),
  revision: Type.Integer({ description: 'Counts changes of the plan that counts; 0 for the one that came with it.' }),
});
export type EnvironmentPlan = Static<typeof EnvironmentPlan>;

export const ModelEnvironment = Type.Object({
  name: EnvironmentName,
  policy: Nullable(EnvironmentPolicy, 'Null when the plan names this environment no more.'),
  version: Nullable(Type.Integer(), 'Number of the version that is in it; null when it is empty.'),
  digest: Nullable(Digest, 'Digest of that version; null when it is empty.'),
  promotion: Nullable(Type.Integer(), 'Number of the request that put it there; null when it is empty.'),
  movedAtMs: Nullable(Type.Integer(), 'When it came there, ms since the epoch; null when it is empty.'),
  movedBy: Nullable(Type.String(), 'Whose step put it there; null when it is empty.'),
});
export type ModelEnvironment = Static<typeof ModelEnvironment>;

export const PromotionState = Type.Enum(['open', 'promoted', 'rejected', 'withdrawn', 'expired', 'superseded'], {
  description: 'superseded: another version came into the environment, or this one was deleted, in the meantime.',
});
export type PromotionState = Static<typeof PromotionState>;

export const PromotionStep = Type.Object({
  sequence: Type.Integer({ description: 'Place among the steps of the request, from 1.' }),
  kind: Type.Enum(
    ['requested', 'commented', 'approved', 'rejected', 'withdrawn', 'expired', 'superseded', 'promoted'],
    { description: 'What was done.' },
  ),
  actor: Actor('did it'),
  as: Nullable(Type.String(), 'For approvals and rejections: what in the policy allowed it; null: may edit the model.'),
  comment: Type.String({ description: 'In words; empty without any.' }),
  digest: Digest,
  atMs: At('it was done'),
});
export type PromotionStep = Static<typeof PromotionStep>;

export const Promotion = Type.Object({
  id: Type.String({ description: 'Id over all models; sorts by time.' }),
  number: Type.Integer({ description: 'Number among the requests of its model, from 1.' }),
  model: ModelName,
  environment: EnvironmentName,
  version: VersionNumber,
  digest: Digest,
  replaces: Nullable(Type.Integer(), 'Version that was in the environment when it was requested; null: none.'),
  state: PromotionState,
  approvals: Type.Integer({ description: 'Approvals that count by the policy as it is now.' }),
  needed: Nullable(Type.Integer(), 'Approvals needed by the policy as it is now; null when the environment is gone.'),
  requestedBy: Actor('requested it'),
  requestedAtMs: At('it was requested'),
  expiresAtMs: At('it expires, when it is still open'),
  closedAtMs: Nullable(Type.Integer(), 'When it ended, ms since the epoch; null while it is open.'),
  steps: Type.Array(PromotionStep, { description: 'All that was done, oldest first.' }),
});
export type Promotion = Static<typeof Promotion>;

export const EnvironmentMove = Type.Object({
  sequence: Type.Integer({ description: 'Place among the moves of the environment, from 1.' }),
  from: Nullable(Type.Integer(), 'Version that was in it before; null: none.'),
  to: Nullable(Type.Integer(), 'Version that came into it; null when it was emptied.'),
  promotion: Nullable(Type.Integer(), 'Number of the request that moved it; null when its version was deleted.'),
  actor: Actor('took the step that moved it'),
  atMs: At('it moved'),
});
export type EnvironmentMove = Static<typeof EnvironmentMove>;

const OneModel = Type.Object({ model: ModelName });
const OneEnvironment = Type.Object({ model: ModelName, environment: EnvironmentName });
const OnePromotion = Type.Object({
  model: ModelName,
  promotion: Type.Integer({ minimum: 1, maximum: 999_999_999, description: 'Number of the request.' }),
});
const Revision = Type.Integer({
  minimum: 0,
  maximum: 999_999_999,
  description: 'Revision that the change was made from.',
});
const Environments = Type.Array(EnvironmentPolicy, { minItems: 1, maxItems: 20, description: 'In their order.' });
const listing = {
  state: Type.Optional(PromotionState),
  before: Type.Optional(
    Type.String({ pattern: '^[0-9a-f]{32}$', description: 'Only requests older than the one with this id.' }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100, description: 'Requests at most.' })),
};
const Listed = Type.Object({ promotions: Type.Array(Promotion, { description: 'Newest first.' }) });
const MODEL_ERRORS = ['REGISTRY_MODEL_NOT_FOUND'];
const PROMOTION_ERRORS = [
  ...MODEL_ERRORS,
  'REGISTRY_PROMOTION_NOT_FOUND',
  'REGISTRY_PROMOTION_CLOSED',
  'REGISTRY_ENVIRONMENT_NOT_FOUND',
];
const DECISION_ERRORS = [
  ...PROMOTION_ERRORS,
  'REGISTRY_PROMOTION_NOT_APPROVER',
  'REGISTRY_PROMOTION_OWN',
  'REGISTRY_PROMOTION_DIGEST',
];
const PLAN_ERRORS = ['REGISTRY_ENVIRONMENTS_INVALID', 'REGISTRY_ENVIRONMENTS_CHANGED', 'KERNEL_NAME_INVALID'];

/** Environments of models, and requests to promote versions into them. */
export const registryPromotionOperations = {
  getEnvironmentPlan: operation({
    id: 'registry.getEnvironmentPlan',
    method: 'GET',
    path: '/api/environments',
    summary: 'Environments of all models that have no plan of their own.',
    response: EnvironmentPlan,
  }),
  setEnvironmentPlan: operation({
    id: 'registry.setEnvironmentPlan',
    method: 'PUT',
    path: '/api/environments',
    summary: 'Changes the environments of all models that have no plan of their own.',
    body: Closed({ revision: Revision, environments: Environments }),
    response: EnvironmentPlan,
    errors: PLAN_ERRORS,
  }),
  getModelEnvironments: operation({
    id: 'registry.getModelEnvironments',
    method: 'GET',
    path: '/api/models/:model/environments',
    summary: 'Environments of a model with the version that is in each.',
    params: OneModel,
    response: Type.Object({
      environments: Type.Array(ModelEnvironment, { description: 'In their order.' }),
      own: EnvironmentPlan.properties.own,
      revision: Type.Integer({ description: 'Send it with a change of the plan of this model; 0 without one.' }),
    }),
    errors: MODEL_ERRORS,
  }),
  setModelEnvironmentPlan: operation({
    id: 'registry.setModelEnvironmentPlan',
    method: 'PUT',
    path: '/api/models/:model/environments',
    summary: 'Gives a model environments of its own, or takes them away.',
    description: 'What is in an environment stays there, also when the plan names it no more.',
    params: OneModel,
    body: Closed({
      revision: Revision,
      environments: Nullable(Environments, 'Null: the plan of the server counts again.'),
    }),
    response: EnvironmentPlan,
    errors: [...MODEL_ERRORS, ...PLAN_ERRORS],
  }),
  listEnvironmentMoves: operation({
    id: 'registry.listEnvironmentMoves',
    method: 'GET',
    path: '/api/models/:model/environments/:environment/moves',
    summary: 'Which versions were in an environment, newest first.',
    params: OneEnvironment,
    query: Type.Object({
      before: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 999_999_999, description: 'Only moves with a smaller sequence.' }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Moves at most.' })),
    }),
    response: Type.Object({ moves: Type.Array(EnvironmentMove, { description: 'Newest first.' }) }),
    errors: [...MODEL_ERRORS, 'REGISTRY_ENVIRONMENT_NOT_FOUND'],
  }),
  listAllPromotions: operation({
    id: 'registry.listAllPromotions',
    method: 'GET',
    path: '/api/promotions',
    summary: 'Requests to promote a version of any model, newest first.',
    query: Type.Object(listing),
    response: Listed,
  }),
  listPromotions: operation({
    id: 'registry.listPromotions',
    method: 'GET',
    path: '/api/models/:model/promotions',
    summary: 'Requests to promote versions of a model, newest first.',
    params: OneModel,
    query: Type.Object(listing),
    response: Listed,
    errors: MODEL_ERRORS,
  }),
  requestPromotion: operation({
    id: 'registry.requestPromotion',
    method: 'POST',
    path: '/api/models/:model/promotions',
    summary: 'Asks that a version may come into an environment. Where no approval is needed it does at once.',
    description: 'The same person asking for the same again is answered the request that is open.',
    params: OneModel,
    body: Closed({
      version: Type.String({ minLength: 1, maxLength: 128, description: 'A number, an alias, or latest.' }),
      environment: EnvironmentName,
      comment: Type.Optional(Comment),
      expiresAfterMs: Type.Optional(ExpiresAfterMs('Expires sooner than the policy says')),
    }),
    response: Promotion,
    status: 201,
    errors: [
      ...MODEL_ERRORS,
      'REGISTRY_VERSION_NOT_FOUND',
      'REGISTRY_ALIAS_NOT_FOUND',
      'REGISTRY_ENVIRONMENT_NOT_FOUND',
      'REGISTRY_PROMOTION_OPEN',
      'REGISTRY_PROMOTION_POINTLESS',
      'REGISTRY_PROMOTION_SKIPS',
      'REGISTRY_PROMOTION_GATE',
    ],
  }),
  getPromotion: operation({
    id: 'registry.getPromotion',
    method: 'GET',
    path: '/api/models/:model/promotions/:promotion',
    summary: 'One request with all its steps.',
    params: OnePromotion,
    response: Promotion,
    errors: [...MODEL_ERRORS, 'REGISTRY_PROMOTION_NOT_FOUND'],
  }),
  approvePromotion: operation({
    id: 'registry.approvePromotion',
    method: 'POST',
    path: '/api/models/:model/promotions/:promotion/approve',
    summary: 'Approves exactly the version that was looked at. With enough approvals it comes into the environment.',
    params: OnePromotion,
    body: Closed({ digest: Digest, comment: Type.Optional(Comment) }),
    response: Promotion,
    errors: [...DECISION_ERRORS, 'REGISTRY_PROMOTION_GATE'],
  }),
  rejectPromotion: operation({
    id: 'registry.rejectPromotion',
    method: 'POST',
    path: '/api/models/:model/promotions/:promotion/reject',
    summary: 'Rejects a request, which ends it.',
    params: OnePromotion,
    body: Closed({ comment: Comment }),
    response: Promotion,
    errors: DECISION_ERRORS,
  }),
  withdrawPromotion: operation({
    id: 'registry.withdrawPromotion',
    method: 'POST',
    path: '/api/models/:model/promotions/:promotion/withdraw',
    summary: 'Takes back a request; only who made it can.',
    params: OnePromotion,
    body: Closed({ comment: Type.Optional(Comment) }),
    response: Promotion,
    errors: [...PROMOTION_ERRORS, 'REGISTRY_PROMOTION_NOT_OWN'],
  }),
  commentPromotion: operation({
    id: 'registry.commentPromotion',
    method: 'POST',
    path: '/api/models/:model/promotions/:promotion/comments',
    summary: 'Adds a comment to a request, also to one that ended.',
    params: OnePromotion,
    body: Closed({ comment: Comment }),
    response: Promotion,
    status: 201,
    errors: [...MODEL_ERRORS, 'REGISTRY_PROMOTION_NOT_FOUND'],
  }),
};
