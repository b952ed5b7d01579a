import { promisify } from 'node:util';
import { gunzip, inflate, inflateRaw } from 'node:zlib';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Tracing } from '#domains/tracing';
import { invalid, MlflowError } from '../errors.ts';
import { OTLP } from './otlp-proto.ts';
import { spansIn } from './otlp-request.ts';

interface OtlpOptions {
  readonly tracing: Pick<Tracing, 'logSpans'>;
  /** Whether a caller may write to an experiment that he did not name; throws when he may not. */
  readonly admit: (request: FastifyRequest, experimentId: string) => void | Promise<void>;
}

const BODY_LIMIT_BYTES = 64 * 1024 * 1024;
/** An answer to whom all was taken is an empty message. */
const NOTHING = Buffer.alloc(0);

/** OpenTelemetry's export of spans over HTTP, as protobuf or JSON, plain or compressed. */
export function otlpPlugin({ tracing, admit }: OtlpOptions): FastifyPluginAsync {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
    app.post('/v1/traces', { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
      const experimentId = request.headers['x-mlflow-experiment-id'];
      if (typeof experimentId !== 'string' || experimentId === '') {
        throw invalid('The header x-mlflow-experiment-id must name the experiment that the spans belong to.');
      }
      const type = request.headers['content-type']?.split(';')[0]?.trim();
      const isJson = type === 'application/json';
      if (!isJson && type !== 'application/x-protobuf') {
        const expected = 'Expected: application/x-protobuf or application/json';
        throw new MlflowError('BAD_REQUEST', `Invalid Content-Type: ${type ?? 'None'}. ${expected}`);
      }
      const body = await decompressed(request);
      const spans = spansIn(isJson ? parseJson(body) : await decode(body));
      if (spans.length > 0) await tracing.logSpans(experimentId, spans, (other) => admit(request, other));
      if (isJson) return reply.type('application/json').send('{}');
      return reply.type('application/x-protobuf').send(NOTHING);
    });
  };
}

async function decompressed(request: FastifyRequest): Promise<Buffer> {
  const body = Buffer.isBuffer(request.body) ? request.body : NOTHING;
  const encoding = request.headers['content-encoding']?.toLowerCase();
  if (encoding === undefined || encoding === 'identity') return body;
  const limit = { maxOutputLength: BODY_LIMIT_BYTES };
  try {
    if (encoding === 'gzip') return await promisify<Buffer, object, Buffer>(gunzip)(body, limit);
    // Some clients leave the header of the format out; its first byte tells.
    const raw = (body[0] ?? 0) % 16 !== 8;
    if (encoding === 'deflate') return await promisify<Buffer, object, Buffer>(raw ? inflateRaw : inflate)(body, limit);
  } catch {
    throw new MlflowError('BAD_REQUEST', `Failed to decompress ${encoding} payload`);
  }
  throw new MlflowError('BAD_REQUEST', `Unsupported Content-Encoding: ${encoding}`);
}

function parseJson(body: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    throw new MlflowError('BAD_REQUEST', 'Invalid OpenTelemetry format');
  }
}

type Decoder = (body: Buffer) => unknown;
let decoder: Promise<Decoder> | undefined;

async function decode(body: Buffer): Promise<unknown> {
  decoder ??= loadDecoder();
  const read = await decoder;
  try {
    return read(body);
  } catch {
    throw new MlflowError('BAD_REQUEST', 'Invalid OpenTelemetry format');
  }
}

/** Imported when the first spans come. */
async function loadDecoder(): Promise<Decoder> {
  const { default: protobuf } = await import('protobufjs/light.js');
  const type = protobuf.Root.fromJSON(OTLP).lookupType('ExportTraceServiceRequest');
  return (body) => type.toObject(type.decode(body), { longs: String });
}
