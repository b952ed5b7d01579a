import type { Clock, Rng } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { authErrors } from './errors.ts';
import type { Permission, User } from './model.ts';
import type { Passwords } from './password.ts';
import type { PointerLog } from './ports.ts';
import type { Snapshots } from './snapshots.ts';
import { nextNumber } from './store/schema.ts';
import type { Stores } from './store/stores.ts';

export interface AuthOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly pointerLog: PointerLog;
  /** What a user may do with what nobody said anything about; READ unless told. */
  readonly defaultPermission?: Permission;
  /** Work of a password hash, as the logarithm of scrypt's N; less than the default only in tests. */
  readonly passwordCostLog2?: number;
  /** Waits; for tests. */
  readonly wait?: (ms: number) => Promise<void>;
}

/** What the verbs of users, tokens, grants and roles share. */
export interface AuthRoom extends Stores {
  readonly options: AuthOptions;
  readonly passwords: Passwords;
  readonly snapshots: Snapshots;
}

/**
 * Runs a change of users, grants or roles: one at a time on a database, so that what it looks at stays as it is, and
 * seen by the next call.
 */
export async function changing<Result>(room: AuthRoom, work: (tx: Sql) => Promise<Result>): Promise<Result> {
  try {
    return await room.options.database.transaction(async (tx) => {
      await nextNumber(tx, 'change');
      return work(tx);
    });
  } finally {
    room.snapshots.forget();
  }
}

/** @throws AUTH_USER_NOT_FOUND */
export async function userNamed(room: AuthRoom, name: string, tx?: Sql): Promise<User & { passwordHash: string }> {
  const user = await room.users.find(name, tx);
  if (!user) throw authErrors.AUTH_USER_NOT_FOUND({ user: name });
  return user;
}
