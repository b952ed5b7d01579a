import { Readable } from 'node:stream';
import {
  type Endpoint as EndpointAnswer,
  type EndpointSignature,
  type EndpointStats as EndpointStatsAnswer,
  type LatencySummary,
  servingOperations as operations,
  type Variant as VariantBody,
} from '#contract';
import { type Route, route } from '#platform/http';
import { operation } from '#platform/operation';
import type { TrafficSummary } from './core/traffic-window.ts';
import { servingErrors } from './errors.ts';
import type { EndpointState, Variant } from './model.ts';
import type { EndpointStats, Serving } from './serving.ts';

const DEFAULT_STATS_WINDOW_MS = 300_000;

const metricsOperation = operation({
  id: 'serving.metrics',
  method: 'GET',
  path: '/metrics',
  summary: 'Serving metrics in the Prometheus text format.',
  response: 'bytes',
  mediaTypes: ['text/plain'],
});

export function servingRoutes(serving: Serving): readonly Route[] {
  return [
    route(operations.listEndpoints, () => ({ endpoints: serving.listEndpoints().map(endpointAnswer) })),
    route(operations.createEndpoint, async ({ body, principal }) => {
      const { name, stickyKey, reason = 'created' } = body;
      const input = { name, stickyKey, variants: body.variants.map(variantOf) };
      return endpointAnswer(await serving.createEndpoint(input, { actor: principal.id, reason }));
    }),
    route(operations.getEndpoint, ({ params }) => endpointAnswer(serving.getEndpoint(params.endpoint))),
    route(operations.setTraffic, async ({ params, body, principal }) => {
      const input = { variants: body.variants.map(variantOf), revision: body.revision, force: body.force };
      const change = { actor: principal.id, reason: body.reason };
      return endpointAnswer(await serving.setTraffic(params.endpoint, input, change));
    }),
    route(operations.blockEndpoint, async ({ params, body, principal }) =>
      endpointAnswer(await serving.block(params.endpoint, { actor: principal.id, reason: body.reason })),
    ),
    route(operations.unblockEndpoint, async ({ params, body, principal }) =>
      endpointAnswer(await serving.unblock(params.endpoint, { actor: principal.id, reason: body.reason })),
    ),
    route(operations.deleteEndpoint, ({ params, query, principal }) =>
      serving.deleteEndpoint(params.endpoint, { actor: principal.id, reason: query.reason ?? 'deleted' }),
    ),
    route(operations.getSignature, ({ params, request }) =>
      signatureAnswer(serving, params.endpoint, `${request.protocol}://${request.host}`),
    ),
    route(operations.predict, ({ params, body }) => serving.predict(params.endpoint, body)),
    route(operations.getStats, async ({ params, query }) =>
      statsAnswer(await serving.getStats(params.endpoint, query.windowMs ?? DEFAULT_STATS_WINDOW_MS)),
    ),
    route(operations.listPredictions, async ({ params, query }) => {
      const { limit = 50, beforeMs } = query;
      return { predictions: [...(await serving.listPredictions(params.endpoint, { limit, beforeMs }))] };
    }),
    route(operations.getPrediction, ({ params }) => serving.getPrediction(params.endpoint, params.inferenceId)),
    route(metricsOperation, async () => {
      const { registry } = serving.metrics;
      return { stream: Readable.from([await registry.metrics()]), contentType: registry.contentType };
    }),
  ];
}

function variantOf({ name, version, weight }: VariantBody): Variant {
  if (!isVersionRef(version)) throw servingErrors.SERVING_MODEL_UNFIT({ version, problem: 'it is no version' });
  return { name, version, weight };
}

function isVersionRef(text: string): text is Variant['version'] {
  return text.startsWith('version:');
}

function endpointAnswer(state: EndpointState): EndpointAnswer {
  return { ...state, variants: state.variants.map((variant) => ({ ...variant })) };
}

function signatureAnswer(serving: Serving, endpoint: string, origin: string): EndpointSignature {
  const { inputs, output, example } = serving.getSignature(endpoint);
  const body = JSON.stringify({ rows: [example] }).replaceAll("'", "'\\''");
  return {
    inputs: inputs.map(({ name, type, nullable = false }) => ({ name, type, nullable })),
    output,
    example: { ...example },
    curl: `curl -X POST '${origin}/api/endpoints/${endpoint}/predict' -H 'content-type: application/json' -d '${body}'`,
  };
}

function statsAnswer({ windowMs, inFlight, total, variants, days, errorDays }: EndpointStats): EndpointStatsAnswer {
  return {
    windowMs,
    inFlight,
    requests: total.requests,
    rows: total.rows,
    rowsPerSecond: (total.rows * 1000) / windowMs,
    latency: latencyAnswer(total),
    errors: [...total.errors].map(([code, count]) => ({ code, count })),
    variants: variants
      .filter(({ rows }) => rows > 0)
      .map((summary) => ({
        variant: summary.variant,
        version: summary.version,
        rows: summary.rows,
        share: summary.rows / total.rows,
        meanPrediction: summary.meanPrediction,
        latency: latencyAnswer(summary),
      })),
    days: [...days],
    errorDays: [...errorDays],
  };
}

function latencyAnswer({ p50Ms, p90Ms, p99Ms, maxMs }: TrafficSummary): LatencySummary {
  return { p50Ms, p90Ms, p99Ms, maxMs };
}
