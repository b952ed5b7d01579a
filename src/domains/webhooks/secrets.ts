import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { webhookErrors } from './errors.ts';

const SEALED = 'aes-256-gcm:';
const PLAIN = 'plain:';

/** Keeps secrets: encrypted when there is a key, else as they are. */
export function secretKeeper(key: string | undefined) {
  const bytes = key === undefined ? undefined : createHash('sha256').update(key).digest();
  return {
    seal(secret: string): string {
      if (!bytes) return PLAIN + secret;
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', bytes, nonce);
      const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return SEALED + sealed.toString('base64');
    },

    /** @throws WEBHOOK_SECRET_UNREADABLE */
    open(webhook: string, stored: string): string {
      if (stored.startsWith(PLAIN)) return stored.slice(PLAIN.length);
      try {
        if (!bytes) throw new Error('there is no key');
        const sealed = Buffer.from(stored.slice(SEALED.length), 'base64');
        const decipher = createDecipheriv('aes-256-gcm', bytes, sealed.subarray(0, 12));
        decipher.setAuthTag(sealed.subarray(-16));
        return decipher.update(sealed.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        throw webhookErrors.WEBHOOK_SECRET_UNREADABLE({ webhook });
      }
    },
  };
}

export type SecretKeeper = ReturnType<typeof secretKeeper>;
