import { type Auth, accessOf, isPermission, PERMISSIONS, type Permission } from '#platform/auth';
import { endpoint, type MlflowCall, type MlflowEndpoint } from '../endpoint.ts';
import { invalid } from '../errors.ts';
import type { Message } from '../message.ts';
import { grantJson, PERMISSION_KINDS, type PermissionKind, resourceIn } from './permission-kinds.ts';

/** MLflow's calls by which who manages a resource grants permissions on it. Each asks by itself who may call it. */
export function permissionEndpoints(auth: Auth): readonly MlflowEndpoint[] {
  return PERMISSION_KINDS.flatMap((kind) => [
    endpoint('POST', `${kind.path}/create`, async (call) => {
      const target = targetOf(kind, call);
      const grant = await auth.createGrant(target, permissionIn(call.message), call.principal.id);
      return { [kind.answer]: grantJson(kind, grant) };
    }),
    endpoint('GET', `${kind.path}/get`, async (call) => ({
      [kind.answer]: grantJson(kind, await auth.getGrant(targetOf(kind, call))),
    })),
    endpoint('PATCH', `${kind.path}/update`, async (call) => {
      await auth.updateGrant(targetOf(kind, call), permissionIn(call.message), call.principal.id);
      return {};
    }),
    endpoint('DELETE', `${kind.path}/delete`, async (call) => {
      await auth.deleteGrant(targetOf(kind, call), call.principal.id);
      return {};
    }),
  ]);
}

/** Whom and what a call is about, which the caller has to manage. */
function targetOf(kind: PermissionKind, { message, principal }: MlflowCall) {
  const { resourceType } = kind;
  const resource = resourceIn(kind, message);
  accessOf(principal).demand('MANAGE', resourceType, resource);
  return { user: message.requiredText('username'), resourceType, resource };
}

export function permissionIn(message: Message): Permission {
  const permission = message.requiredText('permission');
  if (isPermission(permission)) return permission;
  const valid = PERMISSIONS.map((name) => `'${name}'`).join(', ');
  throw invalid(`Invalid permission '${permission}'. Valid permissions are: (${valid})`);
}
