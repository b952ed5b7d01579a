/** What somebody may do with a resource; each holds the one before it. The words are MLflow's. */
export const PERMISSIONS = ['NO_PERMISSIONS', 'READ', 'USE', 'EDIT', 'MANAGE'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Kinds of resources. `workspace` with the resource `*` is everything. */
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
export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** The workspace that every resource lies in. Roles of other workspaces can be kept, and grant nothing here. */
export const DEFAULT_WORKSPACE = 'default';

export interface User {
  readonly id: number;
  readonly name: string;
  readonly isAdmin: boolean;
  /** Grows with every change of the password: what was known by an older one is known no more. */
  readonly passwordRevision: number;
  readonly createdAtMs: number;
  readonly passwordChangedAtMs: number;
}

/** A permission of one user on one resource. */
export interface Grant {
  readonly userId: number;
  readonly user: string;
  readonly resourceType: ResourceType;
  readonly resource: string;
  readonly permission: Permission;
}

/** What members of a role may do with a resource, or with all of a kind (`*`). */
export interface RoleRule {
  readonly id: number;
  readonly roleId: number;
  readonly resourceType: ResourceType;
  readonly resource: string;
  readonly permission: Permission;
}

export interface Role {
  readonly id: number;
  readonly workspace: string;
  readonly name: string;
  readonly description: string | null;
  readonly rules: readonly RoleRule[];
}

export interface RoleMember {
  readonly id: number;
  readonly userId: number;
  readonly user: string;
  readonly roleId: number;
}

/** api: made for a program. session: made by signing in; ends when the password changes. */
export type TokenKind = 'api' | 'session';

export interface Token {
  readonly id: string;
  readonly kind: TokenKind;
  readonly name: string;
  readonly userId: number;
  readonly user: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly lastUsedAtMs: number | null;
}

/** True when what is held holds what is needed. */
export function atLeast(held: Permission, needed: Permission): boolean {
  return PERMISSIONS.indexOf(held) >= PERMISSIONS.indexOf(needed);
}

export function higherOf(a: Permission, b: Permission): Permission {
  return atLeast(a, b) ? a : b;
}

export function isPermission(text: string): text is Permission {
  return (PERMISSIONS as readonly string[]).includes(text);
}

export function isResourceType(text: string): text is ResourceType {
  return (RESOURCE_TYPES as readonly string[]).includes(text);
}
