export { Access, accessOf, type SignedIn } from './access.ts';
export { type Auth, createAuth } from './auth.ts';
export { authErrors } from './errors.ts';
export type { GrantTarget } from './grants.ts';
export {
  DEFAULT_WORKSPACE,
  type Grant,
  isPermission,
  isResourceType,
  PERMISSIONS,
  type Permission,
  RESOURCE_TYPES,
  type ResourceType,
  type Role,
  type RoleMember,
  type RoleRule,
  type User,
} from './model.ts';
export { newSecret, sameSecret } from './secret.ts';
export { authMigrations } from './store/schema.ts';
export type { IssuedToken } from './tokens.ts';
