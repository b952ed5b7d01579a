import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { type Authenticate, assertSoundJson, assertSoundTexts, GATED, type Principal } from '#platform/http';
import { isTrimtabError } from '#platform/kernel';
import type { MlflowCall, MlflowEndpoint } from './endpoint.ts';
import { type ErrorWords, invalid, MlflowError, translate } from './errors.ts';
import { parseLenientJson } from './lenient-json.ts';
import { Message } from './message.ts';

export interface MlflowPluginOptions {
  readonly endpoints: readonly MlflowEndpoint[];
  /** How the domains' refusals are told, later tables before earlier ones. */
  readonly words: readonly ErrorWords[];
  readonly authenticate: Authenticate;
  /** Refuses a call that the caller has no permission for, or answers the call to handle instead of it. */
  readonly guard?: (endpoint: MlflowEndpoint, call: MlflowCall) => Promise<MlflowCall> | MlflowCall;
  /** Takes note of what was done, and of an answer leaves what the caller may see. */
  readonly after?: (endpoint: MlflowEndpoint, call: MlflowCall, answer: object | string) => Promise<object | string>;
  /** Routes that are no JSON messages, in the scope of the same error words. */
  readonly plugins?: readonly FastifyPluginAsync[];
}

const BODY_LIMIT_BYTES = 64 * 1024 * 1024;
const EMPTY: Readonly<Record<string, unknown>> = {};

/** MLflow's REST API, under `/api` and `/ajax-api`, on the verbs of our domains. */
export function mlflowPlugin(options: MlflowPluginOptions): FastifyPluginAsync {
  const words: ErrorWords = Object.assign({}, ...options.words);
  return async (app) => {
    app.setErrorHandler((error, request, reply) => sendError(error, request, reply, words));
    await app.register(async (scope) => {
      takeMessages(scope);
      for (const endpoint of options.endpoints) {
        for (const root of endpoint.ajaxOnly ? ['/ajax-api'] : ['/api', '/ajax-api']) {
          bind(scope, `${root}${endpoint.path}`, endpoint, options);
        }
      }
      for (const root of ['/api', '/ajax-api']) {
        for (const version of ['2.0', '3.0', '4.0']) refuseOthers(scope, `${root}/${version}/*`, options);
      }
    });
    for (const plugin of options.plugins ?? []) await app.register(plugin);
  };
}

function bind(app: FastifyInstance, url: string, endpoint: MlflowEndpoint, options: MlflowPluginOptions): void {
  const { guard, after } = options;
  app.route({
    method: endpoint.method,
    url,
    bodyLimit: BODY_LIMIT_BYTES,
    config: GATED,
    onRequest: async (request) => {
      (request as CalledRequest)[CALLER] = await options.authenticate(request);
    },
    handler: async (request, reply) => {
      assertSoundTexts('path', request.params as object);
      assertSoundTexts('query', request.query as object);
      const asked: MlflowCall = {
        message: messageOf(request),
        path: request.params as Readonly<Record<string, string>>,
        principal: (request as CalledRequest)[CALLER] as Principal,
        request,
        reply,
      };
      const call = guard ? await guard(endpoint, asked) : asked;
      const handled = await endpoint.handle(call);
      // An endpoint may have sent a file itself; awaiting that is awaiting its end.
      if (reply.raw.headersSent) return reply;
      const answer = after ? await after(endpoint, call, handled) : handled;
      return reply.type('application/json').send(typeof answer === 'string' ? answer : JSON.stringify(answer));
    },
  });
}

/** Tells who asks for what there is not in words that make a client try another way instead of giving up. */
function refuseOthers(app: FastifyInstance, url: string, { authenticate }: MlflowPluginOptions): void {
  app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url,
    config: GATED,
    onRequest: async (request) => void (await authenticate(request)),
    handler: async (request) => {
      const path = request.url.split('?')[0]?.slice(0, 200);
      throw new MlflowError('ENDPOINT_NOT_FOUND', `Nothing answers ${request.method} ${path} here.`);
    },
  });
}

/** Where a request keeps who sends it, from before its body is read until it is handled. */
const CALLER = Symbol('caller');
type CalledRequest = FastifyRequest & { [CALLER]?: Principal };

function messageOf(request: FastifyRequest): Message {
  if (request.method === 'GET') return new Message(request.query as Readonly<Record<string, unknown>>);
  if (request.body !== undefined) {
    const { fields, text } = request.body as ReadBody;
    return new Message(fields, '', text);
  }
  if (request.method === 'POST' || request.method === 'PUT') assertJsonType(request);
  return new Message(EMPTY);
}

function assertJsonType(request: FastifyRequest): void {
  const type = request.headers['content-type'];
  if (type === undefined) throw invalid('Bad Request. Content-Type header is missing.');
  if (/^application\/json\s*(;|$)/i.test(type)) return;
  throw invalid("Bad Request. Content-Type must be one of ['application/json'].");
}

/** A body as it was written, and what it says. */
interface ReadBody {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly text: string;
}

function takeMessages(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('*', { parseAs: 'string' }, (request, text, done) => {
    try {
      assertJsonType(request);
      const fields = parseLenientJson(text);
      assertSoundJson(text, fields);
      const body: ReadBody = { fields, text };
      done(null, body);
    } catch (error) {
      done(error as Error);
    }
  });
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, words: ErrorWords): FastifyReply {
  const told = asMlflow(error, words);
  if (told?.status === 401) reply.header('www-authenticate', 'Basic realm="mlflow"');
  if (told) return reply.code(told.status).send(told.body);
  request.log.error({ err: error, requestId: request.id, url: request.routeOptions.url }, 'unexpected error');
  const message = `Internal error. The server log tells more under request ${request.id}.`;
  return reply.code(500).send(new MlflowError('INTERNAL_ERROR', message).body);
}

function asMlflow(error: unknown, words: ErrorWords): MlflowError | undefined {
  if (error instanceof MlflowError) return error;
  if (isTrimtabError(error)) return translate(error, words);
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return undefined;
  return invalid(message ?? 'The request cannot be read.');
}
