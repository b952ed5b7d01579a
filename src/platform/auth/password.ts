import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** Work of a hash: N = 2^log2N blocks of r, p times. */
interface Cost {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}

// One of the settings of OWASP's Password Storage Cheat Sheet for scrypt: 16 MiB, about a fifth of a second.
const DEFAULT_COST: Cost = { log2N: 14, r: 8, p: 5 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Password hashes: scrypt (RFC 7914) with a salt of its own each, the cost written beside it. */
export class Passwords {
  readonly #cost: Cost;
  #nobody: Promise<string> | undefined;

  /** @param log2N less than the default makes hashes cheap to guess; for tests */
  constructor(log2N?: number) {
    this.#cost = log2N === undefined ? DEFAULT_COST : { log2N, r: 8, p: 1 };
  }

  /** `scrypt$<log2N>$<r>$<p>$<salt>$<hash>`, the last two in base64. */
  hash(password: string): Promise<string> {
    return hashWith(password, this.#cost);
  }

  /** With no hash to compare with it takes as long and says no, so that its time does not tell which names exist. */
  async matches(password: string, hash: string | undefined): Promise<boolean> {
    this.#nobody ??= hashWith(randomBytes(HASH_BYTES).toString('hex'), this.#cost);
    const same = await equals(password, hash ?? (await this.#nobody));
    return same && hash !== undefined;
  }
}

async function hashWith(password: string, cost: Cost): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const derived = await derive(password, salt, cost);
  return `scrypt$${cost.log2N}$${cost.r}$${cost.p}$${salt.toString('base64')}$${derived.toString('base64')}`;
}

async function equals(password: string, hash: string): Promise<boolean> {
  const [name, log2N, r, p, salt, expected] = hash.split('$');
  if (name !== 'scrypt' || salt === undefined || expected === undefined) return false;
  const cost = { log2N: Number(log2N), r: Number(r), p: Number(p) };
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64'), cost), Buffer.from(expected, 'base64'));
}

function derive(password: string, salt: Buffer, { log2N, r, p }: Cost): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** log2N, r, p, maxmem: 256 * 2 ** log2N * r };
  return new Promise((resolve, reject) => {
    // The same text may reach us composed or decomposed, as the keyboard has it.
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
