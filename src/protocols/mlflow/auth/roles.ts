import {
  type Access,
  type Auth,
  accessOf,
  authErrors,
  isResourceType,
  RESOURCE_TYPES,
  type ResourceType,
  type Role,
  type RoleMember,
  type RoleRule,
} from '#platform/auth';
import { isTrimtabError } from '#platform/kernel';
import { endpoint, type MlflowCall, type MlflowEndpoint } from '../endpoint.ts';
import { invalid } from '../errors.ts';
import type { Message } from '../message.ts';
import { permissionIn } from './permissions.ts';

/** MLflow's calls about roles. Each asks by itself who may call it: who manages the role's workspace, mostly. */
export function roleEndpoints(auth: Auth): readonly MlflowEndpoint[] {
  return [...ofRoles(auth), ...ofRules(auth), ...ofMembers(auth)];
}

function ofRoles(auth: Auth): readonly MlflowEndpoint[] {
  return [
    endpoint('POST', '/3.0/mlflow/roles/create', async ({ message, principal }) => {
      const [name, workspace] = [message.requiredText('name'), message.requiredText('workspace')];
      demand(accessOf(principal), (access) => access.managesWorkspace(workspace), workspace);
      const description = message.text('description') ?? null;
      return { role: roleJson(await auth.createRole({ name, workspace, description }, principal.id)) };
    }),
    endpoint('GET', '/3.0/mlflow/roles/get', async (call) => ({ role: roleJson(await viewed(auth, call)) })),
    endpoint('GET', '/3.0/mlflow/roles/list', async ({ message, principal }) => {
      const workspace = message.text('workspace');
      if (workspace?.trim() === '') {
        throw invalid("Parameter 'workspace' must be a non-empty string when provided.");
      }
      const seen = (access: Access) => (workspace === undefined ? access.mayEverything : access.hasRoleIn(workspace));
      demand(accessOf(principal), seen, workspace ?? '*');
      return { roles: (await auth.listRoles(workspace)).map(roleJson) };
    }),
    endpoint('PATCH', '/3.0/mlflow/roles/update', async (call) => {
      const { id } = await managed(auth, call);
      const [name, description] = [call.message.text('name'), call.message.text('description')];
      if (name === undefined && description === undefined) {
        throw invalid("At least one of 'name' or 'description' must be provided to update a role.");
      }
      const to = { ...(name === undefined ? {} : { name }), ...(description === undefined ? {} : { description }) };
      return { role: roleJson(await auth.updateRole(id, to, call.principal.id)) };
    }),
    endpoint('DELETE', '/3.0/mlflow/roles/delete', async (call) => {
      await auth.deleteRole((await managed(auth, call)).id, call.principal.id);
      return {};
    }),
  ];
}

function ofRules(auth: Auth): readonly MlflowEndpoint[] {
  return [
    endpoint('POST', '/3.0/mlflow/roles/permissions/add', async (call) => {
      const { id: roleId } = await managed(auth, call);
      const resource = call.message.requiredText('resource_pattern');
      const [resourceType, permission] = [resourceTypeIn(call.message), permissionIn(call.message)];
      const rule = await auth.addRule({ roleId, resourceType, resource, permission }, call.principal.id);
      return { role_permission: ruleJson(rule) };
    }),
    endpoint('DELETE', '/3.0/mlflow/roles/permissions/remove', async (call) => {
      await auth.removeRule((await managedRule(auth, call)).id, call.principal.id);
      return {};
    }),
    endpoint('GET', '/3.0/mlflow/roles/permissions/list', async (call) => ({
      role_permissions: (await viewed(auth, call)).rules.map(ruleJson),
    })),
    endpoint('PATCH', '/3.0/mlflow/roles/permissions/update', async (call) => {
      const { id } = await managedRule(auth, call);
      return { role_permission: ruleJson(await auth.updateRule(id, permissionIn(call.message), call.principal.id)) };
    }),
  ];
}

function ofMembers(auth: Auth): readonly MlflowEndpoint[] {
  return [
    endpoint('POST', '/3.0/mlflow/roles/assign', async (call) => {
      const { id } = await managed(auth, call);
      const member = await auth.assignRole(call.message.requiredText('username'), id, call.principal.id);
      return { assignment: memberJson(member) };
    }),
    endpoint('DELETE', '/3.0/mlflow/roles/unassign', async (call) => {
      const { id } = await managed(auth, call);
      await auth.unassignRole(call.message.requiredText('username'), id, call.principal.id);
      return {};
    }),
    endpoint('GET', '/3.0/mlflow/roles/users/list', async (call) => {
      const { id } = await managed(auth, call);
      return { assignments: (await auth.listMembers(id)).map(memberJson) };
    }),
    endpoint('GET', '/3.0/mlflow/users/roles/list', async ({ message, principal }) => {
      const name = message.requiredText('username');
      const access = accessOf(principal);
      if (access.mayEverything || access.user?.name === name) {
        return { roles: (await auth.listRolesOf(name)).map(roleJson) };
      }
      // Whether there is such a user is not told to who may not know.
      const roles = (await auth.findUser(name)) ? await auth.listRolesOf(name) : [];
      const seen = roles.filter(({ workspace }) => access.managesWorkspace(workspace));
      demand(access, () => seen.length > 0, '*');
      return { roles: seen.map(roleJson) };
    }),
  ];
}

async function managed(auth: Auth, call: MlflowCall): Promise<Role> {
  return roleFor(auth, call, whole(call.message, 'role_id'), (access, role) => access.managesWorkspace(role.workspace));
}

async function viewed(auth: Auth, call: MlflowCall): Promise<Role> {
  return roleFor(auth, call, whole(call.message, 'role_id'), (access, role) => access.hasRoleIn(role.workspace));
}

async function managedRule(auth: Auth, call: MlflowCall): Promise<RoleRule> {
  const id = whole(call.message, 'role_permission_id');
  const access = accessOf(call.principal);
  const rule = await known(access, () => auth.getRule(id));
  await roleFor(auth, call, rule.roleId, (who, role) => who.managesWorkspace(role.workspace));
  return rule;
}

type Test = (access: Access, role: Role) => boolean;

async function roleFor(auth: Auth, { principal }: MlflowCall, id: number, test: Test): Promise<Role> {
  const access = accessOf(principal);
  const role = await known(access, () => auth.getRole(id));
  demand(access, () => test(access, role), role.workspace);
  return role;
}

/** Whether there is such a thing is told to administrators alone. */
async function known<Thing>(access: Access, find: () => Promise<Thing>): Promise<Thing> {
  try {
    return await find();
  } catch (error) {
    if (isTrimtabError(error) && error.kind === 'not-found') demand(access, () => access.mayEverything, '*');
    throw error;
  }
}

function demand(access: Access, test: (access: Access) => boolean, workspace: string): void {
  if (test(access)) return;
  const resource = `workspace "${workspace}"`;
  throw authErrors.AUTH_FORBIDDEN({ user: access.name, permission: 'MANAGE', resource });
}

function whole(message: Message, name: string): number {
  const value = message.raw(name);
  if (value === undefined) throw message.missing(name);
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && Math.abs(number) < 2 ** 31) return number;
  throw invalid(`Parameter '${name}' must be an integer. Got: ${JSON.stringify(value)?.slice(0, 100)}`);
}

function resourceTypeIn(message: Message): ResourceType {
  const type = message.requiredText('resource_type');
  if (isResourceType(type)) return type;
  const valid = [...RESOURCE_TYPES].sort().map((name) => `'${name}'`);
  throw invalid(`Invalid resource type '${type}'. Valid resource types are: (${valid.join(', ')})`);
}

function roleJson({ id, name, workspace, description, rules }: Role) {
  return { id, name, workspace, description, permissions: rules.map(ruleJson) };
}

function ruleJson({ id, roleId, resourceType, resource, permission }: RoleRule) {
  return { id, role_id: roleId, resource_type: resourceType, resource_pattern: resource, permission };
}

function memberJson({ id, userId, roleId }: RoleMember) {
  return { id, user_id: userId, role_id: roleId };
}
