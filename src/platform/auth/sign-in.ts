import { Buffer } from 'node:buffer';
import type { SignedIn } from './access.ts';
import { authErrors } from './errors.ts';
import type { User } from './model.ts';
import { Refusals } from './refusals.ts';
import { type AuthRoom, changing } from './room.ts';
import { credentialNamer, digestOf } from './secret.ts';
import type { Snapshot } from './snapshots.ts';

/** Credentials that were found good, and what they were found good by. */
interface Known {
  readonly userId: number;
  readonly passwordRevision?: number;
  readonly tokenId?: string;
  usedAtMs: number;
}

const MOST_KNOWN = 10_000;
const NOTE_USE_MS = 300_000;

/**
 * Tells who sends a request from its `Authorization` header: Basic with a name and a password, or Bearer with a token.
 * A password is hashed once; from then on the same credentials are known by a digest until the user, his password or
 * the token changes.
 */
export function signIn(room: AuthRoom) {
  const { options, snapshots, passwords, users, tokens } = room;
  const { clock } = options;
  const nameOf = credentialNamer();
  const known = new Map<string, Known>();
  const underWay = new Map<string, Promise<Known>>();
  const refusals = new Refusals({
    clock,
    wait: options.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms))),
    onMany: ({ user, address, count }) =>
      changing(room, (tx) =>
        options.pointerLog.record(tx, {
          actor: `somebody at ${address}`,
          pointer: `user:${user}`,
          from: null,
          to: 'sign-in refused',
          reason: `${count} sign-ins in a row were refused.`,
        }),
      ),
  });

  /**
   * @param address where the request comes from, to slow down who guesses
   * @throws AUTH_REQUIRED, AUTH_SIGN_IN_REFUSED, AUTH_SIGN_IN_BUSY
   */
  function identify(authorization: string | undefined, address: string): SignedIn | Promise<SignedIn> {
    if (!authorization) throw authErrors.AUTH_REQUIRED({});
    const name = nameOf(authorization);
    const entry = known.get(name);
    if (!entry) return recognise(name, authorization, address);
    const snapshot = snapshots.fresh(entry.userId);
    if (!snapshot || (entry.tokenId && clock.now() - entry.usedAtMs > NOTE_USE_MS)) return lookAgain(name, entry);
    return principalOf(name, entry, snapshot);
  }

  function principalOf(name: string, entry: Known, snapshot: Snapshot | undefined): SignedIn {
    if (!snapshot || !stillGood(entry, snapshot)) {
      known.delete(name);
      throw authErrors.AUTH_SIGN_IN_REFUSED({});
    }
    const { user, access } = snapshot;
    const principal = { id: `user:${user.name}`, access };
    return entry.tokenId === undefined ? principal : { ...principal, tokenId: entry.tokenId };
  }

  function stillGood(entry: Known, { user, tokens: live }: Snapshot): boolean {
    if (entry.tokenId === undefined) return entry.passwordRevision === user.passwordRevision;
    const endsAtMs = live.get(entry.tokenId);
    return endsAtMs === null || (endsAtMs !== undefined && clock.now() < endsAtMs);
  }

  async function lookAgain(name: string, entry: Known): Promise<SignedIn> {
    if (entry.tokenId && clock.now() - entry.usedAtMs > NOTE_USE_MS) {
      entry.usedAtMs = clock.now();
      await tokens.noteUse(entry.tokenId, entry.usedAtMs);
    }
    return principalOf(name, entry, snapshots.fresh(entry.userId) ?? (await snapshots.read(entry.userId)));
  }

  async function recognise(name: string, authorization: string, address: string): Promise<SignedIn> {
    // Eight processes that start with one password have it checked once.
    const checking = underWay.get(name) ?? check(authorization, address).finally(() => underWay.delete(name));
    underWay.set(name, checking);
    const entry = await checking;
    if (known.size >= MOST_KNOWN) known.delete(known.keys().next().value as string);
    known.set(name, entry);
    return principalOf(name, entry, snapshots.fresh(entry.userId) ?? (await snapshots.read(entry.userId)));
  }

  async function check(authorization: string, address: string): Promise<Known> {
    const [, scheme, given] = /^(basic|bearer)\s+(\S+)\s*$/i.exec(authorization) ?? [];
    if (scheme === undefined || given === undefined) throw authErrors.AUTH_REQUIRED({});
    if (scheme.toLowerCase() === 'bearer') return checkToken(given);
    const text = Buffer.from(given, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon < 0) throw authErrors.AUTH_REQUIRED({});
    const { id, passwordRevision } = await checkPassword(text.slice(0, colon), text.slice(colon + 1), address);
    return { userId: id, passwordRevision, usedAtMs: clock.now() };
  }

  /** A wrong token costs nothing to refuse and cannot be guessed, so nobody is slowed down for it. */
  async function checkToken(secret: string): Promise<Known> {
    const token = await tokens.findByDigest(digestOf(secret));
    if (!token) throw authErrors.AUTH_SIGN_IN_REFUSED({});
    await tokens.noteUse(token.id, clock.now());
    return { userId: token.userId, tokenId: token.id, usedAtMs: clock.now() };
  }

  /** @throws AUTH_SIGN_IN_REFUSED, AUTH_SIGN_IN_BUSY */
  async function checkPassword(name: string, password: string, address: string): Promise<User> {
    const user = await refusals.attempt({ user: name, address }, async () => {
      const found = await users.find(name);
      return (await passwords.matches(password, found?.passwordHash)) ? found : undefined;
    });
    if (!user) throw authErrors.AUTH_SIGN_IN_REFUSED({});
    return user;
  }

  return { identify, checkPassword };
}
