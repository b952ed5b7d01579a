import { beforeEach, describe, expect, it } from 'vitest';
import { type Auth, accessOf, authMigrations, createAuth, type SignedIn } from '#platform/auth';
import { ManualClock, seededRng } from '#platform/kernel';
import { describeDatabases, type OpenDatabase } from '#testing/platform/sql';

const ADMIN = 'user:root';
const PASSWORD = 'correct horse battery';
const basic = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

interface Move {
  readonly actor: string;
  readonly pointer: string;
  readonly from: string | null;
  readonly to: string | null;
}

async function setUp(open: OpenDatabase) {
  const database = await open(authMigrations);
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const moves: Move[] = [];
  const waits: number[] = [];
  const make = (): Auth =>
    createAuth({
      database,
      clock,
      rng: seededRng(1),
      passwordCostLog2: 4,
      wait: async (ms) => void waits.push(ms),
      pointerLog: {
        record: async (_, { actor, pointer, from, to }) => void moves.push({ actor, pointer, from, to }),
      },
    });
  return { clock, moves, waits, make, auth: make() };
}

const who = async (auth: Auth, authorization: string | undefined): Promise<SignedIn> =>
  auth.identify(authorization, '10.0.0.1');

describeDatabases('users and what they may do', (open) => {
  let room: Awaited<ReturnType<typeof setUp>>;
  let auth: Auth;
  beforeEach(async () => {
    room = await setUp(open);
    auth = room.auth;
    await auth.createUser({ name: 'root', password: PASSWORD, isAdmin: true }, 'trimtab:start');
    await auth.createUser({ name: 'ann', password: PASSWORD }, ADMIN);
  });

  describe('signing in', () => {
    it('knows a user by name and password, and nobody by anything else', async () => {
      expect(await who(auth, basic('ann', PASSWORD))).toMatchObject({ id: 'user:ann' });
      for (const wrong of [
        basic('ann', `${PASSWORD} `),
        basic('ann', ''),
        basic('Ann', PASSWORD),
        basic('nobody', PASSWORD),
        'Bearer ttk_unknown',
      ]) {
        await expect(who(auth, wrong)).rejects.toMatchObject({ code: 'AUTH_SIGN_IN_REFUSED' });
      }
      for (const none of [undefined, '', 'Digest abc', 'Basic', `Basic ${Buffer.from('ann').toString('base64')}`]) {
        await expect(who(auth, none)).rejects.toMatchObject({ code: 'AUTH_REQUIRED', kind: 'unauthenticated' });
      }
    });

    it('takes a password as it is typed, composed or not, with colons and signs of every script', async () => {
      await auth.createUser({ name: 'jörg', password: 'ein:Geheimnis für zwölf' }, ADMIN);
      const decomposed = 'ein:Geheimnis für zwölf'.normalize('NFD');
      expect(await who(auth, basic('jörg', decomposed))).toMatchObject({ id: 'user:jörg' });
    });

    it('forgets what it knew of a user when his password changes, in other processes after two seconds', async () => {
      const other = room.make();
      const session = await auth.openSession(await auth.getUser('ann'));
      const token = await auth.createToken({ user: 'ann', name: 'ci' }, 'user:ann');
      const old = basic('ann', PASSWORD);
      const bearer = `Bearer ${session.secret}`;
      for (const process of [auth, other]) {
        await who(process, old);
        await who(process, bearer);
      }
      await auth.setPassword({ name: 'ann', password: 'another password', own: false }, ADMIN);
      await expect(who(auth, old)).rejects.toMatchObject({ code: 'AUTH_SIGN_IN_REFUSED' });
      await expect(who(auth, bearer)).rejects.toMatchObject({ code: 'AUTH_SIGN_IN_REFUSED' });
      room.clock.advance(2000);
      await expect(who(other, old)).rejects.toMatchObject({ code: 'AUTH_SIGN_IN_REFUSED' });
      await expect(who(other, bearer)).rejects.toMatchObject({ code: 'AUTH_SIGN_IN_REFUSED' });
      expect(await who(auth, basic('ann', 'another password'))).toMatchObject({ id: 'user:ann' });
      expect(await who(auth, `Bearer ${token.secret}`), 'tokens of programs stay').toMatchObject({ id: 'user:ann' });
    });

    it('lets a deleted user in no more, by password or token, nor one who later has the same name', async () => {
      const token = await auth.createToken({ user: 'ann', name: 'ci' }, ADMIN);
      const bearer = `Bearer ${token.secret}`;
      await who(auth, bearer);
      await who(auth, basic('ann', PASSWORD));
      await auth.putGrant({ user: 'ann', resourceType: 'experiment', resource: '1' }, 'MANAGE', ADMIN);
      await auth.deleteUser('ann', ADMIN);
      await expect(who(auth, basic('ann', PASSWORD))).rejects.toMatchObject({ code: 'AUTH_SIGN_IN_REFUSED' });
      await expect(who(auth, bearer)).rejects.toMatchObject({ code: 'AUTH_SIGN_IN_REFUSED' });
      await auth.createUser({ name: 'ann', password: 'a very new password' }, ADMIN);
      await expect(who(auth, basic('ann', PASSWORD))).rejects.toMatchObject({ code: 'AUTH_SIGN_IN_REFUSED' });
      const again = await who(auth, basic('ann', 'a very new password'));
      expect(accessOf(again).may('EDIT', 'experiment', '1')).toBe(false);
    });

    it('slows down who guesses, notes it in the audit log, and never slows who knows', async () => {
      for (let guess = 0; guess < 10; guess++) {
        await expect(who(auth, basic('ann', `guess number ${guess}`))).rejects.toThrow('not authenticated');
      }
      expect(room.waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
      expect(room.moves.at(-1)).toEqual({
        actor: 'somebody at 10.0.0.1',
        pointer: 'user:ann',
        from: null,
        to: 'sign-in refused',
      });
      expect(await who(auth, basic('ann', PASSWORD))).toMatchObject({ id: 'user:ann' });
      expect(room.waits).toHaveLength(8);
    });

    it('refuses many guesses at once without hashing them all', async () => {
      for (let guess = 0; guess < 3; guess++) await who(auth, basic('ann', `first ${guess}`)).catch(() => undefined);
      const guesses = Array.from({ length: 50 }, (_, n) => who(auth, basic('ann', `at once ${n}`)));
      const results = await Promise.allSettled(guesses);
      expect(results.every(({ status }) => status === 'rejected')).toBe(true);
      expect(room.waits.length).toBeLessThanOrEqual(6);
    });
  });

  describe('passwords', () => {
    it('keeps hashes of their own salt, and refuses short ones', async () => {
      await expect(auth.createUser({ name: 'bob', password: 'eleven char' }, ADMIN)).rejects.toMatchObject({
        code: 'AUTH_PASSWORD_WEAK',
      });
      await expect(auth.createUser({ name: 'a:b', password: PASSWORD }, ADMIN)).rejects.toMatchObject({
        code: 'AUTH_USER_NAME_INVALID',
      });
      await expect(auth.createUser({ name: 'ann', password: PASSWORD }, ADMIN)).rejects.toMatchObject({
        code: 'AUTH_USER_EXISTS',
      });
    });

    it('asks for the present one of who changes his own', async () => {
      const change = { name: 'ann', password: 'another password', own: true };
      await expect(auth.setPassword(change, 'user:ann')).rejects.toMatchObject({
        code: 'AUTH_CURRENT_PASSWORD_MISSING',
      });
      await expect(auth.setPassword({ ...change, currentPassword: 'no' }, 'user:ann')).rejects.toMatchObject({
        code: 'AUTH_CURRENT_PASSWORD_WRONG',
      });
      await auth.setPassword({ ...change, currentPassword: PASSWORD }, 'user:ann');
      expect(await who(auth, basic('ann', 'another password'))).toMatchObject({ id: 'user:ann' });
    });
  });

  it('answers a creation repeated after a lost answer, and no other', async () => {
    const bob = { name: 'bob', password: PASSWORD };
    const first = await auth.ensureUser(bob, ADMIN);
    expect(await auth.ensureUser(bob, ADMIN)).toMatchObject({ id: first.id });
    await expect(auth.ensureUser({ ...bob, password: 'another password' }, ADMIN)).rejects.toMatchObject({
      code: 'AUTH_USER_EXISTS',
    });
    await expect(auth.ensureUser({ ...bob, isAdmin: true }, ADMIN)).rejects.toMatchObject({ code: 'AUTH_USER_EXISTS' });
  });

  it('keeps the last administrator, also when two are demoted at once', async () => {
    await expect(auth.deleteUser('root', ADMIN)).rejects.toMatchObject({ code: 'AUTH_LAST_ADMIN' });
    await auth.setAdmin('ann', true, ADMIN);
    const results = await Promise.allSettled([auth.setAdmin('root', false, ADMIN), auth.setAdmin('ann', false, ADMIN)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await auth.listUsers()).filter(({ isAdmin }) => isAdmin)).toHaveLength(1);
  });

  describe('tokens', () => {
    it('work until they end or are revoked', async () => {
      const { secret, ...token } = await auth.createToken({ user: 'ann', name: 'ci', expiresInDays: 1 }, 'user:ann');
      await expect(auth.createToken({ user: 'ann', name: 'ci' }, 'user:ann')).rejects.toMatchObject({
        code: 'AUTH_TOKEN_EXISTS',
      });
      expect(await who(auth, `Bearer ${secret}`)).toMatchObject({ id: 'user:ann', tokenId: token.id });
      expect(JSON.stringify(await auth.listTokens())).not.toContain(secret);
      expect(await auth.listTokens('ann')).toMatchObject([{ id: token.id, lastUsedAtMs: room.clock.now() }]);
      room.clock.advance(86_400_000);
      await expect(who(auth, `Bearer ${secret}`)).rejects.toMatchObject({ code: 'AUTH_SIGN_IN_REFUSED' });
      const endless = await auth.createToken({ user: 'ann', name: 'endless' }, 'user:ann');
      await who(auth, `Bearer ${endless.secret}`);
      await auth.revokeToken(endless.id, ADMIN);
      await expect(who(auth, `Bearer ${endless.secret}`)).rejects.toMatchObject({ code: 'AUTH_SIGN_IN_REFUSED' });
      expect(room.moves.slice(-2).map(({ pointer, to }) => [pointer, to])).toEqual([
        ['token:ann/endless', endless.id],
        ['token:ann/endless', null],
      ]);
    });

    it('of a session end after twelve hours, and are in no list', async () => {
      const session = await auth.openSession(await auth.getUser('ann'));
      expect(await auth.listTokens()).toEqual([]);
      room.clock.advance(12 * 3_600_000 - 1);
      await who(auth, `Bearer ${session.secret}`);
      room.clock.advance(1);
      await expect(who(auth, `Bearer ${session.secret}`)).rejects.toMatchObject({ code: 'AUTH_SIGN_IN_REFUSED' });
    });
  });

  describe('permissions', () => {
    const access = async (name = 'ann') => accessOf(await who(auth, basic(name, PASSWORD)));

    it('are the default where nobody said anything, all for an administrator, none for who is not known', async () => {
      expect((await access()).permissionOn('experiment', '7')).toBe('READ');
      expect((await access('root')).permissionOn('experiment', '7')).toBe('MANAGE');
      expect(accessOf({ id: 'anybody' }).permissionOn('experiment', '7')).toBe('NO_PERMISSIONS');
    });

    it('are what was granted, also when that is less, and seen by the next call', async () => {
      const target = { user: 'ann', resourceType: 'experiment', resource: '7' } as const;
      await access();
      await auth.putGrant(target, 'NO_PERMISSIONS', ADMIN);
      expect((await access()).may('READ', 'experiment', '7')).toBe(false);
      await auth.putGrant(target, 'EDIT', ADMIN);
      expect((await access()).may('EDIT', 'experiment', '7')).toBe(true);
      expect((await access()).may('MANAGE', 'experiment', '7')).toBe(false);
      expect((await access()).may('USE', 'experiment', '8')).toBe(false);
      await auth.deleteGrant(target, ADMIN);
      await expect(auth.deleteGrant(target, ADMIN)).rejects.toMatchObject({ code: 'AUTH_GRANT_NOT_FOUND' });
      expect((await access()).permissionOn('experiment', '7')).toBe('READ');
      expect(room.moves.slice(-3).map(({ from, to }) => [from, to])).toEqual([
        [null, 'NO_PERMISSIONS'],
        ['NO_PERMISSIONS', 'EDIT'],
        ['EDIT', null],
      ]);
    });

    it('are the higher of a grant and the rules of roles of the one workspace', async () => {
      const role = await auth.createRole({ workspace: 'default', name: 'editors', description: null }, ADMIN);
      const rule = await auth.addRule(
        { roleId: role.id, resourceType: 'registered_model', resource: '*', permission: 'EDIT' },
        ADMIN,
      );
      await auth.assignRole('ann', role.id, ADMIN);
      await auth.putGrant({ user: 'ann', resourceType: 'registered_model', resource: 'm' }, 'NO_PERMISSIONS', ADMIN);
      await auth.putGrant({ user: 'ann', resourceType: 'registered_model', resource: 'n' }, 'MANAGE', ADMIN);
      expect((await access()).permissionOn('registered_model', 'm')).toBe('EDIT');
      expect((await access()).permissionOn('registered_model', 'n')).toBe('MANAGE');
      expect((await access()).permissionOn('experiment', 'm')).toBe('READ');
      await auth.updateRule(rule.id, 'USE', ADMIN);
      expect((await access()).permissionOn('registered_model', 'z')).toBe('USE');
      await auth.addRule({ roleId: role.id, resourceType: 'workspace', resource: '*', permission: 'MANAGE' }, ADMIN);
      expect((await access()).permissionOn('experiment', 'any')).toBe('MANAGE');
      expect((await access()).managesWorkspace('default')).toBe(true);
      await auth.unassignRole('ann', role.id, ADMIN);
      expect((await access()).permissionOn('registered_model', 'm')).toBe('NO_PERMISSIONS');
      const elsewhere = await auth.createRole({ workspace: 'other', name: 'all', description: null }, ADMIN);
      await auth.addRule(
        { roleId: elsewhere.id, resourceType: 'workspace', resource: '*', permission: 'MANAGE' },
        ADMIN,
      );
      await auth.assignRole('ann', elsewhere.id, ADMIN);
      expect((await access()).permissionOn('experiment', 'any'), 'nothing lies in another workspace').toBe('READ');
      expect((await access()).managesWorkspace('other')).toBe(true);
    });

    it('go with a resource to its new name, and end with it', async () => {
      await auth.grantToMaker({ user: 'ann', resourceType: 'registered_model', resource: 'old' }, 'user:ann');
      await auth.renameGrantsOn('registered_model', 'old', 'new');
      expect((await access()).permissionOn('registered_model', 'new')).toBe('MANAGE');
      expect((await access()).permissionOn('registered_model', 'old')).toBe('READ');
      await auth.dropGrantsOn('registered_model', 'new');
      expect((await access()).permissionOn('registered_model', 'new')).toBe('READ');
    });
  });

  it('refuses what does not fit of roles, and changes nothing by it', async () => {
    const role = await auth.createRole({ workspace: 'default', name: 'r', description: 'first' }, ADMIN);
    const before = room.moves.length;
    const rule = { roleId: role.id, resourceType: 'workspace', resource: 'some', permission: 'READ' } as const;
    await expect(auth.createRole({ workspace: 'default', name: 'r', description: null }, ADMIN)).rejects.toMatchObject({
      code: 'AUTH_ROLE_EXISTS',
    });
    await expect(auth.createRole({ workspace: 'default', name: ' ', description: null }, ADMIN)).rejects.toMatchObject({
      code: 'AUTH_ROLE_NAME_INVALID',
    });
    await expect(async () => auth.addRule(rule, ADMIN)).rejects.toMatchObject({ code: 'AUTH_RULE_INVALID' });
    await expect(auth.assignRole('nobody', role.id, ADMIN)).rejects.toMatchObject({ code: 'AUTH_USER_NOT_FOUND' });
    await expect(auth.assignRole('ann', 99, ADMIN)).rejects.toMatchObject({ code: 'AUTH_ROLE_NOT_FOUND' });
    await expect(auth.unassignRole('ann', role.id, ADMIN)).rejects.toMatchObject({
      code: 'AUTH_ROLE_MEMBER_NOT_FOUND',
    });
    expect(room.moves).toHaveLength(before);
    expect(await auth.listRoles('default')).toEqual([{ ...role, rules: [] }]);
  });
});
