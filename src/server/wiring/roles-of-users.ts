import { type Auth, DEFAULT_WORKSPACE } from '#platform/auth';
import { isTrimtabError } from '#platform/kernel';

/** Roles of a principal that is a user, as `role:<name>`; others have none. */
export function rolesOfUsers(auth: Pick<Auth, 'listRolesOf'>) {
  return async (actor: string): Promise<readonly string[]> => {
    const name = /^user:(.+)$/.exec(actor)?.[1];
    if (name === undefined) return [];
    try {
      const roles = await auth.listRolesOf(name);
      return roles.filter(({ workspace }) => workspace === DEFAULT_WORKSPACE).map((role) => `role:${role.name}`);
    } catch (error) {
      if (isTrimtabError(error, 'AUTH_USER_NOT_FOUND')) return [];
      throw error;
    }
  };
}
