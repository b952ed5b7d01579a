import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { httpErrors } from './errors.ts';
import { assertSoundJson } from './sound-json.ts';

/** How long the rest of a refused body is read and thrown away, so that its sender can read the refusal. */
const LINGER_MS = 1000;

/** A body that is announced as too large is refused before a byte of it is read. */
export function refuseLargeBody(request: FastifyRequest): void {
  const limitBytes = request.routeOptions.bodyLimit;
  if (limitBytes !== undefined && Number(request.headers['content-length']) > limitBytes) {
    throw httpErrors.HTTP_BODY_TOO_LARGE({ limitBytes });
  }
}

/** JSON bodies are JSON, and hold only what every room can store. */
export function takeJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    // Whether a body is needed is the operation's to say.
    if (text === '') return done(null, undefined);
    parse(request, text, (error, value) => {
      if (error) return done(httpErrors.HTTP_JSON_MALFORMED({ problem: whyNotJson(text) }, error));
      try {
        assertSoundJson(text, value);
      } catch (unsound) {
        return done(unsound as Error);
      }
      done(null, value);
    });
  });
}

function whyNotJson(text: string): string {
  try {
    JSON.parse(text);
    return 'it holds a property called __proto__ or constructor.prototype';
  } catch (error) {
    return (error as SyntaxError).message;
  }
}

/** A byte body is handed over as the stream it is, whatever its content type says, up to the limit of its operation. */
export function takeBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request, payload: Readable, done) =>
    done(null, Readable.from(withinLimit(payload, request.routeOptions.bodyLimit), { objectMode: false })),
  );
}

/**
 * Whoever reads it may stop at any point: the request itself is left whole, so that the answer still finds its way.
 *
 * @throws HTTP_BODY_TOO_LARGE, HTTP_BODY_BROKEN when the sender goes away
 */
async function* withinLimit(payload: Readable, limitBytes = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  const parts: AsyncIterator<Uint8Array> = payload.iterator({ destroyOnReturn: false });
  for (;;) {
    const part = await parts.next().catch((error: unknown) => {
      throw httpErrors.HTTP_BODY_BROKEN({ receivedBytes: sizeBytes }, error);
    });
    if (part.done) return;
    sizeBytes += part.value.byteLength;
    if (sizeBytes > limitBytes) throw httpErrors.HTTP_BODY_TOO_LARGE({ limitBytes });
    yield part.value;
  }
}

/**
 * Lets a refusal reach a caller who is still sending: were the connection closed at once, his system would throw the
 * answer away. What he sends meanwhile is discarded, and after a while he is cut off.
 */
export function lingerAfterRefusal(request: FastifyRequest, reply: FastifyReply): void {
  const { raw } = request;
  if (raw.complete || raw.destroyed) return;
  reply.removeHeader('connection');
  reply.raw.once('finish', () => {
    raw.resume();
    const cutOff = setTimeout(() => raw.destroy(), LINGER_MS);
    raw.once('close', () => clearTimeout(cutOff));
  });
}
