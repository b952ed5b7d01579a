import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '#platform/kernel';

/** SHA-256 of bytes or UTF-8 text, as 64 lower-case hex digits. */
export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 of a value's canonical JSON: equal values have equal digests. */
export function digestOf(value: Json): string {
  return sha256(canonicalJson(value));
}
