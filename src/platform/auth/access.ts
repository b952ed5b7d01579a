import type { Principal } from '#platform/http';
import { authErrors } from './errors.ts';
import {
  atLeast,
  DEFAULT_WORKSPACE,
  type Grant,
  higherOf,
  type Permission,
  type ResourceType,
  type Role,
  type User,
} from './model.ts';

export interface AccessFacts {
  readonly user: User;
  readonly grants: readonly Grant[];
  readonly roles: readonly Role[];
  readonly defaultPermission: Permission;
}

/**
 * What one caller may do. A grant to the user himself and the rules of his roles are put together and the higher one
 * counts; where neither says anything, the server's default permission does. Administrators may do everything.
 */
export class Access {
  /** Whoever may do everything without being a user: the operator's token, or anybody at a server without users. */
  static readonly everything = new Access(undefined, true);
  /** A caller nobody has looked at. */
  static readonly nothing = new Access(undefined, false);

  readonly user: User | undefined;
  readonly mayEverything: boolean;
  readonly #grants: ReadonlyMap<string, Permission>;
  readonly #rules: ReadonlyMap<string, Permission>;
  readonly #default: Permission;
  readonly #roles: readonly Role[];

  private constructor(facts: AccessFacts | undefined, everything: boolean) {
    this.user = facts?.user;
    this.mayEverything = everything;
    this.#default = facts?.defaultPermission ?? 'NO_PERMISSIONS';
    this.#roles = facts?.roles ?? [];
    this.#grants = new Map((facts?.grants ?? []).map((grant) => [keyOf(grant), grant.permission]));
    const rules = new Map<string, Permission>();
    for (const role of this.#roles.filter(({ workspace }) => workspace === DEFAULT_WORKSPACE)) {
      for (const rule of role.rules) {
        const key = keyOf(rule);
        rules.set(key, higherOf(rule.permission, rules.get(key) ?? 'NO_PERMISSIONS'));
      }
    }
    this.#rules = rules;
  }

  static of(facts: AccessFacts): Access {
    return new Access(facts, facts.user.isAdmin);
  }

  /** What the caller has on a resource. `workspace` with `*` asks for what he has on everything. */
  permissionOn(resourceType: ResourceType, resource: string): Permission {
    if (this.mayEverything) return 'MANAGE';
    const own = this.#grants.get(keyOf({ resourceType, resource }));
    const ruled = [
      this.#rules.get(keyOf({ resourceType: 'workspace', resource: '*' })),
      this.#rules.get(keyOf({ resourceType, resource: '*' })),
      this.#rules.get(keyOf({ resourceType, resource })),
    ].reduce<Permission>((best, rule) => higherOf(best, rule ?? 'NO_PERMISSIONS'), 'NO_PERMISSIONS');
    if (ruled !== 'NO_PERMISSIONS') return higherOf(ruled, own ?? 'NO_PERMISSIONS');
    return own ?? this.#default;
  }

  may(needed: Permission, resourceType: ResourceType, resource: string): boolean {
    return atLeast(this.permissionOn(resourceType, resource), needed);
  }

  /** True when the caller sees every resource of a kind, so that answers need not be looked through. */
  readsAll(resourceType: ResourceType): boolean {
    if (this.mayEverything) return true;
    const all = [{ resourceType: 'workspace', resource: '*' } as const, { resourceType, resource: '*' }];
    if (all.some((target) => atLeast(this.#rules.get(keyOf(target)) ?? 'NO_PERMISSIONS', 'READ'))) return true;
    const less = [...this.#grants].some(
      ([key, grant]) => key.startsWith(`${resourceType}/`) && !atLeast(grant, 'READ'),
    );
    return atLeast(this.#default, 'READ') && !less;
  }

  /** @throws AUTH_FORBIDDEN */
  demand(needed: Permission, resourceType: ResourceType, resource: string): void {
    if (this.may(needed, resourceType, resource)) return;
    const what = resourceType === 'workspace' ? 'the workspace' : `${resourceType} "${resource}"`;
    throw authErrors.AUTH_FORBIDDEN({ user: this.name, permission: needed, resource: what });
  }

  /** @throws AUTH_ADMIN_ONLY */
  demandAdmin(what: string): void {
    if (!this.mayEverything) throw authErrors.AUTH_ADMIN_ONLY({ user: this.name, what });
  }

  /** True for one who may make roles in a workspace: an administrator, or by a role with MANAGE on all of it. */
  managesWorkspace(workspace: string): boolean {
    if (this.mayEverything) return true;
    const rules = this.#roles.filter((role) => role.workspace === workspace).flatMap((role) => role.rules);
    return rules.some(({ resourceType, permission }) => resourceType === 'workspace' && permission === 'MANAGE');
  }

  hasRoleIn(workspace: string): boolean {
    return this.mayEverything || this.#roles.some((role) => role.workspace === workspace);
  }

  get name(): string {
    return this.user?.name ?? 'who asks';
  }
}

/** A principal of whom it is known what he may do. */
export interface SignedIn extends Principal {
  readonly access: Access;
  /** The token he came with, when it was one of a user. */
  readonly tokenId?: string;
}

/** What a principal may do; nothing unless somebody looked. */
export function accessOf(principal: Principal): Access {
  const { access } = principal as Partial<SignedIn>;
  return access ?? Access.nothing;
}

function keyOf(target: { readonly resourceType: ResourceType; readonly resource: string }): string {
  return `${target.resourceType}/${target.resource}`;
}
