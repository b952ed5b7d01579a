import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '#platform/http';
import type { Message } from './message.ts';

/** What an endpoint is given. */
export interface MlflowCall {
  /** JSON body, or query of a GET. */
  readonly message: Message;
  /** Parts of the path, decoded. A wildcard is called `*`. */
  readonly path: Readonly<Record<string, string>>;
  readonly principal: Principal;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** One route of MLflow's REST API. */
export interface MlflowEndpoint {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path below `/api` and `/ajax-api`, e.g. `/2.0/mlflow/runs/create`, in Fastify's notation. */
  readonly path: string;
  /** Answered below `/ajax-api` alone. */
  readonly ajaxOnly?: boolean;
  /** The answer: an object, or its JSON as text where speed counts. An absent field is left out, not null. */
  readonly handle: (call: MlflowCall) => Promise<object | string> | object | string;
}

/** Short for a list of endpoints. */
export function endpoint(
  method: MlflowEndpoint['method'],
  path: string,
  handle: MlflowEndpoint['handle'],
): MlflowEndpoint {
  return { method, path, handle };
}
