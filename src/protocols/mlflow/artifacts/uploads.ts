import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Tracking } from '#domains/tracking';
import { type Authenticate, takeBytes } from '#platform/http';
import { invalid } from '../errors.ts';
import { parseLenientJson } from '../lenient-json.ts';
import { Message } from '../message.ts';
import { BODY_LIMIT_BYTES, bodyOf, disabled, wholeBody } from './requests.ts';
import { nameOf, safePath } from './safe-path.ts';

interface ArtifactUploadsOptions {
  readonly tracking: Tracking;
  readonly authenticate: Authenticate;
}

const ROOT = '/2.0/mlflow-artifacts/mpu';
const MAX_PARTS = 10_000;
/** Enough to name as many parts. */
const MESSAGE_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Uploads of large files in parts, several at once. A client is told an address for each part; it calls these without
 * credentials, so the id of the upload in them, which only he was told, is what lets him in.
 */
export function artifactUploadsPlugin({ tracking, authenticate }: ArtifactUploadsOptions): FastifyPluginAsync {
  return async (app) => {
    await app.register(async (scope) => {
      takeBytes(scope);
      scope.addHook('onRequest', async (request) => void (await authenticate(request)));
      for (const root of ['/api', '/ajax-api']) bindMessages(scope, `${root}${ROOT}`, tracking);
    });
    await app.register(async (scope) => {
      takeBytes(scope);
      for (const root of ['/api', '/ajax-api']) bindParts(scope, `${root}${ROOT}`, tracking);
    });
  };
}

type App = Parameters<FastifyPluginAsync>[0];

function bindMessages(app: App, root: string, tracking: Tracking): void {
  const options = { bodyLimit: MESSAGE_LIMIT_BYTES };
  app.post(`${root}/create/*`, options, async (request) => {
    const { path, message } = await asked(request, tracking);
    const parts = message.integer('num_parts') ?? 1;
    if (parts < 1 || parts > MAX_PARTS) {
      throw message.invalidValue('num_parts', `It must be between 1 and ${MAX_PARTS}.`);
    }
    const id = await tracking.beginUpload(path);
    const credentials = Array.from({ length: parts }, (_, index) => ({
      url: `${addressOf(request)}/api${ROOT}/part/${id}/${index + 1}`,
      part_number: index + 1,
      headers: {},
    }));
    return { upload_id: id, credentials };
  });
  app.post(`${root}/complete/*`, options, async (request) => {
    const { path, message } = await asked(request, tracking);
    const parts = message.messages('parts').map((part) => ({
      number: part.requiredInteger('part_number'),
      etag: (part.text('etag') ?? '').replace(/^"|"$/g, ''),
    }));
    if (parts.length === 0) throw message.missing('parts');
    await tracking.completeUpload(message.requiredText('upload_id'), path, parts);
    return {};
  });
  app.post(`${root}/abort/*`, options, async (request) => {
    const { path, message } = await asked(request, tracking);
    await tracking.abortUpload(message.requiredText('upload_id'), path);
    return {};
  });
}

function bindParts(app: App, root: string, tracking: Tracking): void {
  app.put(`${root}/part/:upload/:part`, { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    if (!tracking.servesFiles) throw disabled(request);
    const { upload, part } = request.params as { readonly upload: string; readonly part: string };
    const { etag } = await tracking.putPart(upload, Number(part), bodyOf(request));
    return reply.header('etag', `"${etag}"`).send({});
  });
}

/** The file that a message is about: the folder in its address and the name of the client's file. */
async function asked(request: FastifyRequest, { servesFiles }: Tracking) {
  if (!servesFiles) throw disabled(request);
  const { '*': folder } = request.params as { readonly '*': string };
  const safe = safePath(folder);
  const message = new Message(parseLenientJson((await wholeBody(request, MESSAGE_LIMIT_BYTES)).toString()));
  const name = nameOf(safePath(nameOf(message.requiredText('path'))));
  if (name === '') throw invalid('Invalid path');
  return { message, path: safe === '' ? name : `${safe}/${name}` };
}

/** How the client calls this server, also through a proxy. */
function addressOf({ headers, protocol, host }: FastifyRequest): string {
  const told = (name: string) =>
    String(headers[name] ?? '')
      .split(',')[0]
      ?.trim();
  return `${told('x-forwarded-proto') || protocol}://${told('x-forwarded-host') || host}`;
}
