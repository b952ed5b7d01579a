import type { Updateable } from 'kysely';
import type { Database, Sql } from '#platform/sql';
import { ATTRIBUTES } from './core/conventions.ts';
import { METADATA, SPANS_HERE, TAGS } from './core/names.ts';
import { previewOf } from './core/preview.ts';
import { sumOf } from './core/usage.ts';
import { tracingErrors } from './errors.ts';
import type { Span, TraceState } from './model.ts';
import { writableExperiment } from './places.ts';
import type { Experiments } from './ports.ts';
import { attributeOf, microseconds, type ReceivedSpan, readAmounts, spanOf, writeSpans } from './store/span-store.ts';
import { holdTrace, readMetadata, type TraceRow, updateTrace, writeTexts } from './store/trace-store.ts';

interface SpansOptions {
  readonly database: Database;
  readonly experiments: Experiments;
}

/** May refuse, by throwing, that spans are added to a trace of another experiment than their sender named. */
export type AdmitExperiment = (experimentId: string) => void | Promise<void>;

const MAX_TRACE_ID = 250;

/** Takes spans as they end. Their trace comes into being with its first one. */
export function createSpans({ database, experiments }: SpansOptions) {
  async function logTrace(
    tx: Sql,
    trace: string,
    spans: readonly Span[],
    place: { readonly number: number; readonly artifactLocation: string; readonly admit: AdmitExperiment | undefined },
  ): Promise<void> {
    const facts = factsOf(spans);
    const { row, isNew } = await holdTrace(tx, {
      id: trace,
      experiment: place.number,
      state: facts.rootState ?? 'in-progress',
      started_at: facts.startedAtMs,
      duration_ms: facts.endedAtMs === undefined ? null : facts.endedAtMs - facts.startedAtMs,
      client_request_id: null,
      request_preview: facts.requestPreview,
      response_preview: facts.responsePreview,
      told: 0,
    });
    if (isNew) {
      const location = artifactLocation(place.artifactLocation, trace);
      await writeTexts(tx, 'tracing_tag', trace, new Map([[TAGS.artifactLocation, location]]));
    } else {
      if (row.experiment !== place.number) await place.admit?.(String(row.experiment));
      await updateTrace(tx, trace, changesBy(row, facts));
    }
    await writeSpans(tx, trace, spans);
    await writeTexts(tx, 'tracing_tag', trace, new Map([[TAGS.spansLocation, SPANS_HERE]]));
    await writeMetadata(tx, trace, spans, row.told === 1);
  }

  return {
    /**
     * Stores spans, all or none. A span that is there already is replaced, so a repeated request changes nothing.
     *
     * @param admit is asked about traces that lie in another experiment
     * @returns ids of the traces they belong to
     */
    async logSpans(
      experimentId: string,
      received: readonly ReceivedSpan[],
      admit?: AdmitExperiment,
    ): Promise<readonly string[]> {
      const byTrace = new Map<string, Span[]>();
      for (const one of received) {
        const span = spanOf(one);
        const trace = traceIdOf(span, one.traceId);
        const own = byTrace.get(trace) ?? [];
        byTrace.set(trace, own);
        own.push(span);
      }
      // In one order everywhere, so that two writers wait for each other instead of for ever.
      const traces = [...byTrace].sort(([a], [b]) => (a < b ? -1 : 1));
      const place = await writableExperiment(experiments, experimentId);
      await database.transaction(async (tx) => {
        for (const [trace, spans] of traces) await logTrace(tx, trace, spans, { ...place, admit });
      });
      return traces.map(([trace]) => trace);
    },
  };
}

function traceIdOf(span: Span, otelId: string): string {
  const told = attributeOf(span, ATTRIBUTES.traceId);
  const id = typeof told === 'string' && told !== '' ? told : `tr-${otelId}`;
  if (id.length <= MAX_TRACE_ID) return id;
  throw tracingErrors.TRACING_VALUE_INVALID({
    field: ATTRIBUTES.traceId,
    problem: `it has more than ${MAX_TRACE_ID} signs`,
  });
}

/** Where clients put attachments of a trace. */
export function artifactLocation(root: string, trace: string): string {
  return `${root.replace(/\/+$/, '')}/traces/${trace}/artifacts`;
}

interface Facts {
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
  readonly rootState: TraceState | undefined;
  readonly requestPreview: string | null;
  readonly responsePreview: string | null;
}

function factsOf(spans: readonly Span[]): Facts {
  const ends = spans.flatMap(({ endNs }) => (endNs === null ? [] : [milliseconds(endNs)]));
  const root = spans.find(({ parent }) => parent === null);
  return {
    startedAtMs: Math.min(...spans.map(({ startNs }) => milliseconds(startNs))),
    endedAtMs: ends.length === 0 ? undefined : Math.max(...ends),
    rootState: root && stateOf(root),
    requestPreview: root ? previewOf(attributeOf(root, ATTRIBUTES.inputs), 'user') : null,
    responsePreview: root ? previewOf(attributeOf(root, ATTRIBUTES.outputs), 'assistant') : null,
  };
}

function stateOf(root: Span): TraceState {
  if (root.status === 'error') return 'error';
  return root.endNs === null ? 'in-progress' : 'ok';
}

function milliseconds(ns: string): number {
  return Math.floor(microseconds(ns) / 1000);
}

/** What spans change of a trace that is there. Of one that its client told as a whole only what it left out. */
function changesBy(row: TraceRow, facts: Facts): Updateable<TraceRow> {
  const changes: Updateable<TraceRow> = {};
  if (row.told === 0) {
    changes.started_at = Math.min(row.started_at, facts.startedAtMs);
    const known = row.duration_ms === null ? undefined : row.started_at + row.duration_ms;
    const ends = [known, facts.endedAtMs].filter((end) => end !== undefined);
    if (ends.length > 0) changes.duration_ms = Math.max(...ends) - changes.started_at;
  }
  if (facts.rootState && (row.state === 'in-progress' || row.state === 'unknown')) changes.state = facts.rootState;
  if (row.request_preview === null && facts.requestPreview !== null) changes.request_preview = facts.requestPreview;
  if (row.response_preview === null && facts.responsePreview !== null) changes.response_preview = facts.responsePreview;
  return changes;
}

async function writeMetadata(tx: Sql, trace: string, spans: readonly Span[], told: boolean): Promise<void> {
  for (const what of ['usage', 'cost'] as const) {
    if (spans.every((span) => attributeOf(span, ATTRIBUTES[what]) === undefined)) continue;
    if (told && (await readMetadata(tx, trace, METADATA[what])) !== undefined) continue;
    const sum = sumOf(await readAmounts(tx, trace, what));
    if (sum) await writeTexts(tx, 'tracing_metadata', trace, new Map([[METADATA[what], JSON.stringify(sum)]]));
  }
  const first = (key: string) => spans.map((span) => attributeOf(span, key)).find((value) => typeof value === 'string');
  const found = new Map<string, string>();
  const session = told ? undefined : first(ATTRIBUTES.session);
  const user = first(ATTRIBUTES.user);
  if (session) found.set(METADATA.session, session as string);
  if (user) found.set(METADATA.user, user as string);
  await writeTexts(tx, 'tracing_metadata', trace, found, 'keep');
}
