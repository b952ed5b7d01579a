import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { Input, Operation, Output, ServerEvent } from '#platform/operation';

/** Who is acting, for the audit log: `user:ann`, `token:ci`, `local:ann`. */
export interface Principal {
  readonly id: string;
}

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
