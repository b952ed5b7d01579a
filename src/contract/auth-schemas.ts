import { type Static, type TSchema, Type } from 'typebox';

const At = (description: string) => Type.Integer({ description: `${description}, ms since the epoch.` });
const OrNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Words = <Word extends string>(words: readonly Word[], description: string) =>
  Type.Unsafe<Word>(
    Type.Union(
      words.map((word) => Type.Literal(word)),
      { description },
    ),
  );

export const UserName = Type.String({ minLength: 1, maxLength: 256, description: 'Name of the user.' });
export const RoleName = Type.String({ minLength: 1, maxLength: 256, description: 'Name of the role.' });

export const AuthMode = Words(
  ['open', 'token', 'basic'],
  'open: everybody who reaches the port. token: who knows the one token of the server. basic: users with passwords and tokens.',
);
export type AuthMode = Static<typeof AuthMode>;

/** From the least to the most. */
export const PERMISSIONS = ['NO_PERMISSIONS', 'READ', 'USE', 'EDIT', 'MANAGE'] as const;

export const Permission = Words(
  PERMISSIONS,
  'Each holds the one before it. READ: see. USE: also ask an endpoint, start a pipeline. EDIT: also change. MANAGE: also delete, and grant to others.',
);
export type Permission = Static<typeof Permission>;

export const RESOURCE_TYPES = [
  'experiment',
  'registered_model',
  'scorer',
  'gateway_secret',
  'gateway_endpoint',
  'gateway_model_definition',
  'repository',
  'study',
  'pipeline',
  'endpoint',
  'monitor',
  'loop',
  'workspace',
] as const;

export const ResourceType = Words(
  RESOURCE_TYPES,
  'Kind of the resource. workspace with the resource * is everything; the words of MLflow stand for the same things.',
);
export type ResourceType = Static<typeof ResourceType>;

export const User = Type.Object({
  name: UserName,
  isAdmin: Type.Boolean({ description: 'True for one who may do everything.' }),
  createdAtMs: At('When he was made'),
  passwordChangedAtMs: At('When his password was last set'),
});
export type User = Static<typeof User>;

export const Session = Type.Object({
  token: Type.String({ description: 'To be sent as "Authorization: Bearer <token>".' }),
  user: User,
  expiresAtMs: At('When it ends by itself'),
});
export type Session = Static<typeof Session>;

export const WhoIs = Type.Object({
  principal: Type.String({ description: 'As the audit log names him.' }),
  user: OrNull(User),
  mayEverything: Type.Boolean({ description: 'True for administrators, and for everybody where there are no users.' }),
  mode: AuthMode,
});
export type WhoIs = Static<typeof WhoIs>;

const tokenFields = {
  id: Type.String({ description: 'Id of the token; not its text.' }),
  name: Type.String({ description: 'What it is for.' }),
  user: UserName,
  createdAtMs: At('When it was made'),
  expiresAtMs: OrNull(At('When it ends; null: it does not')),
  lastUsedAtMs: OrNull(At('When it was last seen, to some minutes; null: never')),
};

export const Token = Type.Object(tokenFields);
export type Token = Static<typeof Token>;

export const CreatedToken = Type.Object({
  ...tokenFields,
  token: Type.String({ description: 'Its text. It is told this once.' }),
});
export type CreatedToken = Static<typeof CreatedToken>;

export const Grant = Type.Object({
  user: UserName,
  resourceType: ResourceType,
  resource: Type.String({ description: 'Name or id of the resource.' }),
  permission: Permission,
});
export type Grant = Static<typeof Grant>;

export const RoleRule = Type.Object({
  resourceType: ResourceType,
  resource: Type.String({ description: 'Name or id of the resource; * for all of the kind.' }),
  permission: Permission,
});
export type RoleRule = Static<typeof RoleRule>;

export const Role = Type.Object({
  name: RoleName,
  description: OrNull(Type.String({ description: 'What it is for.' })),
  rules: Type.Array(RoleRule, { description: 'What its members may do.' }),
  members: Type.Array(UserName, { description: 'By name.' }),
});
export type Role = Static<typeof Role>;
