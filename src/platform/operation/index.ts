import type { Static, TObject, TSchema } from 'typebox';

/**
 * One operation of the HTTP API, described by schemas alone. Browser-safe: the server binds it, the SDK calls it and
 * OpenAPI is written from it.
 */
export interface Operation<
  Params extends TObject | undefined = TObject | undefined,
  Query extends TObject | undefined = TObject | undefined,
  Body extends TSchema | 'bytes' | undefined = TSchema | 'bytes' | undefined,
  Response extends TSchema | BareResponse = TSchema | BareResponse,
> {
  /** `<domain>.<verb>`, unique. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with `:name` for each path parameter; what an ending `*` matches is the parameter `path`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly response: Response;
  /** What `bytes` are, as media types; `application/octet-stream` unless told. */
  readonly mediaTypes?: readonly string[];
  /** A Range header is heeded: 206 with the part asked for, 416 where there is none. */
  readonly ranges?: boolean;
  /** Status of success, 200 unless told. */
  readonly status?: number;
  /** Error codes a caller should expect beyond validation errors. */
  readonly errors?: readonly string[];
  /** Largest body accepted, in bytes; the server's default is 4 MiB. */
  readonly bodyLimitBytes?: number;
  /** Answered to anybody, also where the server asks for a token: for probes that ask whether it lives. */
  readonly open?: boolean;
}

/** A response that is not JSON: a byte stream, a stream of server-sent events, or nothing. */
export type BareResponse = 'bytes' | 'events' | 'none';

/** A server-sent event: its type, and data written as JSON. */
export interface ServerEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

/** Declares an operation, keeping the exact types of its schemas. */
export function operation<
  Params extends TObject | undefined = undefined,
  Query extends TObject | undefined = undefined,
  Body extends TSchema | 'bytes' | undefined = undefined,
  Response extends TSchema | BareResponse = TSchema,
>(definition: Operation<Params, Query, Body, Response>): Operation<Params, Query, Body, Response> {
  return definition;
}

type Part<Name extends string, Schema> = Schema extends TSchema
  ? { readonly [Key in Name]: Static<Schema> }
  : { readonly [Key in Name]?: undefined };

/** What a caller supplies, without a byte body: `{ params, query, body }`. */
export type Input<Op> =
  Op extends Operation<infer Params, infer Query, infer Body, infer _Response>
    ? Part<'params', Params> & Part<'query', Query> & (Body extends 'bytes' ? unknown : Part<'body', Body>)
    : never;

/** The JSON an operation answers with. */
export type Output<Op> =
  Op extends Operation<infer _Params, infer _Query, infer _Body, infer Response>
    ? Response extends TSchema
      ? Static<Response>
      : undefined
    : never;
