import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { ColumnType, EndpointState, PredictInput, Serving, Variant } from '#domains/serving';
import { STATUS_BY_KIND } from '#platform/http';
import { isTrimtabError } from '#platform/kernel';
import { openInferenceErrors } from './errors.ts';
import { decompress, type InferRequest, readInferRequest } from './infer-request.ts';
import { assertOutputs, writeInferResponse } from './infer-response.ts';

export interface OpenInferenceOptions {
  /** Name and version told by `GET /v2`. */
  readonly serverName?: string;
  readonly serverVersion?: string;
  /** Throws when the caller may not ask; health is open to everybody. */
  readonly authenticate?: (request: FastifyRequest) => unknown;
}

const BODY_LIMIT_BYTES = 16 * 1024 * 1024;
const EXTENSIONS = ['binary_tensor_data', 'model_repository'];
/** An output beside the model's own, given when asked for by name. */
const INFERENCE_ID = 'inference_id';
const DATATYPE: Readonly<Record<ColumnType, string>> = { string: 'BYTES', number: 'FP32', timestamp: 'INT64' };

interface ModelPath {
  readonly model: string;
  readonly version?: string;
}

/**
 * The Open Inference Protocol, version 2, over REST: a model is an endpoint, a version is one its variants serve.
 * Predictions take the same way as those of the typed API: checked, split by weight, logged before they are answered.
 */
export function openInferencePlugin(serving: Serving, options: OpenInferenceOptions = {}): FastifyPluginAsync {
  return async (app) => {
    // Public clients send no content type, or octet-stream for JSON followed by bytes.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_, body, done) =>
      done(null, body),
    );
    app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
    const guard = async (request: FastifyRequest) => void (await options.authenticate?.(request));

    addServerRoutes(app, serving, options);
    app.post('/v2/repository/index', { onRequest: guard }, () => repositoryIndex(serving));
    for (const prefix of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
      app.get<{ Params: ModelPath }>(prefix, { onRequest: guard }, ({ params }) => modelMetadata(serving, params));
      app.get<{ Params: ModelPath }>(`${prefix}/ready`, ({ params }, reply) => {
        const { ready } = endpointOf(serving, params);
        return reply.code(ready ? 200 : 503).send({ name: params.model, ready });
      });
      const limits = { onRequest: guard, bodyLimit: BODY_LIMIT_BYTES };
      app.post<{ Params: ModelPath }>(`${prefix}/infer`, limits, (request, reply) =>
        infer(serving, request.params, request, reply),
      );
    }
  };
}

function addServerRoutes(app: FastifyInstance, serving: Serving, options: OpenInferenceOptions): void {
  const { serverName = 'trimtab', serverVersion = '0.1.0' } = options;
  const server = { name: serverName, version: serverVersion, extensions: EXTENSIONS };
  app.get('/v2', () => server);
  app.get('/v2/', () => server);
  app.get('/v2/health/live', () => ({ live: true }));
  app.get('/v2/health/ready', (_, reply) => {
    const ready = serving.isReady();
    return reply.code(ready ? 200 : 503).send({ ready, live: true });
  });
}

async function infer(serving: Serving, path: ModelPath, request: FastifyRequest, reply: FastifyReply) {
  const endpoint = endpointOf(serving, path);
  const { output } = serving.getSignature(endpoint.name);
  const body = decompress(bodyOf(request), request.headers['content-encoding'], BODY_LIMIT_BYTES);
  const asked = readInferRequest(body, headerOf(request, 'inference-header-content-length'));
  assertOutputs(asked, endpoint.name, [output, INFERENCE_ID]);
  const pinned = path.version === undefined ? undefined : variantOf(endpoint, path).version;
  const { predictions } = await serving.predict(endpoint.name, predictInput(asked), pinned);
  const versions = new Set(predictions.map(({ version }) => version));
  const [first] = predictions;
  const answer = writeInferResponse(asked, {
    model: endpoint.name,
    // Rows of one request can be split between versions; then no single one is named.
    version: versions.size === 1 && first ? versionNumber(first.version) : undefined,
    parameters: predictions.length === 1 && first ? { inference_id: first.inferenceId, variant: first.variant } : {},
    tensors: [
      { name: output, datatype: 'FP32', values: predictions.map(({ value }) => value) },
      { name: INFERENCE_ID, datatype: 'BYTES', values: predictions.map(({ inferenceId }) => inferenceId) },
    ],
  });
  if (answer.headerLength === undefined) return reply.type('application/json').send(answer.body);
  return reply
    .header('inference-header-content-length', answer.headerLength)
    .type('application/octet-stream')
    .send(answer.body);
}

/** Request parameters of ours: `inference_id`, `sticky_key` and `at` (event time), for the rows of the request. */
function predictInput({ rows, parameters }: InferRequest): PredictInput {
  const { inference_id: id, sticky_key: key, at } = parameters;
  for (const [name, value] of Object.entries({ inference_id: id, sticky_key: key })) {
    if (value !== undefined && typeof value !== 'string') {
      throw openInferenceErrors.OPEN_INFERENCE_MALFORMED({ where: `parameter '${name}'`, problem: 'is not a string' });
    }
  }
  return {
    rows,
    ...(typeof id === 'string'
      ? { inferenceIds: rows.map((_, row) => (rows.length === 1 ? id : `${id}#${row}`)) }
      : {}),
    ...(typeof key === 'string' ? { keys: rows.map(() => key) } : {}),
    ...(typeof at === 'string' || typeof at === 'number' ? { at } : {}),
  };
}

function modelMetadata(serving: Serving, path: ModelPath) {
  const endpoint = endpointOf(serving, path);
  const { inputs, output } = serving.getSignature(endpoint.name);
  return {
    name: endpoint.name,
    versions: [...new Set(endpoint.variants.map(({ version }) => versionNumber(version)))],
    platform: 'onnxruntime_onnx',
    inputs: inputs.map(({ name, type }) => ({ name, datatype: DATATYPE[type], shape: [-1, 1] })),
    outputs: [{ name: output, datatype: 'FP32', shape: [-1, 1] }],
  };
}

function repositoryIndex(serving: Serving) {
  return serving.listEndpoints().flatMap(({ name, variants, ready, problem }) =>
    variants.map(({ version }) => ({
      name,
      version: versionNumber(version),
      state: ready ? 'READY' : 'UNAVAILABLE',
      reason: problem ?? '',
    })),
  );
}

/** @throws OPEN_INFERENCE_MODEL_UNKNOWN for an endpoint that does not exist, or a version that it does not serve */
function endpointOf(serving: Serving, path: ModelPath): EndpointState {
  const endpoint = serving.findEndpoint(path.model);
  if (!endpoint) throw openInferenceErrors.OPEN_INFERENCE_MODEL_UNKNOWN({ ...path });
  if (path.version !== undefined) variantOf(endpoint, path);
  return endpoint;
}

function variantOf(endpoint: EndpointState, path: ModelPath): Variant {
  const variant = endpoint.variants.find(({ version }) => versionNumber(version) === path.version);
  if (variant) return variant;
  throw openInferenceErrors.OPEN_INFERENCE_MODEL_UNKNOWN({ ...path });
}

/** `version:delays/3` is version 3. */
function versionNumber(version: string): string {
  return version.slice(version.lastIndexOf('/') + 1);
}

function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Every refusal is `{ "error": message }`. */
function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (isTrimtabError(error)) return reply.code(STATUS_BY_KIND[error.kind]).send({ error: error.message });
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return reply.code(statusCode).send({ error: message ?? 'the request cannot be read' });
  }
  request.log.error({ err: error, requestId: request.id }, 'unexpected error');
  return reply.code(500).send({ error: `internal error, see the server log under request ${request.id}` });
}
