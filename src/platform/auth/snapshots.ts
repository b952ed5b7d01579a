import type { Clock } from '#platform/kernel';
import { Access } from './access.ts';
import type { Permission, User } from './model.ts';
import type { Stores } from './store/stores.ts';

/** How long another process's change may go unseen. This process sees its own at once. */
const FRESH_MS = 2000;
const MOST = 10_000;

export interface Snapshot {
  readonly user: User;
  readonly access: Access;
  /** Live tokens of the user with their ends. */
  readonly tokens: ReadonlyMap<string, number | null>;
  readonly readAtMs: number;
}

/** What the tables say of users who lately called, so that a call costs no query. */
export class Snapshots {
  readonly #stores: Stores;
  readonly #clock: Clock;
  readonly #defaultPermission: Permission;
  readonly #byUser = new Map<number, Snapshot>();
  #generation = 0;

  constructor(stores: Stores, clock: Clock, defaultPermission: Permission) {
    this.#stores = stores;
    this.#clock = clock;
    this.#defaultPermission = defaultPermission;
  }

  /** The snapshot of a user, when there is one that is fresh. */
  fresh(userId: number): Snapshot | undefined {
    const known = this.#byUser.get(userId);
    return known && this.#clock.now() - known.readAtMs < FRESH_MS ? known : undefined;
  }

  /** Reads a user anew; undefined when he is gone. */
  async read(userId: number): Promise<Snapshot | undefined> {
    const generation = this.#generation;
    const readAtMs = this.#clock.now();
    const [user, grants, roles, tokens] = await Promise.all([
      this.#stores.users.findById(userId),
      this.#stores.grants.list({ userId }),
      this.#stores.roles.list({ userId }),
      this.#stores.tokens.list(userId),
    ]);
    if (!user) return undefined;
    const snapshot: Snapshot = {
      user,
      access: Access.of({ user, grants, roles, defaultPermission: this.#defaultPermission }),
      tokens: new Map(tokens.map(({ id, expiresAtMs }) => [id, expiresAtMs])),
      readAtMs,
    };
    // What was read while something changed serves this call alone.
    if (generation === this.#generation) {
      if (this.#byUser.size >= MOST) this.#byUser.clear();
      this.#byUser.set(userId, snapshot);
    }
    return snapshot;
  }

  /** To be called after every change. */
  forget(): void {
    this.#generation++;
    this.#byUser.clear();
  }
}
