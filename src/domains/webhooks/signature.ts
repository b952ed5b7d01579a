import { createHmac } from 'node:crypto';

/** Signature of a message, as MLflow makes it: `v1,` and the base64 of HMAC-SHA256 over id, time and body. */
export function signatureOf(secret: string, id: string, time: string, body: string): string {
  return `v1,${createHmac('sha256', secret).update(`${id}.${time}.${body}`).digest('base64')}`;
}
