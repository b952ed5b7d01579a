import {
  type Assessment as AssessmentAnswer,
  tracingOperations as operations,
  type Span as SpanAnswer,
  type TraceInfo as TraceInfoAnswer,
} from '#contract';
import { type Route, route } from '#platform/http';
import { pageTokens } from '#platform/search';
import { ATTRIBUTES } from './core/conventions.ts';
import { METADATA, TAGS } from './core/names.ts';
import { jsonObject } from './core/otlp.ts';
import { amountsIn } from './core/usage.ts';
import { evaluationDatasetRoutes } from './datasets/routes.ts';
import { tracingErrors } from './errors.ts';
import type { Assessment, Span, TraceInfo } from './model.ts';
import { attributeOf } from './store/span-store.ts';
import type { Tracing } from './tracing.ts';

export function tracingRoutes(tracing: Tracing): readonly Route[] {
  return [
    route(operations.searchTraces, async ({ params, query }) => {
      const { filter = '', orderBy, limit = 100, pageToken } = query;
      const experimentId = await tracing.experimentNamed(params.experiment);
      const pages = pageTokens({ experimentId, filter, orderBy: orderBy ?? null }, () =>
        tracingErrors.TRACING_PAGE_TOKEN_INVALID({}),
      );
      const { traces, nextOffset } = await tracing.searchTraces({
        ...{ experimentIds: [experimentId], filter, limit },
        orderBy: orderBy === undefined ? [] : [orderBy],
        offset: pages.offsetOf(pageToken),
      });
      return { traces: traces.map(infoAnswer), nextPageToken: pages.tokenOf(nextOffset) };
    }),
    route(operations.traceFigures, async ({ params, query }) => {
      const experimentId = await tracing.experimentNamed(params.experiment);
      return figures(tracing, experimentId, query.filter ?? '');
    }),
    route(operations.getTrace, async ({ params }) => {
      const { info, spans } = await tracing.getTrace(params.trace);
      const links = await tracing.linksOfTrace(params.trace);
      const targets = (kind: string) => links.filter((link) => link.kind === kind).map(({ target }) => target);
      const source = info.metadata.get(METADATA.run);
      return {
        ...infoAnswer(info),
        runs: [...new Set([...(source ? [source] : []), ...targets('run')])],
        prompts: targets('prompt').map((target) => {
          const slash = target.lastIndexOf('/');
          return { name: target.slice(0, slash), version: target.slice(slash + 1) };
        }),
        tree: spans.map((span) => spanAnswer(span, info.startedAtMs)),
      };
    }),
    route(operations.deleteTraces, async ({ params, body }) => {
      const experimentId = await tracing.experimentNamed(params.experiment);
      return { deleted: await tracing.deleteTraces(experimentId, { ids: body.traces }) };
    }),
    route(operations.tagTrace, async ({ params, body }) => {
      const { set = {}, drop = [] } = body;
      return infoAnswer(await tracing.tagTrace(params.trace, new Map(Object.entries(set)), drop));
    }),
    route(operations.addAssessment, async ({ params, body, principal }) => {
      const { id, kind = 'feedback', name, value, rationale = null, span = null, overrides = null } = body;
      const source = { kind: 'human', id: principal.id } as const;
      const content = { kind, name, value: value ?? null, rationale, span, overrides };
      const rest = { error: null, source, metadata: new Map<string, string>() };
      return assessmentAnswer(await tracing.addAssessment(params.trace, { ...content, ...rest }, { id }));
    }),
    route(operations.deleteAssessment, ({ params }) => tracing.deleteAssessment(params.trace, params.assessment)),
    ...evaluationDatasetRoutes(tracing),
  ];
}

async function figures(tracing: Tracing, experimentId: string, filter: string) {
  const ask = async (metric: string, kinds: readonly ('count' | 'sum' | number)[], byState = false) =>
    tracing.traceMetrics({
      ...{ experimentIds: [experimentId], view: 'traces', metric, filter, filters: [], limit: 100 },
      aggregations: kinds.map((kind) =>
        typeof kind === 'number' ? { kind: 'percentile', percentile: kind } : { kind },
      ),
      dimensions: byState ? ['trace_status'] : [],
    });
  const first = async (metric: string, kinds: readonly ('sum' | number)[]) => (await ask(metric, kinds))[0]?.values;
  const states = await ask('trace_count', ['count'], true);
  const count = (state?: string) =>
    states
      .filter(({ dimensions }) => state === undefined || dimensions[0] === state)
      .reduce((sum, { values }) => sum + (values[0] ?? 0), 0);
  const [p50Ms = null, p95Ms = null] = (await first('latency', [50, 95])) ?? [];
  const tokens = async (name: string) => (await first(name, ['sum']))?.[0] ?? 0;
  return {
    ...{ traces: count(), errors: count('ERROR'), p50Ms, p95Ms },
    tokens: {
      input: await tokens('input_tokens'),
      output: await tokens('output_tokens'),
      total: await tokens('total_tokens'),
    },
    costUsd: await tokens('total_cost'),
  };
}

function infoAnswer(info: TraceInfo): TraceInfoAnswer {
  const { spanCount, metadata, tags, assessments, ...rest } = info;
  return {
    ...rest,
    name: tags.get(TAGS.name) ?? null,
    spans: spanCount,
    tokens: tokensIn(metadata.get(METADATA.usage)),
    costUsd: amountsIn(metadata.get(METADATA.cost))?.total_cost ?? null,
    session: metadata.get(METADATA.session) ?? null,
    tags: Object.fromEntries(tags),
    metadata: Object.fromEntries(metadata),
    assessments: assessments.map(assessmentAnswer),
  };
}

function tokensIn(value: unknown): TraceInfoAnswer['tokens'] {
  const amounts = amountsIn(value);
  if (!amounts) return null;
  const { input_tokens: input = 0, output_tokens: output = 0 } = amounts;
  const whole = { input, output, total: amounts.total_tokens ?? input + output };
  return Object.values(whole).every(Number.isSafeInteger) ? whole : null;
}

function assessmentAnswer({ metadata, ...assessment }: Assessment): AssessmentAnswer {
  return { ...assessment, metadata: Object.fromEntries(metadata) };
}

function spanAnswer(span: Span, traceStartMs: number): SpanAnswer {
  const offset = (ns: string) => Number(BigInt(ns) / 1000n - BigInt(traceStartMs) * 1000n) / 1000;
  const { id, parent, name, type, status, statusMessage, service, startNs, endNs } = span;
  const offsetMs = offset(startNs);
  const model = attributeOf(span, ATTRIBUTES.model);
  return {
    ...{ id, parent, name, type, status, statusMessage, service, offsetMs },
    durationMs: endNs === null ? null : Math.round((offset(endNs) - offsetMs) * 1000) / 1000,
    inputs: attributeOf(span, ATTRIBUTES.inputs) ?? null,
    outputs: attributeOf(span, ATTRIBUTES.outputs) ?? null,
    attributes: jsonObject(span.attributes),
    events: span.events.map((event) => ({
      name: event.name,
      offsetMs: offset(event.timeUnixNano),
      attributes: jsonObject(event.attributes),
    })),
    tokens: tokensIn(attributeOf(span, ATTRIBUTES.usage)),
    model: typeof model === 'string' ? model : null,
  };
}
