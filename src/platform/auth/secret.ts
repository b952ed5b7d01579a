import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Tokens begin so, that a scanner of leaked secrets can know them. */
const PREFIX = 'ttk_';
const SECRET_BYTES = 32;

export function newSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
}

/** What is kept of a token. It holds 256 bits of chance, so one pass of SHA-256 is as good as a slow hash. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Compares in a time that tells nothing about where the texts differ, nor how long the secret is. */
export function sameSecret(given: string, secret: string): boolean {
  return timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(secret).digest());
}

/** Names credentials by a digest that is of no use outside this process. */
export function credentialNamer(): (credentials: string) => string {
  const key = randomBytes(32);
  return (credentials) => createHmac('sha256', key).update(credentials).digest('base64');
}
