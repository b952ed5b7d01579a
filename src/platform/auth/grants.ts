import type { Sql } from '#platform/sql';
import { authErrors } from './errors.ts';
import type { Grant, Permission, ResourceType } from './model.ts';
import { type AuthRoom, changing, userNamed } from './room.ts';

export interface GrantTarget {
  readonly user: string;
  readonly resourceType: ResourceType;
  readonly resource: string;
}

/** Verbs of what single users were granted on single resources. */
export function grantVerbs(room: AuthRoom) {
  const { grants } = room;
  const { pointerLog } = room.options;

  function record(tx: Sql, target: GrantTarget, move: Omit<Move, 'pointer'>): Promise<void> {
    const pointer = `grant:${target.user}/${target.resourceType}/${target.resource}`;
    return pointerLog.record(tx, { ...move, pointer });
  }

  /** @throws AUTH_USER_NOT_FOUND, AUTH_GRANT_EXISTS */
  function createGrant(target: GrantTarget, permission: Permission, actor: string): Promise<Grant> {
    return changing(room, async (tx) => {
      const { id: userId } = await userNamed(room, target.user, tx);
      const grant = { ...target, userId, permission };
      if (!(await grants.insert(tx, grant, permission))) throw authErrors.AUTH_GRANT_EXISTS({ ...target });
      await record(tx, target, { actor, from: null, to: permission, reason: 'A permission was granted.' });
      return grant;
    });
  }

  /** @throws AUTH_USER_NOT_FOUND, AUTH_GRANT_NOT_FOUND */
  async function getGrant(target: GrantTarget, tx?: Sql): Promise<Grant> {
    const { id: userId } = await userNamed(room, target.user, tx);
    const { resourceType, resource } = target;
    const [grant] = await grants.list({ userId, resourceType, resource }, tx);
    if (!grant) throw authErrors.AUTH_GRANT_NOT_FOUND({ ...target });
    return grant;
  }

  /** @throws AUTH_USER_NOT_FOUND, AUTH_GRANT_NOT_FOUND */
  function updateGrant(target: GrantTarget, permission: Permission, actor: string): Promise<Grant> {
    return changing(room, async (tx) => {
      const present = await getGrant(target, tx);
      if (present.permission === permission) return present;
      await grants.update(tx, present, permission);
      await record(tx, target, {
        actor,
        from: present.permission,
        to: permission,
        reason: 'A permission was changed.',
      });
      return { ...present, permission };
    });
  }

  /** Grants, in place of what was granted. @throws AUTH_USER_NOT_FOUND */
  async function putGrant(target: GrantTarget, permission: Permission, actor: string): Promise<Grant> {
    const { id: userId } = await userNamed(room, target.user);
    const { resourceType, resource } = target;
    const present = await grants.list({ userId, resourceType, resource });
    return present.length > 0 ? updateGrant(target, permission, actor) : createGrant(target, permission, actor);
  }

  /** @throws AUTH_USER_NOT_FOUND, AUTH_GRANT_NOT_FOUND */
  async function deleteGrant(target: GrantTarget, actor: string): Promise<void> {
    await changing(room, async (tx) => {
      const present = await getGrant(target, tx);
      await grants.delete(tx, present);
      await record(tx, target, { actor, from: present.permission, to: null, reason: 'A permission was taken back.' });
    });
  }

  async function listGrants(filter: Partial<GrantTarget>): Promise<readonly Grant[]> {
    const { user, resourceType, resource } = filter;
    const userId = user === undefined ? undefined : (await userNamed(room, user)).id;
    return grants.list({ userId, resourceType, resource });
  }

  /** MANAGE for who made a resource. One that existed before stays as it is. */
  async function grantToMaker(target: GrantTarget, actor: string): Promise<void> {
    try {
      await createGrant(target, 'MANAGE', actor);
    } catch (error) {
      if ((error as { code?: string }).code !== 'AUTH_GRANT_EXISTS') throw error;
    }
  }

  return {
    createGrant,
    getGrant,
    updateGrant,
    putGrant,
    deleteGrant,
    listGrants,
    grantToMaker,
    /** Everybody's grants go with a resource whose name may be given again. */
    dropGrantsOn: (resourceType: ResourceType, resource: string): Promise<void> =>
      changing(room, (tx) => grants.deleteOf(tx, resourceType, resource)),
    renameGrantsOn: (resourceType: ResourceType, from: string, to: string): Promise<void> =>
      changing(room, (tx) => grants.rename(tx, resourceType, from, to)),
  };
}

interface Move {
  readonly pointer: string;
  readonly actor: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly reason: string;
}
