import { authOperations as operations, type Role as RoleAnswer, type Token as TokenAnswer, type User } from '#contract';
import {
  type Auth,
  accessOf,
  authErrors,
  DEFAULT_WORKSPACE,
  type Grant,
  type IssuedToken,
  type Role,
  type SignedIn,
  type User as StoredUser,
} from '#platform/auth';
import { type Principal, type Route, route } from '#platform/http';

export interface AuthRoutesOptions {
  readonly auth: Auth;
  readonly mode: 'open' | 'token' | 'basic';
}

/**
 * Operations on users, tokens, grants and roles. What depends on who calls is looked at here; the rest is in the table of
 * permissions.
 */
export function authRoutes({ auth, mode }: AuthRoutesOptions): readonly Route[] {
  return [...signingIn(auth, mode), ...users(auth), ...tokens(auth), ...grants(auth), ...roles(auth)];
}

function signingIn(auth: Auth, mode: AuthRoutesOptions['mode']): readonly Route[] {
  return [
    route(operations.status, () => ({ mode })),
    route(operations.signIn, async ({ body, request }) => {
      if (mode !== 'basic') throw authErrors.AUTH_NO_USERS({});
      const user = await auth.checkPassword(body.user, body.password, request.ip);
      const { secret, expiresAtMs } = await auth.openSession(user);
      return { token: secret, user: userAnswer(user), expiresAtMs: expiresAtMs ?? 0 };
    }),
    route(operations.signOut, async ({ principal }) => {
      const { tokenId } = principal as Partial<SignedIn>;
      if (tokenId && (await auth.getToken(tokenId)).kind === 'session') await auth.endSession(tokenId);
    }),
    route(operations.me, ({ principal }) => {
      const { user, mayEverything } = accessOf(principal);
      return { principal: principal.id, user: user ? userAnswer(user) : null, mayEverything, mode };
    }),
  ];
}

function users(auth: Auth): readonly Route[] {
  return [
    route(operations.listUsers, async () => ({ users: (await auth.listUsers()).map(userAnswer) })),
    route(operations.createUser, async ({ body, principal }) => userAnswer(await auth.ensureUser(body, principal.id))),
    route(operations.getUser, async ({ params, principal }) => {
      demandSelf(principal, params.user, 'looking at another user');
      const user = await auth.getUser(params.user);
      const roles = await auth.listRolesOf(params.user);
      const answers = roles.filter(here).map((role) => roleAnswer(auth, role));
      const own = await auth.listGrants({ user: params.user });
      return { user: userAnswer(user), roles: await Promise.all(answers), grants: own.map(grantAnswer) };
    }),
    route(operations.setPassword, async ({ params, body, principal }) => {
      const own = demandSelf(principal, params.user, "changing another's password");
      await auth.setPassword({ name: params.user, own, ...body }, principal.id);
    }),
    route(operations.setAdmin, async ({ params, body, principal }) =>
      userAnswer(await auth.setAdmin(params.user, body.isAdmin, principal.id)),
    ),
    route(operations.deleteUser, ({ params, principal }) => auth.deleteUser(params.user, principal.id)),
  ];
}

function tokens(auth: Auth): readonly Route[] {
  return [
    route(operations.listTokens, async ({ query, principal }) => {
      const access = accessOf(principal);
      const user = query.user ?? (access.mayEverything ? undefined : access.name);
      if (user !== undefined) demandSelf(principal, user, "listing another's tokens");
      return { tokens: (await auth.listTokens(user)).map(tokenAnswer) };
    }),
    route(operations.createToken, async ({ body, principal }) => {
      const user = body.user ?? accessOf(principal).user?.name;
      if (user === undefined) throw authErrors.AUTH_USER_NEEDED({});
      demandSelf(principal, user, 'making a token for another');
      const { name, expiresInDays } = body;
      const issued: IssuedToken = await auth.createToken({ user, name, expiresInDays }, principal.id);
      return { ...tokenAnswer(issued), token: issued.secret };
    }),
    route(operations.revokeToken, async ({ params, principal }) => {
      demandSelf(principal, (await auth.getToken(params.token)).user, "revoking another's token");
      await auth.revokeToken(params.token, principal.id);
    }),
  ];
}

function grants(auth: Auth): readonly Route[] {
  return [
    route(operations.listGrants, async ({ query, principal }) => {
      const access = accessOf(principal);
      const { resourceType, resource } = query;
      // Who manages a resource sees everybody's grants on it; everybody sees his own.
      if (resourceType !== undefined && resource !== undefined && query.user !== access.user?.name) {
        access.demand('MANAGE', resourceType, resource);
      } else if (query.user === undefined) access.demandAdmin('listing all grants');
      else demandSelf(principal, query.user, "listing another's grants");
      return { grants: (await auth.listGrants(query)).map(grantAnswer) };
    }),
    route(operations.putGrant, async ({ body: { permission, ...target }, principal }) =>
      grantAnswer(await auth.putGrant(target, permission, principal.id)),
    ),
    route(operations.deleteGrant, ({ query, principal }) => auth.deleteGrant(query, principal.id)),
  ];
}

function roles(auth: Auth): readonly Route[] {
  const named = (name: string) => auth.getRoleNamed(DEFAULT_WORKSPACE, name);
  const answer = async (name: string) => roleAnswer(auth, await named(name));
  return [
    route(operations.listRoles, async () => ({
      roles: await Promise.all((await auth.listRoles(DEFAULT_WORKSPACE)).map((role) => roleAnswer(auth, role))),
    })),
    route(operations.createRole, async ({ body, principal }) => {
      const role = { workspace: DEFAULT_WORKSPACE, name: body.name, description: body.description ?? null };
      const [present] = (await auth.listRoles(DEFAULT_WORKSPACE)).filter(({ name }) => name === body.name);
      return roleAnswer(auth, present ?? (await auth.createRole(role, principal.id)));
    }),
    route(operations.getRole, ({ params }) => answer(params.role)),
    route(operations.deleteRole, async ({ params, principal }) =>
      auth.deleteRole((await named(params.role)).id, principal.id),
    ),
    route(operations.putRoleRule, async ({ params, body, principal }) => {
      const role = await named(params.role);
      const present = ruleOn(role, body);
      if (present) await auth.updateRule(present.id, body.permission, principal.id);
      else await auth.addRule({ roleId: role.id, ...body }, principal.id);
      return answer(params.role);
    }),
    route(operations.deleteRoleRule, async ({ params, query, principal }) => {
      const rule = ruleOn(await named(params.role), query);
      if (!rule) throw authErrors.AUTH_RULE_NOT_FOUND({ rule: `${query.resourceType} ${query.resource}` });
      await auth.removeRule(rule.id, principal.id);
      return answer(params.role);
    }),
    route(operations.addRoleMember, async ({ params, principal }) => {
      const { id } = await named(params.role);
      const members = await auth.listMembers(id);
      if (!members.some(({ user }) => user === params.user)) await auth.assignRole(params.user, id, principal.id);
      return answer(params.role);
    }),
    route(operations.removeRoleMember, async ({ params, principal }) => {
      await auth.unassignRole(params.user, (await named(params.role)).id, principal.id);
      return answer(params.role);
    }),
  ];
}

/** True when the call is about who calls; another's matters are for administrators. */
function demandSelf(principal: Principal, user: string, what: string): boolean {
  const access = accessOf(principal);
  if (access.user?.name === user) return true;
  access.demandAdmin(what);
  return false;
}

function here(role: Role): boolean {
  return role.workspace === DEFAULT_WORKSPACE;
}

function ruleOn(role: Role, target: Pick<Grant, 'resourceType' | 'resource'>) {
  return role.rules.find((rule) => rule.resourceType === target.resourceType && rule.resource === target.resource);
}

function userAnswer({ name, isAdmin, createdAtMs, passwordChangedAtMs }: StoredUser): User {
  return { name, isAdmin, createdAtMs, passwordChangedAtMs };
}

function tokenAnswer({ id, name, user, createdAtMs, expiresAtMs, lastUsedAtMs }: TokenAnswer): TokenAnswer {
  return { id, name, user, createdAtMs, expiresAtMs, lastUsedAtMs };
}

function grantAnswer({ user, resourceType, resource, permission }: Grant) {
  return { user, resourceType, resource, permission };
}

async function roleAnswer(auth: Auth, role: Role): Promise<RoleAnswer> {
  const rules = role.rules.map(({ resourceType, resource, permission }) => ({ resourceType, resource, permission }));
  const members = (await auth.listMembers(role.id)).map(({ user }) => user);
  return { name: role.name, description: role.description, rules, members };
}
