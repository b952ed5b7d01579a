import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { isTrimtabError, type TrimtabError } from '#platform/kernel';
import type { Operation, ServerEvent } from '#platform/operation';
import { lingerAfterRefusal, refuseLargeBody, takeBytes, takeJson } from './body.ts';
import { docsPage } from './docs-page.ts';
import { httpErrors, STATUS_BY_KIND } from './errors.ts';
import { refuseForeignHost } from './host.ts';
import { openApiDocument } from './openapi.ts';
import { type Authenticate, type ByteAnswer, GATED, type Gate, type Principal, type Route } from './route.ts';
import { shortened } from './sound-json.ts';
import { answerChecker, bodyValidator, type PartValidator, pathValidator, queryValidator } from './validate.ts';

export interface HttpOptions {
  readonly routes: readonly Route[];
  /** Raw Fastify plugins: other people's protocols, the web page. */
  readonly plugins?: readonly FastifyPluginAsync[];
  readonly authenticate: Authenticate;
  /** Says who may do what; without it everybody who is known may do everything. */
  readonly gate?: Gate | undefined;
  /** Names by which the server may be called, beside numeric addresses and localhost; undefined: by any. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Told of every address the server comes to answer at. */
  readonly onRoute?: ((method: string, url: string) => void) | undefined;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly logger?: FastifyBaseLogger;
  /** Check every answer against the contract; for tests. */
  readonly checkAnswers?: boolean;
}

const DEFAULT_BODY_LIMIT_BYTES = 4 * 1024 * 1024;
const HEARTBEAT_MS = 15_000;

/** Where a request keeps who sends it, from before its body is read until it is handled. */
const CALLER = Symbol('caller');
type CalledRequest = FastifyRequest & { [CALLER]?: Principal };

/** Builds the HTTP server of a set of routes, with `/api/openapi.json` and `/docs`. It does not listen yet. */
export async function createHttpServer(options: HttpOptions): Promise<FastifyInstance> {
  const app = Fastify({
    ...(options.logger ? { loggerInstance: options.logger } : {}),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: DEFAULT_BODY_LIMIT_BYTES,
    // An address of a server that ends in a slash, and a path behind it, make two.
    rewriteUrl: ({ url = '/' }) => url.replace(/^\/{2,}/, '/'),
    routerOptions: { maxParamLength: 500 },
    forceCloseConnections: true,
    frameworkErrors: (error, request, reply) => sendError(error, request, reply),
    clientErrorHandler: refuseUnreadable,
  });
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    sendError(
      httpErrors.HTTP_ROUTE_NOT_FOUND({ method: request.method, path: shortened(pathOf(request.url)) }),
      request,
      reply,
    ),
  );
  app.decorateRequest(CALLER);
  const { onRoute } = options;
  if (onRoute) {
    app.addHook('onRoute', ({ method, url }) => {
      for (const one of Array.isArray(method) ? method : [method]) onRoute(one, url);
    });
  }
  app.addHook('onRequest', (request, _, done) => {
    refuseForeignHost(request, options.allowedHosts);
    refuseForeignOrigin(request);
    refuseLargeBody(request);
    done();
  });
  const { gate } = options;
  if (gate) {
    app.addHook('onRequest', async (request) => {
      if (!('gated' in request.routeOptions.config) && request.routeOptions.url !== undefined)
        await gate.admit(request);
    });
  }
  takeJson(app);

  const operations = options.routes.map((route) => route.operation);
  let document: ReturnType<typeof openApiDocument> | undefined;
  app.get('/api/openapi.json', { config: GATED }, () => {
    document ??= openApiDocument(operations, options.info);
    return document;
  });
  app.get('/docs', { config: GATED }, (_, reply) =>
    reply.type('text/html; charset=utf-8').send(docsPage(operations, options.info.title)),
  );

  const [bytes, json] = partition(options.routes, (route) => route.operation.body === 'bytes');
  for (const route of json) bind(app, route, options);
  await app.register(async (scope) => {
    takeBytes(scope);
    for (const route of bytes) bind(scope, route, options);
  });
  for (const plugin of options.plugins ?? []) await app.register(plugin);
  return app;
}

function bind(app: FastifyInstance, route: Route, options: HttpOptions): void {
  const { operation } = route;
  const { gate } = options;
  const params = operation.params ? pathValidator(operation.params) : none;
  const named = operation.path.endsWith('*') ? namedWildcard : (path: unknown) => path;
  const query = operation.query ? queryValidator(operation.query) : none;
  const body = bodyPart(operation);
  const check =
    options.checkAnswers && typeof operation.response === 'object'
      ? answerChecker(operation.response, operation.id)
      : undefined;
  app.route({
    method: operation.method,
    url: operation.path,
    config: GATED,
    ...(operation.bodyLimitBytes ? { bodyLimit: operation.bodyLimitBytes } : {}),
    // Nobody's body is read before it is known that he may send one.
    onRequest: (request, _, done) => {
      const caller = operation.open ? ANYBODY : options.authenticate(request);
      if (!(caller instanceof Promise)) {
        (request as CalledRequest)[CALLER] = caller;
        return done();
      }
      caller.then((known) => {
        (request as CalledRequest)[CALLER] = known;
        done();
      }, done);
    },
    handler: async (request, reply) => {
      const call = new CheckedCall(request);
      call.params = params(named(request.params));
      call.query = query(request.query);
      call.body = body(request.body);
      if (gate) await gate.before(operation, call);
      const handled = await route.handle(call as never);
      const answer = gate ? await gate.after(operation, call, handled) : handled;
      check?.(answer);
      return send(operation, answer, reply, request);
    },
  });
}

const ANYBODY: Principal = { id: 'anybody' };

/** A class, as a getter in a literal makes V8 draw up the layout of the object anew for each request. */
class CheckedCall {
  readonly request: FastifyRequest;
  readonly principal: Principal;
  params: unknown;
  query: unknown;
  body: unknown;

  constructor(request: CalledRequest) {
    this.request = request;
    this.principal = request[CALLER] ?? ANYBODY;
  }

  get signal(): AbortSignal {
    return signalOf(this.request);
  }
}

/** What a path's wildcard matched is called `path`. */
function namedWildcard(params: unknown): unknown {
  const { '*': path, ...rest } = params as Record<string, string>;
  return { ...rest, path };
}

const none: PartValidator = () => undefined;

function bodyPart(operation: Operation): PartValidator {
  if (operation.body === undefined) return none;
  if (operation.body === 'bytes') return (stream) => stream ?? Readable.from([]);
  return bodyValidator(operation.body, operation.id);
}

function send(operation: Operation, answer: unknown, reply: FastifyReply, request: FastifyRequest): unknown {
  if (operation.response === 'none') return reply.code(operation.status ?? 204).send();
  if (operation.response === 'events') return sendEvents(answer as AsyncIterable<ServerEvent>, reply, request);
  if (operation.response === 'bytes') return sendBytes(answer as ByteAnswer, reply);
  if (operation.status) reply.code(operation.status);
  return answer;
}

/** Sends a stream of bytes with what is told of it. */
export function sendBytes(answer: ByteAnswer, reply: FastifyReply): FastifyReply {
  reply.code(answer.status ?? 200).type(answer.contentType);
  if (answer.sizeBytes !== undefined) reply.header('content-length', answer.sizeBytes);
  for (const [name, value] of Object.entries(answer.headers ?? {})) reply.header(name, value);
  return reply.send(answer.stream);
}

function sendEvents(events: AsyncIterable<ServerEvent>, reply: FastifyReply, request: FastifyRequest): FastifyReply {
  reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no').type('text/event-stream');
  const stream = new Readable({ read() {} });
  stream.push(': open\n\n');
  const heartbeat = setInterval(() => stream.push(': still here\n\n'), HEARTBEAT_MS);
  const pump = async () => {
    for await (const event of events) {
      if (stream.destroyed) break;
      const id = event.id ? `id: ${event.id}\n` : '';
      stream.push(`${id}event: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`);
    }
  };
  pump()
    .catch((error: unknown) => request.log.error({ error }, 'event stream ended'))
    .finally(() => {
      clearInterval(heartbeat);
      stream.push(null);
    });
  return reply.send(stream);
}

function signalOf(request: FastifyRequest): AbortSignal {
  const controller = new AbortController();
  request.raw.socket.once('close', () => controller.abort());
  return controller.signal;
}

/** A page of another site that a user has open must not be able to drive a server on his machine. */
function refuseForeignOrigin(request: FastifyRequest): void {
  const { origin } = request.headers;
  if (!origin || request.method === 'GET' || request.method === 'HEAD') return;
  if (URL.canParse(origin) && new URL(origin).host === request.headers.host) return;
  throw httpErrors.HTTP_ORIGIN_FORBIDDEN({ origin });
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = asKnown(error, request);
  lingerAfterRefusal(request, reply);
  if (known) {
    // Bearer, not Basic: a browser would ask in a window of its own, before the page can.
    if (known.kind === 'unauthenticated') reply.header('www-authenticate', 'Bearer realm="trimtab"');
    const { code, message, details } = known;
    return reply.code(STATUS_BY_KIND[known.kind]).send({ error: { code, message, details, requestId: request.id } });
  }
  request.log.error(
    { err: error, requestId: request.id, method: request.method, path: pathOf(request.url) },
    'unexpected error',
  );
  const message = `Something went wrong that should not have. The server log tells more under request ${request.id}.`;
  return reply.code(500).send({ error: { code: 'INTERNAL', message, details: {}, requestId: request.id } });
}

/** Fastify's own refusals, told in our codes. */
function asKnown(error: unknown, request: FastifyRequest): TrimtabError | undefined {
  if (isTrimtabError(error)) return error;
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return httpErrors.HTTP_BODY_TOO_LARGE({ limitBytes: request.routeOptions.bodyLimit ?? DEFAULT_BODY_LIMIT_BYTES });
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return httpErrors.HTTP_CONTENT_TYPE_UNKNOWN({ contentType: request.headers['content-type'] ?? '' });
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return httpErrors.HTTP_REQUEST_MALFORMED({ problem: shortened(message ?? 'unreadable').replace(/\.$/, '') }, error);
  }
  return undefined;
}

/** What is not even HTTP never becomes a request; it is refused on the bare socket, in our words all the same. */
function refuseUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const problem =
    error.code === 'HPE_HEADER_OVERFLOW' ? 'its headers are too long' : 'it is not HTTP, or came too slowly';
  const { code, message, details } = httpErrors.HTTP_REQUEST_MALFORMED({ problem });
  const body = JSON.stringify({ error: { code, message, details } });
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8\r\nconnection: close`;
  socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
