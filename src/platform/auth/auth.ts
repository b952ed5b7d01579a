import { grantVerbs } from './grants.ts';
import { Passwords } from './password.ts';
import { roleVerbs } from './roles.ts';
import type { AuthOptions, AuthRoom } from './room.ts';
import { signIn } from './sign-in.ts';
import { Snapshots } from './snapshots.ts';
import { GrantStore } from './store/grant-store.ts';
import { RoleStore } from './store/role-store.ts';
import { TokenStore } from './store/token-store.ts';
import { UserStore } from './store/user-store.ts';
import { tokenVerbs } from './tokens.ts';
import { userVerbs } from './users.ts';

export type Auth = ReturnType<typeof createAuth>;

/** Users, their tokens, and what they may do. Every change is in the audit log. */
export function createAuth(options: AuthOptions) {
  const { database, clock, defaultPermission = 'READ' } = options;
  const stores = {
    users: new UserStore(database),
    tokens: new TokenStore(database),
    grants: new GrantStore(database),
    roles: new RoleStore(database),
  };
  const room: AuthRoom = {
    ...stores,
    options,
    passwords: new Passwords(options.passwordCostLog2),
    snapshots: new Snapshots(stores, clock, defaultPermission),
  };
  return { ...userVerbs(room), ...tokenVerbs(room), ...grantVerbs(room), ...roleVerbs(room), ...signIn(room) };
}
