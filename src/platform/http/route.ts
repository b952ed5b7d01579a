import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { Input, Operation, Output, ServerEvent } from '#platform/operation';

/** Who is acting, for the audit log: `user:ann`, `token:ci`, `local:ann`. */
export interface Principal {
  readonly id: string;
}

/** Who is asking; throws a typed error when he cannot be known. */
export type Authenticate = (request: FastifyRequest) => Principal | Promise<Principal>;

/** The checked parts of a request, before they are handled. */
export interface CheckedRequest {
  params: unknown;
  query: unknown;
  body: unknown;
  readonly principal: Principal;
  readonly request: FastifyRequest;
}

/** Says what a caller may do. */
export interface Gate {
  /** Refuses by throwing. It may narrow what is asked for by replacing a part. */
  before(operation: Operation, call: CheckedRequest): void | Promise<void>;
  /** Takes note of what was done, and of an answer leaves what the caller may see. */
  after(operation: Operation, call: CheckedRequest, answer: unknown): unknown;
  /** Refuses a request to a route that is none of an operation, e.g. of a plugin, unless the route asks by itself. */
  admit(request: FastifyRequest): void | Promise<void>;
}

/** To be put into the `config` of a route that itself asks who may call it, so that {@link Gate.admit} is not asked. */
export const GATED = { gated: true } as const;

/** A stream of bytes as an answer. */
export interface ByteAnswer {
  readonly stream: Readable;
  readonly contentType: string;
  readonly sizeBytes?: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a handler is given: checked parts of the request, who asks, and a signal that fires when the caller leaves. */
export type Call<Op> = Input<Op> & {
  readonly principal: Principal;
  readonly signal: AbortSignal;
  readonly request: FastifyRequest;
} & (Op extends Operation<infer _P, infer _Q, infer Body, infer _R>
    ? Body extends 'bytes'
      ? { readonly body: Readable }
      : unknown
    : unknown);

type Answer<Op> =
  Op extends Operation<infer _P, infer _Q, infer _B, infer Response>
    ? Response extends 'bytes'
      ? ByteAnswer
      : Response extends 'events'
        ? AsyncIterable<ServerEvent>
        : Response extends 'none'
          ? // biome-ignore lint/suspicious/noConfusingVoidType: a handler without an answer may simply end.
            void | undefined
          : Output<Op>
    : never;

/** An operation with the function that carries it out. */
export interface Route {
  readonly operation: Operation;
  readonly handle: (call: never) => unknown;
}

/**
 * Binds an operation to its handler; the handler's input and answer are typed by the operation's schemas.
 *
 * @example
 * route(dataOperations.listBranches, ({ params }) => data.listBranches(params.repository));
 */
// biome-ignore lint/suspicious/noExplicitAny: any operation; the exact one is inferred.
export function route<Op extends Operation<any, any, any, any>>(
  operation: Op,
  handle: (call: Call<Op>) => Answer<Op> | Promise<Answer<Op>>,
): Route {
  return { operation, handle: handle as Route['handle'] };
}
