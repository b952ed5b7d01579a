import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type UrlProblem, webhookErrors } from './errors.ts';
import type { Message } from './model.ts';
import type { Resolve } from './ports.ts';
import { isPublicAddress } from './public-address.ts';
import { signatureOf } from './signature.ts';

export interface SendingRules {
  /** Of addresses, in lower case. */
  readonly schemes: readonly string[];
  /** Whether addresses may be called that are not public. */
  readonly privateHosts: boolean;
  readonly timeoutMs: number;
  readonly resolve: Resolve;
}

export interface Outgoing {
  /** The same at every try. */
  readonly id: string;
  readonly url: string;
  readonly message: Message;
  readonly happenedAtMs: number;
  readonly nowMs: number;
  readonly secret: string | undefined;
}

/** How a try ended: with an answer, or with what prevented one. */
export type TestOutcome =
  | { readonly status: number; readonly body: string; readonly retryAfter: string | undefined }
  | { readonly error: string };

const BODY_LIMIT = 64 * 1024;

/**
 * Checks an address and finds where it leads.
 *
 * @returns addresses of its host, each one that may be called
 * @throws WEBHOOK_URL_INVALID
 */
export async function resolveTarget(url: string, rules: SendingRules): Promise<{ target: URL; addresses: string[] }> {
  const refuse = (problem: UrlProblem, found = '') =>
    webhookErrors.WEBHOOK_URL_INVALID({ url, problem, found, schemes: rules.schemes.join(', ') });
  if (url.trim() === '') throw refuse('empty');
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase() ?? '';
  if (!URL.canParse(url))
    throw refuse(scheme === '' || !rules.schemes.includes(scheme) ? 'scheme' : 'unreadable', scheme);
  const target = new URL(url);
  if (!rules.schemes.includes(scheme)) throw refuse('scheme', scheme);
  if (target.hostname === '') throw refuse('host');
  if (target.username !== '' || target.password !== '') throw refuse('credentials');
  const host = target.hostname.replace(/^\[(.*)\]$/, '$1');
  if (rules.privateHosts && isIP(host) === 0) return { target, addresses: [] };
  const addresses = isIP(host) === 0 ? await found(host, rules.resolve, refuse) : [host];
  const hidden = rules.privateHosts ? undefined : addresses.find((address) => !isPublicAddress(address));
  if (hidden !== undefined) throw refuse('private', hidden);
  return { target, addresses };
}

async function found(host: string, resolve: Resolve, refuse: (problem: UrlProblem, found: string) => Error) {
  const addresses = await resolve(host).catch((error: unknown) => {
    throw refuse('unresolved', error instanceof Error ? error.message : String(error));
  });
  if (addresses.length === 0) throw refuse('unresolved', host);
  return [...addresses];
}

/** Tries once to deliver a message. It does not follow redirects, and connects to an address that was checked. */
export async function send(outgoing: Outgoing, rules: SendingRules): Promise<TestOutcome> {
  const { id, url, message, happenedAtMs, nowMs, secret } = outgoing;
  const { entity, action, data } = message;
  const body = JSON.stringify({ entity, action, timestamp: new Date(happenedAtMs).toISOString(), data });
  const time = String(Math.floor(nowMs / 1000));
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'X-MLflow-Delivery-Id': id,
    'X-MLflow-Timestamp': time,
    ...(secret === undefined ? {} : { 'X-MLflow-Signature': signatureOf(secret, id, time, body) }),
  };
  try {
    const { target, addresses } = await resolveTarget(url, rules);
    return await post(target, { headers, body, addresses, timeoutMs: rules.timeoutMs });
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function post(
  target: URL,
  given: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly addresses: readonly string[];
    readonly timeoutMs: number;
  },
): Promise<TestOutcome> {
  const { headers, body, addresses, timeoutMs } = given;
  const request = target.protocol === 'https:' ? requestHttps : requestHttp;
  const pinned = addresses.length > 0 ? { lookup: lookupOf(addresses) } : {};
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const sent = request(target, { method: 'POST', headers, agent: false, signal, ...pinned }, (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      const done = () => {
        const text = Buffer.concat(parts).subarray(0, BODY_LIMIT).toString();
        resolve({ status: response.statusCode ?? 0, body: text, retryAfter: response.headers['retry-after'] });
      };
      response.on('data', (part: Buffer) => {
        parts.push(part);
        size += part.length;
        if (size < BODY_LIMIT) return;
        done();
        response.destroy();
      });
      response.on('end', done);
      response.on('error', reject);
    });
    sent.on('error', (error) => reject(signal.aborted ? new Error(`no answer within ${timeoutMs} ms`) : error));
    sent.end(body);
  });
}

/** Answers the addresses that were checked, whatever the name is by now. */
function lookupOf(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  const [first] = all;
  return (_, options, callback) => {
    if (options.all) callback(null, all);
    else callback(null, first?.address ?? '', first?.family);
  };
}
