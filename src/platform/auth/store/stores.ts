import type { GrantStore } from './grant-store.ts';
import type { RoleStore } from './role-store.ts';
import type { TokenStore } from './token-store.ts';
import type { UserStore } from './user-store.ts';

/** What is kept of users. */
export interface Stores {
  readonly users: UserStore;
  readonly tokens: TokenStore;
  readonly grants: GrantStore;
  readonly roles: RoleStore;
}
