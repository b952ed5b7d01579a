import { ManualClock, seededRng } from '#platform/kernel';
import type { Database, Migration } from '#platform/sql';
import type { KeyValue } from './core/otlp.ts';
import { keyValuesOf } from './core/otlp.ts';
import type { TracingPorts } from './ports.ts';
import { tracingMigrations } from './store/schema.ts';
import type { ReceivedSpan } from './store/span-store.ts';
import { createTracing } from './tracing.ts';

export const TRACING_TEST_MIGRATIONS: readonly Migration[] = tracingMigrations;

/** Experiments 1 and 2, and 3, which is deleted; the run `r1`. */
const PORTS: TracingPorts = {
  experiments: {
    find: async (id) =>
      id >= 1 && id <= 3
        ? {
            ...{ id: String(id), name: `experiment ${id}`, lifecycle: id === 3 ? 'deleted' : 'active' },
            artifactLocation: `mlflow-artifacts:/${id}`,
          }
        : undefined,
    idOf: async (name) => [1, 2, 3].find((id) => name === `experiment ${id}`),
  },
  runs: {
    assertThere: async (run) => {
      if (run !== 'r1') throw new Error(`no run ${run}`);
    },
  },
};

/** A tracing domain on a database, with a clock that stands still. */
export function setUpTracing(database: Database) {
  const clock = new ManualClock(Date.UTC(2026, 2, 1));
  const tracing = createTracing({ database, clock, rng: seededRng(1), patienceMs: 200, ...PORTS });
  return { tracing, clock };
}

/** When the spans of tests start, ms since the epoch. */
export const SPANS_START_MS = Date.UTC(2026, 2, 1);

/** A span as a client sends it. Times are ms after {@link SPANS_START_MS}. */
export function receivedSpan(span: {
  readonly trace?: number;
  readonly id: number;
  readonly parent?: number;
  readonly name?: string;
  readonly startMs?: number;
  readonly endMs?: number | null;
  readonly failed?: string;
  readonly attributes?: object;
  readonly service?: string;
}): ReceivedSpan {
  const { trace = 1, id, parent, name = `span ${id}`, startMs = 0, endMs = 10, failed, attributes = {} } = span;
  const ns = (ms: number) => `${SPANS_START_MS + ms}000000`;
  const own: readonly KeyValue[] = keyValuesOf(attributes);
  return {
    traceId: trace.toString(16).padStart(32, '0'),
    spanId: id.toString(16).padStart(16, '0'),
    parentSpanId: parent?.toString(16).padStart(16, '0'),
    name,
    startTimeUnixNano: ns(startMs),
    endTimeUnixNano: endMs === null ? '0' : ns(endMs),
    attributes: own,
    events: failed
      ? [{ timeUnixNano: ns(startMs), name: 'exception', attributes: keyValuesOf({ 'exception.message': failed }) }]
      : [],
    status: failed ? { code: 'error', message: failed } : { code: 'ok', message: '' },
    service: span.service,
  };
}

/** Id of a trace of {@link receivedSpan}. */
export function traceId(trace: number): string {
  return `tr-${trace.toString(16).padStart(32, '0')}`;
}
