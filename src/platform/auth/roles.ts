import type { Sql } from '#platform/sql';
import { authErrors } from './errors.ts';
import type { Permission, Role, RoleMember, RoleRule } from './model.ts';
import { type AuthRoom, changing, userNamed } from './room.ts';

export interface NewRole {
  readonly workspace: string;
  readonly name: string;
  readonly description: string | null;
}

export type NewRule = Pick<RoleRule, 'roleId' | 'resourceType' | 'resource' | 'permission'>;

const NAME = /^(?!\s)[^\p{Cc}/]{1,256}(?<!\s)$/u;

/** Verbs of roles: rules that count for all members. Roles belong to a workspace; there is one with resources in it. */
export function roleVerbs(room: AuthRoom) {
  const { roles } = room;
  const { pointerLog } = room.options;

  function record(
    tx: Sql,
    role: Role,
    move: { actor: string; from: string | null; to: string | null; reason: string },
  ) {
    return pointerLog.record(tx, { ...move, pointer: `role:${role.workspace}/${role.name}` });
  }

  /** @throws AUTH_ROLE_EXISTS, AUTH_ROLE_NAME_INVALID */
  async function createRole(role: NewRole, actor: string): Promise<Role> {
    assertRoleName(role.name);
    return changing(room, async (tx) => {
      const id = await roles.insert(tx, role);
      if (id === undefined) throw authErrors.AUTH_ROLE_EXISTS({ role: role.name, workspace: role.workspace });
      const made = { ...role, id, rules: [] };
      await record(tx, made, { actor, from: null, to: 'no rules', reason: 'The role was made.' });
      return made;
    });
  }

  /** @throws AUTH_ROLE_NOT_FOUND */
  async function getRole(id: number, tx?: Sql): Promise<Role> {
    const [role] = await roles.list({ id }, tx);
    if (!role) throw authErrors.AUTH_ROLE_NOT_FOUND({ role: id });
    return role;
  }

  /** @throws AUTH_ROLE_NOT_FOUND */
  async function getRoleNamed(workspace: string, name: string): Promise<Role> {
    const [role] = await roles.list({ workspace, name });
    if (!role) throw authErrors.AUTH_ROLE_NOT_FOUND({ role: name });
    return role;
  }

  /** @throws AUTH_ROLE_NOT_FOUND, AUTH_ROLE_EXISTS, AUTH_ROLE_NAME_INVALID */
  async function updateRole(id: number, to: { name?: string; description?: string }, actor: string): Promise<Role> {
    if (to.name !== undefined) assertRoleName(to.name);
    return changing(room, async (tx) => {
      const present = await getRole(id, tx);
      const next = { name: to.name ?? present.name, description: to.description ?? present.description };
      const { workspace } = present;
      const taken = await roles.list({ workspace, name: next.name }, tx);
      if (taken.some((other) => other.id !== id)) {
        throw authErrors.AUTH_ROLE_EXISTS({ role: next.name, workspace });
      }
      await roles.update(tx, id, next);
      await record(tx, present, { actor, from: present.name, to: next.name, reason: 'The role was described anew.' });
      return { ...present, ...next };
    });
  }

  /** @throws AUTH_ROLE_NOT_FOUND */
  async function deleteRole(id: number, actor: string): Promise<void> {
    await changing(room, async (tx) => {
      const present = await getRole(id, tx);
      await roles.delete(tx, id);
      await record(tx, present, {
        actor,
        from: rulesInWords(present.rules),
        to: null,
        reason: 'The role was deleted.',
      });
    });
  }

  /** @throws AUTH_ROLE_NOT_FOUND, AUTH_RULE_INVALID, AUTH_RULE_EXISTS */
  async function addRule(rule: NewRule, actor: string): Promise<RoleRule> {
    const { roleId, resourceType, resource, permission } = rule;
    if (resourceType === 'workspace' && resource !== '*') throw authErrors.AUTH_RULE_INVALID({ resource });
    return changing(room, async (tx) => {
      const role = await getRole(roleId, tx);
      const id = await roles.insertRule(tx, rule, permission);
      if (id === undefined) throw authErrors.AUTH_RULE_EXISTS({ role: role.name, resourceType, resource });
      const made = { ...rule, id };
      await recordRules(tx, role, [...role.rules, made], actor);
      return made;
    });
  }

  /** @throws AUTH_RULE_NOT_FOUND */
  async function getRule(id: number): Promise<RoleRule> {
    const rule = await roles.findRule(id);
    if (!rule) throw authErrors.AUTH_RULE_NOT_FOUND({ rule: id });
    return rule;
  }

  /** @throws AUTH_RULE_NOT_FOUND */
  async function updateRule(id: number, permission: Permission, actor: string): Promise<RoleRule> {
    const rule = await getRule(id);
    return changing(room, async (tx) => {
      const role = await getRole(rule.roleId, tx);
      const next = { ...rule, permission };
      await roles.updateRule(tx, id, permission);
      await recordRules(
        tx,
        role,
        role.rules.map((other) => (other.id === id ? next : other)),
        actor,
      );
      return next;
    });
  }

  /** @throws AUTH_RULE_NOT_FOUND */
  async function removeRule(id: number, actor: string): Promise<void> {
    const rule = await getRule(id);
    await changing(room, async (tx) => {
      const role = await getRole(rule.roleId, tx);
      await roles.deleteRule(tx, id);
      await recordRules(
        tx,
        role,
        role.rules.filter((other) => other.id !== id),
        actor,
      );
    });
  }

  function recordRules(tx: Sql, role: Role, next: readonly RoleRule[], actor: string): Promise<void> {
    const [from, to] = [rulesInWords(role.rules), rulesInWords(next)];
    return record(tx, role, { actor, from, to, reason: 'The rules of the role were changed.' });
  }

  /** @throws AUTH_USER_NOT_FOUND, AUTH_ROLE_NOT_FOUND, AUTH_ROLE_MEMBER_EXISTS */
  function assignRole(user: string, roleId: number, actor: string): Promise<RoleMember> {
    return changing(room, async (tx) => {
      const { id: userId } = await userNamed(room, user, tx);
      const role = await getRole(roleId, tx);
      const id = await roles.insertMember(tx, userId, roleId);
      if (id === undefined) throw authErrors.AUTH_ROLE_MEMBER_EXISTS({ user, role: role.name });
      await record(tx, role, { actor, from: null, to: `member ${user}`, reason: 'A user became a member.' });
      return { id, userId, user, roleId };
    });
  }

  /** @throws AUTH_USER_NOT_FOUND, AUTH_ROLE_NOT_FOUND, AUTH_ROLE_MEMBER_NOT_FOUND */
  async function unassignRole(user: string, roleId: number, actor: string): Promise<void> {
    await changing(room, async (tx) => {
      const { id: userId } = await userNamed(room, user, tx);
      const role = await getRole(roleId, tx);
      if (!(await roles.deleteMember(tx, userId, roleId))) {
        throw authErrors.AUTH_ROLE_MEMBER_NOT_FOUND({ user, role: role.name });
      }
      await record(tx, role, { actor, from: `member ${user}`, to: null, reason: 'A user ceased to be a member.' });
    });
  }

  return {
    createRole,
    getRole,
    getRoleNamed,
    updateRole,
    deleteRole,
    addRule,
    getRule,
    updateRule,
    removeRule,
    assignRole,
    unassignRole,
    listRoles: (workspace?: string): Promise<readonly Role[]> =>
      roles.list(workspace === undefined ? {} : { workspace }),
    listRolesOf: async (user: string): Promise<readonly Role[]> =>
      roles.list({ userId: (await userNamed(room, user)).id }),
    /** @throws AUTH_ROLE_NOT_FOUND */
    listMembers: async (roleId: number): Promise<readonly RoleMember[]> => {
      await getRole(roleId);
      return roles.listMembers(roleId);
    },
  };
}

function assertRoleName(role: string): void {
  if (!NAME.test(role)) throw authErrors.AUTH_ROLE_NAME_INVALID({ role: role.slice(0, 256) });
}

function rulesInWords(rules: readonly RoleRule[]): string {
  const words = rules.map((rule) => `${rule.permission} on ${rule.resourceType} ${rule.resource}`);
  return words.length === 0 ? 'no rules' : words.join(', ');
}
