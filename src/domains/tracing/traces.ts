import type { Clock, Rng } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { newAssessmentId } from './assessments.ts';
import { expectedSpans, SPANS_HERE, TAGS } from './core/names.ts';
import { tracingErrors } from './errors.ts';
import type { Assessment, AssessmentContent, Span, Texts, Trace, TraceInfo, TraceState } from './model.ts';
import { numberIn, writableExperiment } from './places.ts';
import type { Experiments, Runs } from './ports.ts';
import { type AdmitExperiment, artifactLocation } from './spans.ts';
import { insertAssessment } from './store/assessment-store.ts';
import { readSpans } from './store/span-store.ts';
import {
  deleteTag,
  deleteTraces,
  findExperimentOf,
  holdTrace,
  lockTrace,
  readInfos,
  readLinks,
  updateTrace,
  writeLinks,
  writeTexts,
} from './store/trace-store.ts';

interface TracesOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly experiments: Experiments;
  readonly runs: Runs;
  /** How long to wait for spans that are on their way, ms. */
  readonly patienceMs: number;
}

/** A trace as its client tells of it when it has ended. */
export interface ToldTrace {
  readonly id: string;
  readonly experimentId: string;
  readonly state: TraceState;
  readonly clientRequestId: string | null;
  readonly startedAtMs: number;
  readonly durationMs: number | null;
  readonly requestPreview: string | null;
  readonly responsePreview: string | null;
  readonly metadata: Texts;
  readonly tags: Texts;
  readonly assessments: readonly (AssessmentContent & {
    readonly id?: string | undefined;
    readonly createdAtMs?: number | undefined;
  })[];
}

interface DeleteRequest {
  readonly ids?: readonly string[] | undefined;
  readonly untilMs?: number | undefined;
  readonly limit?: number | undefined;
}

const KEY_LIMIT = 250;
const TAG_LIMIT = 8000;
const LINKS_LIMIT = 100;
const LATEST_MS = Date.UTC(9999, 11, 31);
const LOOK_AGAIN_MS = 100;

/** Traces as a whole: told by clients, read, tagged, linked and deleted. */
export function createTraces({ database, clock, rng, experiments, runs, patienceMs }: TracesOptions) {
  async function getTraceInfo(id: string, sql: Sql = database): Promise<TraceInfo> {
    const [info] = await readInfos(sql, [id]);
    if (!info) throw tracingErrors.TRACING_TRACE_NOT_FOUND({ trace: id });
    return info;
  }

  async function readTrace(id: string): Promise<Trace> {
    const info = await getTraceInfo(id);
    return { info, spans: (await readSpans(database, [id])).get(id) ?? [] };
  }

  /** Changes a trace while it is held. */
  function change<Result>(id: string, work: (tx: Sql) => Promise<Result>): Promise<Result> {
    return database.transaction(async (tx) => {
      if (!(await lockTrace(tx, id))) throw tracingErrors.TRACING_TRACE_NOT_FOUND({ trace: id });
      return work(tx);
    });
  }

  async function tellTrace(told: ToldTrace, admit?: AdmitExperiment): Promise<TraceInfo> {
    const place = await writableExperiment(experiments, told.experimentId);
    assertId(told.id);
    assertTimes(told);
    for (const [key, value] of told.tags) assertTag(key, value);
    for (const key of told.metadata.keys()) assertKey('key of metadata', key);
    const { state, startedAtMs, durationMs, clientRequestId, requestPreview, responsePreview } = told;
    const row = {
      experiment: place.number,
      state,
      started_at: startedAtMs,
      duration_ms: durationMs,
      client_request_id: clientRequestId,
      request_preview: requestPreview,
      response_preview: responsePreview,
      told: 1,
    };
    return database.transaction(async (tx) => {
      const held = await holdTrace(tx, { id: told.id, ...row });
      if (!held.isNew) {
        const known = held.row;
        if (known.experiment !== place.number) await admit?.(String(known.experiment));
        await updateTrace(tx, told.id, {
          ...row,
          // What spans told stands where the client left it out.
          request_preview: requestPreview ?? known.request_preview,
          response_preview: responsePreview ?? known.response_preview,
        });
      }
      const location = artifactLocation(place.artifactLocation, told.id);
      await writeTexts(tx, 'tracing_tag', told.id, new Map([...told.tags, [TAGS.artifactLocation, location]]));
      await writeTexts(tx, 'tracing_metadata', told.id, told.metadata);
      for (const assessment of told.assessments) await insertAssessment(tx, assessmentOf(told.id, assessment));
      return getTraceInfo(told.id, tx);
    });
  }

  function assessmentOf(trace: string, given: ToldTrace['assessments'][number]): Assessment {
    const nowMs = clock.now();
    const { id = newAssessmentId(clock, rng), createdAtMs = nowMs, ...content } = given;
    return { ...content, id, trace, valid: true, createdAtMs, changedAtMs: nowMs };
  }

  return {
    /**
     * Takes what a client tells of a trace as a whole. It counts more than what was read out of spans, whichever came
     * first.
     *
     * @param admit is asked when the trace lies in another experiment so far
     */
    tellTrace,

    getTraceInfo,

    /** In the order asked for; ids without a trace are left out. */
    getTraceInfos: (ids: readonly string[]) => readInfos(database, [...new Set(ids)]),

    /** A trace with the spans that have arrived. */
    getTrace: readTrace,

    /** A trace with all of its spans; waits a little for those that are on their way. @throws TRACING_TRACE_INCOMPLETE */
    async getWholeTrace(id: string): Promise<Trace> {
      for (let waitedMs = 0; ; waitedMs += LOOK_AGAIN_MS) {
        const trace = await readTrace(id);
        const expected = expectedSpans(trace.info.metadata) ?? 0;
        if (trace.spans.length > 0 && trace.spans.length >= expected) return trace;
        if (waitedMs >= patienceMs) {
          const stored = trace.spans.length;
          throw tracingErrors.TRACING_TRACE_INCOMPLETE({ trace: id, stored, expected: Math.max(expected, 1) });
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
    },

    /** Those of some traces of which all spans are here, in the order asked for. */
    async getWholeTraces(ids: readonly string[]): Promise<readonly Trace[]> {
      const infos = (await readInfos(database, [...new Set(ids)])).filter(
        ({ tags, spanCount, metadata }) =>
          tags.get(TAGS.spansLocation) === SPANS_HERE && spanCount >= (expectedSpans(metadata) ?? 1),
      );
      const spans: ReadonlyMap<string, readonly Span[]> = await readSpans(
        database,
        infos.map(({ id }) => id),
      );
      return infos.flatMap((info) => {
        const own = spans.get(info.id) ?? [];
        return own.length === 0 ? [] : { info, spans: own };
      });
    },

    /** Number of the experiment of a trace, as text; undefined when there is no such trace. */
    async experimentOfTrace(id: string): Promise<string | undefined> {
      const experiment = await findExperimentOf(database, id);
      return experiment === undefined ? undefined : String(experiment);
    },

    /** Sets tags and takes others away; those that are gone already are passed over. */
    async tagTrace(id: string, set: Texts, drop: readonly string[] = []): Promise<TraceInfo> {
      for (const [key, value] of set) assertTag(key, value);
      return change(id, async (tx) => {
        await writeTexts(tx, 'tracing_tag', id, set);
        for (const key of drop) await deleteTag(tx, id, key);
        return getTraceInfo(id, tx);
      });
    },

    /** @throws TRACING_TAG_NOT_FOUND */
    untagTrace: (id: string, key: string) =>
      change(id, async (tx) => {
        if (!(await deleteTag(tx, id, key))) throw tracingErrors.TRACING_TAG_NOT_FOUND({ trace: id, key });
      }),

    /** Deletes traces of an experiment for good. @returns how many */
    async deleteTraces(experimentId: string, request: DeleteRequest): Promise<number> {
      const experiment = numberIn(experimentId);
      if (experiment === undefined) throw tracingErrors.TRACING_EXPERIMENT_NOT_FOUND({ experiment: experimentId });
      return database.transaction((tx) => deleteTraces(tx, { experiment, ...request }));
    },

    /** Links traces to a run, also those that are still on their way; what is linked already stays so. */
    async linkTracesToRun(traces: readonly string[], run: string): Promise<void> {
      if (traces.length > LINKS_LIMIT) {
        const problem = `there are ${traces.length}, and a request links at most ${LINKS_LIMIT}`;
        throw tracingErrors.TRACING_VALUE_INVALID({ field: 'trace_ids', problem });
      }
      await runs.assertThere(run);
      for (const id of traces) assertId(id);
      await writeLinks(
        database,
        [...new Set(traces)].sort().map((trace) => ({ trace, kind: 'run' as const, target: run })),
      );
    },

    linkPrompts: (trace: string, prompts: readonly { readonly name: string; readonly version: string }[]) =>
      change(trace, (tx) =>
        writeLinks(
          tx,
          prompts.map(({ name, version }) => ({ trace, kind: 'prompt' as const, target: `${name}/${version}` })),
        ),
      ),

    linksOfTrace: (trace: string) => readLinks(database, trace),
  };
}

/** Times of years up to 9999, which is what clients can read. */
function assertTimes({ startedAtMs, durationMs }: ToldTrace): void {
  const isTime = (ms: number) => Number.isSafeInteger(ms) && ms >= 0 && ms <= LATEST_MS;
  const isDuration = durationMs === null || (Number.isSafeInteger(durationMs) && Math.abs(durationMs) <= LATEST_MS);
  if (isTime(startedAtMs) && isDuration) return;
  const field = isTime(startedAtMs) ? 'duration' : 'start';
  throw tracingErrors.TRACING_VALUE_INVALID({ field, problem: 'it is no time between the years 1970 and 9999' });
}

function assertId(id: string): void {
  if (id.length > 0 && id.length <= KEY_LIMIT) return;
  throw tracingErrors.TRACING_VALUE_INVALID({ field: 'trace_id', problem: `it must have 1 to ${KEY_LIMIT} signs` });
}

function assertTag(key: string, value: string): void {
  assertKey('key of a tag', key);
  if (value.length <= TAG_LIMIT) return;
  throw tracingErrors.TRACING_VALUE_INVALID({ field: `tags.${key}`, problem: `it has more than ${TAG_LIMIT} signs` });
}

function assertKey(field: string, key: string): void {
  if (key.length > 0 && key.length <= KEY_LIMIT) return;
  throw tracingErrors.TRACING_VALUE_INVALID({ field, problem: `it must have 1 to ${KEY_LIMIT} signs` });
}
