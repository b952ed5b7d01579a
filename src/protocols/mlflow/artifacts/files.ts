import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Tracking } from '#domains/tracking';
import { type Authenticate, fileAnswer, sendBytes, takeBytes } from '#platform/http';
import { invalid } from '../errors.ts';
import { filesOfFolder, noSuchArtifact, notSupported } from './endpoints.ts';
import { mimeTypeOf } from './mime-type.ts';
import { BODY_LIMIT_BYTES, bodyOf, disabled, wholeBody } from './requests.ts';
import { nameOf, safePath } from './safe-path.ts';

interface ArtifactFilesOptions {
  readonly tracking: Tracking;
  readonly authenticate: Authenticate;
  /** Where the files of a registered version are; undefined when it has none. */
  readonly sourceOfVersion: (model: string, version: string) => Promise<string | undefined>;
}

const PROXY = '/2.0/mlflow-artifacts';
const PROXY_ROOT = 'mlflow-artifacts:/';
/** How long a client may begin to read parts of a file at an address of the bucket's. */
const SIGNED_SECONDS = 300;
/** MLflow takes no more from its page. */
const PAGE_UPLOAD_BYTES = 10 * 1024 * 1024;

/** Files as bytes: MLflow's artifact proxy, and what its page downloads and uploads. */
export function artifactFilesPlugin(options: ArtifactFilesOptions): FastifyPluginAsync {
  return async (app) => {
    await app.register(async (scope) => {
      takeBytes(scope);
      scope.addHook('onRequest', async (request) => void (await options.authenticate(request)));
      for (const root of ['/api', '/ajax-api']) bindProxy(scope, `${root}${PROXY}`, options.tracking);
      bindDownloads(scope, options);
    });
  };
}

type App = Parameters<FastifyPluginAsync>[0];

function bindProxy(app: App, root: string, tracking: Tracking): void {
  const proxied = (request: FastifyRequest) => {
    if (!tracking.servesFiles) throw disabled(request);
    const { '*': path } = request.params as { readonly '*': string };
    const safe = safePath(path);
    if (safe === '') throw noSuchArtifact(path);
    return safe;
  };
  app.get(`${root}/artifacts`, async (request) => {
    if (!tracking.servesFiles) throw disabled(request);
    return filesOfFolder(tracking, PROXY_ROOT, safePath(queryText(request, 'path') ?? ''), '');
  });
  app.get(`${root}/artifacts/*`, (request, reply) => {
    return sendFile(tracking, { uri: PROXY_ROOT, path: proxied(request) }, request, reply);
  });
  app.put(`${root}/artifacts/*`, { bodyLimit: BODY_LIMIT_BYTES }, async (request) => {
    await tracking.putFile(proxied(request), bodyOf(request));
    return {};
  });
  app.delete(`${root}/artifacts/*`, async (request) => {
    const path = proxied(request);
    await tracking.filesAt(PROXY_ROOT).remove(path);
    return {};
  });
  app.get(`${root}/presigned/*`, async (request) => {
    const path = proxied(request);
    const files = tracking.filesAt(PROXY_ROOT);
    if (!files.sign) throw notSupported('Multipart download');
    const opened = await files.open(path);
    if (!opened) throw noSuchArtifact(path);
    const url = await files.sign(path, { to: 'read', seconds: SIGNED_SECONDS });
    return { url, headers: {}, file_size: opened.file.sizeBytes };
  });
}

function bindDownloads(app: App, { tracking, sourceOfVersion }: ArtifactFilesOptions): void {
  for (const address of ['/get-artifact', '/ajax-api/2.0/mlflow/get-artifact']) {
    app.get(address, async (request, reply) => {
      const path = safePath(required(request, 'path'));
      const run = queryText(request, 'run_id') || required(request, 'run_uuid');
      return sendFile(tracking, { uri: (await tracking.getRun(run)).artifactUri, path }, request, reply);
    });
  }
  app.get('/model-versions/get-artifact', async (request, reply) => {
    const path = safePath(required(request, 'path'));
    const uri = await sourceOfVersion(required(request, 'name'), required(request, 'version'));
    if (uri === undefined) throw noSuchArtifact(path);
    return sendFile(tracking, { uri, path }, request, reply);
  });
  app.get('/ajax-api/2.0/mlflow/logged-models/:model_id/artifacts/files', async (request, reply) => {
    const path = safePath(required(request, 'artifact_file_path'));
    const { model_id: id } = request.params as { readonly model_id: string };
    const { artifactUri } = await tracking.getLoggedModel(id);
    return sendFile(tracking, { uri: artifactUri, path }, request, reply);
  });
  app.post('/ajax-api/2.0/mlflow/upload-artifact', { bodyLimit: PAGE_UPLOAD_BYTES * 2 }, async (request) => {
    const run = queryText(request, 'run_uuid');
    if (!run) throw invalid('Request must specify run_uuid.');
    const given = queryText(request, 'path');
    if (!given) throw invalid('Request must specify path.');
    const path = safePath(given);
    const data = await wholeBody(request, PAGE_UPLOAD_BYTES, 'Artifact size is too large. Max size is 10MB.');
    if (data.byteLength === 0) throw invalid('Request must specify data.');
    await tracking.putArtifact(run, path, data);
    return {};
  });
}

/** Sends a file as MLflow does: for saving, under a type that follows from its name. */
export async function sendFile(
  tracking: Pick<Tracking, 'filesAt'>,
  { uri, path }: { readonly uri: string; readonly path: string },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const opened = path === '' ? undefined : await tracking.filesAt(uri).open(path);
  if (!opened) throw noSuchArtifact(path);
  const { sizeBytes, digest, modifiedAtMs } = opened.file;
  const name = nameOf(path);
  const version = digest ?? `${sizeBytes}-${modifiedAtMs}`;
  const file = { name, sizeBytes, contentType: mimeTypeOf(name), version, read: opened.read };
  return sendBytes(await fileAnswer(file, request), reply);
}

function queryText(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Readonly<Record<string, unknown>>)[name];
  const one = Array.isArray(value) ? value[0] : value;
  return typeof one === 'string' ? one : undefined;
}

function required(request: FastifyRequest, name: string): string {
  const value = queryText(request, name);
  if (value) return value;
  throw invalid(
    `Missing value for required parameter '${name}'. See the API docs for more information about request parameters.`,
  );
}
