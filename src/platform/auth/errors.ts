import { defineErrors } from '#platform/kernel';

export const authErrors = defineErrors({
  AUTH_REQUIRED: {
    kind: 'unauthenticated',
    message: (_: Record<string, never>) =>
      'You are not authenticated. Send a name and a password (Basic), or a token made by "trimtab token create" (Bearer).',
  },
  AUTH_SIGN_IN_REFUSED: {
    kind: 'unauthenticated',
    message: (_: Record<string, never>) =>
      'You are not authenticated. The name and the password do not belong together, or the token is unknown, expired or revoked.',
  },
  AUTH_SIGN_IN_BUSY: {
    kind: 'unavailable',
    message: (_: Record<string, never>) => 'Too many sign-ins are being checked at this moment. Try again in a second.',
  },
  AUTH_FORBIDDEN: {
    kind: 'forbidden',
    message: (d: { user: string; permission: string; resource: string }) =>
      `Permission denied: ${d.user} needs ${d.permission} on ${d.resource}. Whoever manages it, or an administrator, can grant that.`,
  },
  AUTH_ADMIN_ONLY: {
    kind: 'forbidden',
    message: (d: { user: string; what: string }) =>
      `Permission denied: ${d.what} is for administrators, and ${d.user} is none.`,
  },
  AUTH_NO_USERS: {
    kind: 'conflict',
    message: (_: Record<string, never>) =>
      'This server knows no users: it was started without --app-name basic-auth. Send its token, if it has one.',
  },
  AUTH_USER_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { user: string }) => `There is no user "${d.user}". List them with: trimtab user list`,
  },
  AUTH_USER_EXISTS: {
    kind: 'conflict',
    message: (d: { user: string }) =>
      `A user "${d.user}" exists already. Choose another name, or change the user with: trimtab user passwd ${d.user}`,
  },
  AUTH_USER_NEEDED: {
    kind: 'invalid',
    message: (_: Record<string, never>) =>
      'A token belongs to a user, and the call comes from none. Say for whom: --user <name>',
  },
  AUTH_USER_NAME_INVALID: {
    kind: 'invalid',
    message: (d: { user: string }) =>
      `"${d.user}" cannot be the name of a user: use 1 to 256 signs, without colons, slashes, control characters, or spaces at the ends.`,
  },
  AUTH_PASSWORD_WEAK: {
    kind: 'invalid',
    message: (d: { minLength: number }) => `The password is too short. It needs ${d.minLength} characters or more.`,
  },
  AUTH_CURRENT_PASSWORD_MISSING: {
    kind: 'invalid',
    message: (_: Record<string, never>) =>
      'Current password is required when changing your own password. Send it as currentPassword.',
  },
  AUTH_CURRENT_PASSWORD_WRONG: {
    kind: 'invalid',
    message: (_: Record<string, never>) => 'Current password does not match. Nothing was changed.',
  },
  AUTH_LAST_ADMIN: {
    kind: 'conflict',
    message: (d: { user: string }) =>
      `"${d.user}" is the last administrator. Make another user one first: trimtab user admin <name>`,
  },
  AUTH_TOKEN_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { token: string }) => `There is no token "${d.token}". List them with: trimtab token list`,
  },
  AUTH_TOKEN_EXISTS: {
    kind: 'conflict',
    message: (d: { user: string; name: string }) =>
      `"${d.user}" has a token "${d.name}" already. Revoke it (trimtab token revoke), or choose another name.`,
  },
  AUTH_GRANT_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { user: string; resourceType: string; resource: string }) =>
      `Nothing on ${d.resourceType} "${d.resource}" was granted to "${d.user}".`,
  },
  AUTH_GRANT_EXISTS: {
    kind: 'conflict',
    message: (d: { user: string; resourceType: string; resource: string }) =>
      `Something on ${d.resourceType} "${d.resource}" was granted to "${d.user}" already. Update that grant.`,
  },
  AUTH_ROLE_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { role: string | number }) => `There is no role "${d.role}". List them with: trimtab role list`,
  },
  AUTH_ROLE_EXISTS: {
    kind: 'conflict',
    message: (d: { role: string; workspace: string }) =>
      `A role "${d.role}" exists already in workspace "${d.workspace}". Choose another name.`,
  },
  AUTH_ROLE_NAME_INVALID: {
    kind: 'invalid',
    message: (d: { role: string }) =>
      `"${d.role}" cannot be the name of a role: use 1 to 256 signs, without slashes, control characters, or spaces at the ends.`,
  },
  AUTH_RULE_INVALID: {
    kind: 'invalid',
    message: (d: { resource: string }) =>
      `A rule on the workspace is about all of it: its resource is *, not "${d.resource}".`,
  },
  AUTH_RULE_EXISTS: {
    kind: 'conflict',
    message: (d: { role: string | number; resourceType: string; resource: string }) =>
      `Role "${d.role}" has a rule on ${d.resourceType} "${d.resource}" already. Update that rule.`,
  },
  AUTH_RULE_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { rule: string | number }) => `There is no rule "${d.rule}" of a role.`,
  },
  AUTH_ROLE_MEMBER_EXISTS: {
    kind: 'conflict',
    message: (d: { user: string; role: string | number }) => `"${d.user}" is a member of role "${d.role}" already.`,
  },
  AUTH_ROLE_MEMBER_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { user: string; role: string | number }) => `"${d.user}" is no member of role "${d.role}".`,
  },
});
