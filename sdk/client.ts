import { contract } from '#contract';
import type { Input, Operation, Output } from '#platform/operation';
import { ApiError, UnreachableError } from './errors.ts';

export interface ClientOptions {
  /** Address of the server, e.g. `http://127.0.0.1:5000`; empty for the page's own server. */
  readonly baseUrl: string;
  readonly token?: string;
  /** Replaces the platform's fetch, e.g. to test. */
  readonly fetch?: typeof fetch;
  /**
   * How long to keep trying when the server cannot be reached, in ms; 0 (the default) gives up at once.
   * Use it only where a repeated call does no harm: the server makes most writes idempotent by a given id.
   */
  readonly patienceMs?: number;
  /** On whose behalf the calls are made, for the audit log, e.g. `pipeline-run:<id>`. */
  readonly actor?: string;
}

/** Bytes to upload: what `fetch` takes as a body. */
export type Bytes = Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | string;

type CallInput<Op> = Omit<OmitUndefined<Input<Op>>, never> &
  (Op extends { readonly body?: infer Body } ? ('bytes' extends Body ? { readonly body: Bytes } : unknown) : unknown);

type OmitUndefined<T> = { [Key in keyof T as T[Key] extends undefined ? never : Key]: T[Key] };

type CallArguments<Op> = keyof CallInput<Op> extends never ? [] : [input: Loosened<CallInput<Op>>];

/** A query whose fields are all optional may be left out. */
type Loosened<T> = { [Key in keyof T as Key extends 'query' ? (object extends T[Key] ? never : Key) : Key]: T[Key] } & {
  [Key in keyof T as Key extends 'query' ? (object extends T[Key] ? Key : never) : never]?: T[Key];
};

type Answer<Op> = Op extends { readonly response: infer Response }
  ? Response extends 'bytes' | 'events'
    ? globalThis.Response
    : Output<Op>
  : never;

/** One function for each operation: `client.tracking.createRun({ body })`. */
export type Client = {
  readonly [Domain in keyof typeof contract]: {
    readonly [Verb in keyof (typeof contract)[Domain]]: (
      ...input: CallArguments<(typeof contract)[Domain][Verb]>
    ) => Promise<Answer<(typeof contract)[Domain][Verb]>>;
  };
};

/**
 * A typed client of the HTTP API. Every operation of the contract is a function that takes `{ params, query, body }`
 * and returns the answer; byte and event operations return the raw `Response`.
 *
 * @throws ApiError when the server refuses, UnreachableError when it does not answer
 * @example
 * const client = createClient({ baseUrl: 'http://127.0.0.1:5000' });
 * const { loops } = await client.loop.listLoops();
 */
export function createClient(options: ClientOptions): Client {
  const domains = Object.entries(contract).map(([domain, operations]) => {
    const verbs = Object.entries(operations).map(([verb, operation]) => [
      verb,
      (input: CallParts = {}) => call(options, operation as Operation, input),
    ]);
    return [domain, Object.fromEntries(verbs)];
  });
  // Built from the contract itself, so it has exactly the mapped type; TypeScript cannot follow it through entries.
  return Object.fromEntries(domains) as unknown as Client;
}

interface CallParts {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

async function call(options: ClientOptions, operation: Operation, input: CallParts): Promise<unknown> {
  const url = options.baseUrl + pathOf(operation, input.params ?? {}) + queryOf(input.query ?? {});
  const init = requestInit(options, operation, input);
  // A stream can be sent once; everything else can be sent again.
  const patienceMs = init.body instanceof ReadableStream ? 0 : (options.patienceMs ?? 0);
  const started = performance.now();
  for (let attempt = 0; ; attempt++) {
    const inTime = performance.now() - started < patienceMs;
    try {
      const response = await (options.fetch ?? globalThis.fetch)(url, init);
      if (response.status !== 503 || !inTime) return await answerOf(operation, response);
    } catch (error) {
      if (error instanceof ApiError) throw error;
      if (!inTime) throw new UnreachableError(url, error);
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(50 * 2 ** attempt, 1000)));
  }
}

/** Reads the answer to its end: a server that dies in the middle of it has not answered. */
async function answerOf(operation: Operation, response: Response): Promise<unknown> {
  if (!response.ok) throw await refusal(response);
  if (operation.response === 'bytes' || operation.response === 'events') return response;
  if (operation.response === 'none') return undefined;
  return response.json();
}

function requestInit(options: ClientOptions, operation: Operation, input: CallParts): RequestInit {
  const headers: Record<string, string> = {};
  if (options.token) headers.authorization = `Bearer ${options.token}`;
  if (options.actor) headers['x-trimtab-actor'] = options.actor;
  const init: RequestInit & { duplex?: 'half' } = { method: operation.method, headers };
  if (operation.body === 'bytes') {
    headers['content-type'] = 'application/octet-stream';
    init.body = input.body as BodyInit;
    init.duplex = 'half';
  } else if (operation.body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(input.body ?? {});
  }
  return init;
}

/**
 * Fills the parameters into an operation's path. A part of nothing but dots is never sent: every HTTP client would take
 * it for "this folder" or "the folder above" and ask for something else.
 *
 * @throws ApiError KERNEL_NAME_INVALID naming the parameter
 */
function pathOf(operation: Operation, params: Readonly<Record<string, unknown>>): string {
  const parts = operation.path.split('/').map((part) => {
    if (part === '*') return encoded('path', String(params.path ?? '').split('/'));
    const name = part.startsWith(':') ? part.slice(1) : undefined;
    return name === undefined ? part : encoded(name, [String(params[name])]);
  });
  return parts.join('/');
}

function encoded(name: string, parts: readonly string[]): string {
  const bad = parts.find((part) => part === '.' || part === '..');
  if (bad === undefined) return parts.map(encodeURIComponent).join('/');
  const message = `The ${name} "${parts.join('/')}" holds "${bad}", which cannot be part of an address. Leave it out.`;
  throw new ApiError(400, 'KERNEL_NAME_INVALID', message, { what: name, name: parts.join('/') });
}

function queryOf(query: Readonly<Record<string, unknown>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const item of value) parameters.append(name, String(item));
    else if (value !== undefined) parameters.append(name, String(value));
  }
  const text = parameters.toString();
  return text ? `?${text}` : '';
}

async function refusal(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as {
      error: { code: string; message: string; details?: Record<string, unknown> };
    };
    return new ApiError(response.status, error.code, error.message, error.details ?? {});
  } catch {
    return new ApiError(response.status, 'HTTP_UNREADABLE', `Status ${response.status}: ${text.slice(0, 200)}`, {});
  }
}
