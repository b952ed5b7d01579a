import type { Clock } from '#platform/kernel';
import { authErrors } from './errors.ts';

interface Attempt {
  readonly user: string;
  readonly address: string;
}

interface Standing {
  count: number;
  lastAtMs: number;
  /** Attempts that wait for the one before them. */
  waiting: number;
  turn: Promise<unknown>;
}

export interface RefusalOptions {
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
  /** Told at 10 refusals in a row, and whenever their number has doubled since. */
  readonly onMany: (attempt: Attempt & { readonly count: number }) => Promise<void>;
}

/** Refusals in a row that a person may have caused, who has forgotten which of his passwords it was. */
const FREE = 3;
const LONGEST_WAIT_MS = 5000;
const FORGIVEN_MS = 15 * 60_000;
const MOST_WAITING = 4;
const MOST_STANDINGS = 10_000;
/** Passwords hashed at once: each takes 16 MiB and one of the threads that files are read with. */
const AT_ONCE = 2;
const MOST_QUEUED = 64;

/**
 * Slows down who guesses passwords: after some refusals in a row, guesses of one address for one user come one at a
 * time, and each refusal takes longer to be told, up to five seconds. It is never said with a 429, which clients of
 * MLflow repeat by themselves. Who is known already is not slowed, nor is a user whose name others guess for.
 */
export class Refusals {
  readonly #options: RefusalOptions;
  readonly #standings = new Map<string, Standing>();
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(options: RefusalOptions) {
    this.#options = options;
  }

  /** Runs a check of a password, which answers undefined to refuse. @throws AUTH_SIGN_IN_BUSY, AUTH_SIGN_IN_REFUSED */
  async attempt<Result>(attempt: Attempt, check: () => Promise<Result | undefined>): Promise<Result | undefined> {
    const key = `${attempt.address} ${attempt.user}`;
    const standing = this.#standings.get(key);
    if (!standing || standing.count < FREE || this.#forgiven(standing)) return this.#judge(key, attempt, check);
    if (standing.waiting >= MOST_WAITING) throw authErrors.AUTH_SIGN_IN_REFUSED({});
    standing.waiting++;
    const mine = standing.turn.then(
      () => this.#judge(key, attempt, check),
      () => this.#judge(key, attempt, check),
    );
    standing.turn = mine;
    return mine.finally(() => standing.waiting--);
  }

  async #judge<Result>(
    key: string,
    attempt: Attempt,
    check: () => Promise<Result | undefined>,
  ): Promise<Result | undefined> {
    const result = await this.#inTurn(check);
    if (result !== undefined) {
      this.#standings.delete(key);
      return result;
    }
    const { count } = this.#refused(key);
    if (count >= 10 && Number.isInteger(Math.log2(count / 10))) await this.#options.onMany({ ...attempt, count });
    if (count >= FREE) await this.#options.wait(Math.min(LONGEST_WAIT_MS, 250 * 2 ** (count - FREE)));
    return undefined;
  }

  #refused(key: string): Standing {
    const nowMs = this.#options.clock.now();
    const present = this.#standings.get(key);
    if (present && !this.#forgiven(present)) {
      present.count++;
      present.lastAtMs = nowMs;
      return present;
    }
    if (this.#standings.size >= MOST_STANDINGS) this.#standings.delete(this.#standings.keys().next().value as string);
    const fresh: Standing = { count: 1, lastAtMs: nowMs, waiting: 0, turn: Promise.resolve() };
    this.#standings.set(key, fresh);
    return fresh;
  }

  #forgiven(standing: Standing): boolean {
    return this.#options.clock.now() - standing.lastAtMs > FORGIVEN_MS;
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running < AT_ONCE) this.#running++;
    else {
      if (this.#queue.length >= MOST_QUEUED) throw authErrors.AUTH_SIGN_IN_BUSY({});
      // Whoever ends hands its place on, so the number running stays as it is.
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
