import { authErrors } from './errors.ts';
import type { User } from './model.ts';
import { type AuthRoom, changing, userNamed } from './room.ts';

export interface NewUser {
  readonly name: string;
  readonly password: string;
  readonly isAdmin?: boolean;
}

const MIN_PASSWORD_LENGTH = 12;
// A colon ends the name in Basic credentials.
const NAME = /^(?!\s)[^\p{Cc}:/]{1,256}(?<!\s)$/u;

/** Verbs of users. */
export function userVerbs(room: AuthRoom) {
  const { passwords, users, tokens } = room;
  const { pointerLog, clock } = room.options;

  /** @throws AUTH_USER_EXISTS, AUTH_USER_NAME_INVALID, AUTH_PASSWORD_WEAK */
  async function createUser({ name, password, isAdmin = false }: NewUser, actor: string): Promise<User> {
    if (!NAME.test(name)) throw authErrors.AUTH_USER_NAME_INVALID({ user: name.slice(0, 256) });
    assertStrong(password);
    const passwordHash = await passwords.hash(password);
    return changing(room, async (tx) => {
      if (!(await users.insert(tx, { name, passwordHash, isAdmin, nowMs: clock.now() }))) {
        throw authErrors.AUTH_USER_EXISTS({ user: name });
      }
      const to = isAdmin ? 'administrator' : 'user';
      await pointerLog.record(tx, { actor, pointer: `user:${name}`, from: null, to, reason: 'The user was made.' });
      return userNamed(room, name, tx);
    });
  }

  /** Like {@link createUser}; a user who exists with this very password and standing is answered instead of refused. */
  async function ensureUser(user: NewUser, actor: string): Promise<User> {
    try {
      return await createUser(user, actor);
    } catch (error) {
      const present = await users.find(user.name);
      const same = present?.isAdmin === (user.isAdmin ?? false);
      if (present && same && (await passwords.matches(user.password, present.passwordHash))) return present;
      throw error;
    }
  }

  /**
   * Sets a password and ends the sessions of the user. Who changes his own has to know the present one.
   *
   * @throws AUTH_USER_NOT_FOUND, AUTH_PASSWORD_WEAK, AUTH_CURRENT_PASSWORD_MISSING, AUTH_CURRENT_PASSWORD_WRONG
   */
  async function setPassword(change: PasswordChange, actor: string): Promise<void> {
    const { name, password, own, currentPassword } = change;
    const user = await userNamed(room, name);
    if (own) {
      if (!currentPassword) throw authErrors.AUTH_CURRENT_PASSWORD_MISSING({});
      if (!(await passwords.matches(currentPassword, user.passwordHash))) {
        throw authErrors.AUTH_CURRENT_PASSWORD_WRONG({});
      }
    }
    assertStrong(password);
    const passwordHash = await passwords.hash(password);
    await changing(room, async (tx) => {
      const { id, passwordRevision } = await userNamed(room, name, tx);
      await users.setPassword(tx, id, passwordHash, clock.now());
      await tokens.deleteSessions(tx, id);
      const [from, to] = [`password ${passwordRevision}`, `password ${passwordRevision + 1}`];
      const reason = 'The password was changed; sessions of the user ended.';
      await pointerLog.record(tx, { actor, pointer: `user:${name}`, from, to, reason });
    });
  }

  /** @throws AUTH_USER_NOT_FOUND, AUTH_LAST_ADMIN */
  function setAdmin(name: string, isAdmin: boolean, actor: string): Promise<User> {
    return changing(room, async (tx) => {
      const user = await userNamed(room, name, tx);
      if (user.isAdmin === isAdmin) return user;
      if (!isAdmin && (await users.countAdmins(tx)) === 1) throw authErrors.AUTH_LAST_ADMIN({ user: name });
      await users.setAdmin(tx, user.id, isAdmin);
      const [from, to] = isAdmin ? ['user', 'administrator'] : ['administrator', 'user'];
      const reason = `The user became ${isAdmin ? 'an administrator' : 'a plain user'}.`;
      await pointerLog.record(tx, { actor, pointer: `user:${name}`, from, to, reason });
      return userNamed(room, name, tx);
    });
  }

  /** @throws AUTH_USER_NOT_FOUND, AUTH_LAST_ADMIN */
  async function deleteUser(name: string, actor: string): Promise<void> {
    await changing(room, async (tx) => {
      const { id, isAdmin } = await userNamed(room, name, tx);
      if (isAdmin && (await users.countAdmins(tx)) === 1) throw authErrors.AUTH_LAST_ADMIN({ user: name });
      await users.delete(tx, id);
      const from = isAdmin ? 'administrator' : 'user';
      const reason = 'The user was deleted, with tokens, grants and memberships.';
      await pointerLog.record(tx, { actor, pointer: `user:${name}`, from, to: null, reason });
    });
  }

  return {
    createUser,
    ensureUser,
    setPassword,
    setAdmin,
    deleteUser,
    getUser: (name: string): Promise<User> => userNamed(room, name),
    findUser: (name: string): Promise<User | undefined> => users.find(name),
    listUsers: (): Promise<readonly User[]> => users.list(),
    hasUsers: async (): Promise<boolean> => !(await users.isEmpty()),
  };
}

export interface PasswordChange {
  readonly name: string;
  readonly password: string;
  /** True when the user changes his own. */
  readonly own: boolean;
  readonly currentPassword?: string | undefined;
}

function assertStrong(password: string): void {
  if (password.length < MIN_PASSWORD_LENGTH) throw authErrors.AUTH_PASSWORD_WEAK({ minLength: MIN_PASSWORD_LENGTH });
}
