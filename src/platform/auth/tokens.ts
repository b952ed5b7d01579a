import { assertName, newId } from '#platform/kernel';
import { authErrors } from './errors.ts';
import type { Token } from './model.ts';
import { type AuthRoom, changing, userNamed } from './room.ts';
import { digestOf, newSecret } from './secret.ts';

export interface NewToken {
  readonly user: string;
  readonly name: string;
  /** Days until it ends; undefined: it does not. */
  readonly expiresInDays?: number | undefined;
}

/** A token with its text, which is kept nowhere. */
export type IssuedToken = Token & { readonly secret: string };

const DAY_MS = 86_400_000;
const SESSION_MS = 12 * 3_600_000;

/** Verbs of tokens. Only a digest of a token's text is stored. */
export function tokenVerbs(room: AuthRoom) {
  const { tokens } = room;
  const { clock, rng, pointerLog } = room.options;

  /** @throws AUTH_TOKEN_EXISTS, AUTH_USER_NOT_FOUND, KERNEL_NAME_INVALID */
  async function createToken({ user, name, expiresInDays }: NewToken, actor: string): Promise<IssuedToken> {
    assertName('token', name);
    const [secret, id, createdAtMs] = [newSecret(), newId(clock, rng), clock.now()];
    const expiresAtMs = expiresInDays === undefined ? null : createdAtMs + expiresInDays * DAY_MS;
    return changing(room, async (tx) => {
      const { id: userId } = await userNamed(room, user, tx);
      const row = { id, kind: 'api', userId, name, digest: digestOf(secret), createdAtMs, expiresAtMs } as const;
      if (!(await tokens.insert(tx, row))) throw authErrors.AUTH_TOKEN_EXISTS({ user, name });
      const reason = expiresInDays === undefined ? 'A token without an end was made.' : 'A token was made.';
      await pointerLog.record(tx, { actor, pointer: `token:${user}/${name}`, from: null, to: id, reason });
      return { id, kind: 'api', name, userId, user, createdAtMs, expiresAtMs, lastUsedAtMs: null, secret };
    });
  }

  /** A session of a user who has shown that he is it. */
  async function openSession(user: { readonly id: number; readonly name: string }): Promise<IssuedToken> {
    const [secret, id, createdAtMs] = [newSecret(), newId(clock, rng), clock.now()];
    const expiresAtMs = createdAtMs + SESSION_MS;
    const row = { id, kind: 'session', userId: user.id, name: id, createdAtMs, expiresAtMs } as const;
    await changing(room, async (tx) => {
      await tokens.deleteExpiredSessions(tx, createdAtMs);
      await tokens.insert(tx, { ...row, digest: digestOf(secret) });
    });
    return { ...row, user: user.name, lastUsedAtMs: null, secret };
  }

  /** @throws AUTH_TOKEN_NOT_FOUND */
  async function getToken(id: string): Promise<Token> {
    const token = await tokens.find(id);
    if (!token) throw authErrors.AUTH_TOKEN_NOT_FOUND({ token: id });
    return token;
  }

  /** @throws AUTH_TOKEN_NOT_FOUND */
  async function revokeToken(id: string, actor: string): Promise<void> {
    const token = await getToken(id);
    await changing(room, async (tx) => {
      if (!(await tokens.delete(tx, id))) throw authErrors.AUTH_TOKEN_NOT_FOUND({ token: id });
      if (token.kind === 'session') return;
      const pointer = `token:${token.user}/${token.name}`;
      await pointerLog.record(tx, { actor, pointer, from: id, to: null, reason: 'The token was revoked.' });
    });
  }

  async function endSession(id: string): Promise<void> {
    await changing(room, (tx) => tokens.delete(tx, id));
  }

  /** Tokens for programs, of one user or of all. */
  async function listTokens(user?: string): Promise<readonly Token[]> {
    const all = await tokens.list(user === undefined ? undefined : (await userNamed(room, user)).id);
    return all.filter(({ kind }) => kind === 'api');
  }

  return { createToken, openSession, getToken, revokeToken, endSession, listTokens };
}
