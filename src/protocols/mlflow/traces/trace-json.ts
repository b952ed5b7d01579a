import {
  type AnyValue,
  jsonObject,
  type KeyValue,
  type Span,
  type Trace,
  type TraceInfo,
  type TraceState,
  toJson,
} from '#domains/tracing';
import type { Message } from '../message.ts';
import { pairs } from '../pairs.ts';
import { assessmentJson } from './assessment-json.ts';
import { durationText, timestampText } from './times.ts';

const STATES: Readonly<Record<TraceState, string>> = {
  unknown: 'STATE_UNSPECIFIED',
  ok: 'OK',
  error: 'ERROR',
  'in-progress': 'IN_PROGRESS',
};

/** In the order of MLflow's numbers. */
const STATE_ORDER = Object.keys(STATES) as TraceState[];

/** A state by MLflow's name or number. */
export function stateIn(message: Message, name: string): TraceState {
  const value = message.raw(name);
  if (value === undefined) return 'unknown';
  // The second version of the API calls it otherwise.
  if (value === 'TRACE_STATUS_UNSPECIFIED') return 'unknown';
  const state = STATE_ORDER.find((known, number) => STATES[known] === value || String(number) === String(value));
  if (state) return state;
  throw message.invalidValue(name, `It must be one of ${Object.values(STATES).join(', ')}.`);
}

/** What is known of a trace, as MLflow 3 reads it. */
export function traceInfoJson(info: TraceInfo): object {
  const { clientRequestId, requestPreview, responsePreview, durationMs, metadata, tags, assessments } = info;
  return {
    trace_id: info.id,
    ...(clientRequestId === null ? {} : { client_request_id: clientRequestId }),
    trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: info.experimentId } },
    ...(requestPreview === null ? {} : { request_preview: requestPreview }),
    ...(responsePreview === null ? {} : { response_preview: responsePreview }),
    request_time: timestampText(info.startedAtMs),
    ...(durationMs === null ? {} : { execution_duration: durationText(durationMs) }),
    state: STATES[info.state],
    ...(metadata.size === 0 ? {} : { trace_metadata: Object.fromEntries(metadata) }),
    ...(tags.size === 0 ? {} : { tags: Object.fromEntries(tags) }),
    ...(assessments.length === 0 ? {} : { assessments: assessments.map(assessmentJson) }),
  };
}

/** The same as MLflow 2 reads it. */
export function oldTraceInfoJson(info: TraceInfo): object {
  return {
    request_id: info.id,
    experiment_id: info.experimentId,
    timestamp_ms: info.startedAtMs,
    ...(info.durationMs === null ? {} : { execution_time_ms: info.durationMs }),
    status: info.state === 'unknown' ? 'TRACE_STATUS_UNSPECIFIED' : STATES[info.state],
    ...(info.metadata.size === 0 ? {} : { request_metadata: pairs(info.metadata) }),
    ...(info.tags.size === 0 ? {} : { tags: pairs(info.tags) }),
  };
}

/** A trace with its spans, which are messages of OpenTelemetry. */
export function traceJson({ info, spans }: Trace): object {
  const traceId = otelTraceId(info.id);
  return { trace_info: traceInfoJson(info), spans: spans.map((span) => spanJson(span, traceId)) };
}

const STATUS = { unset: 'STATUS_CODE_UNSET', ok: 'STATUS_CODE_OK', error: 'STATUS_CODE_ERROR' } as const;

function spanJson(span: Span, traceId: string): object {
  return {
    trace_id: traceId,
    span_id: base64(span.id),
    ...(span.parent === null ? {} : { parent_span_id: base64(span.parent) }),
    name: span.name,
    start_time_unix_nano: span.startNs,
    ...(span.endNs === null ? {} : { end_time_unix_nano: span.endNs }),
    attributes: span.attributes.map(attributeJson),
    events: span.events.map(({ name, timeUnixNano, attributes }) => ({
      time_unix_nano: timeUnixNano,
      name,
      attributes: attributes.map(attributeJson),
    })),
    status: { code: STATUS[span.status], ...(span.statusMessage === '' ? {} : { message: span.statusMessage }) },
  };
}

function attributeJson({ key, value }: KeyValue): object {
  return { key, value: valueJson(value) };
}

function valueJson(value: AnyValue): object {
  if (value.stringValue !== undefined) return { string_value: value.stringValue };
  if (value.boolValue !== undefined) return { bool_value: value.boolValue };
  if (value.intValue !== undefined) return { int_value: value.intValue };
  if (value.doubleValue !== undefined) return { double_value: value.doubleValue };
  if (value.bytesValue !== undefined) return { bytes_value: value.bytesValue };
  if (value.arrayValue) return { array_value: { values: value.arrayValue.values.map(valueJson) } };
  if (value.kvlistValue) return { kvlist_value: { values: value.kvlistValue.values.map(attributeJson) } };
  return {};
}

/** Spans as in the file `traces.json` that clients write; each attribute is text of JSON there. */
export function traceFileJson({ info, spans }: Trace): object {
  const traceId = otelTraceId(info.id);
  return {
    spans: spans.map((span) => ({
      trace_id: traceId,
      span_id: base64(span.id),
      parent_span_id: span.parent === null ? null : base64(span.parent),
      name: span.name,
      start_time_unix_nano: span.startNs,
      end_time_unix_nano: span.endNs,
      events: span.events.map(({ name, timeUnixNano, attributes }) => ({
        name,
        time_unix_nano: timeUnixNano,
        attributes: jsonObject(attributes),
      })),
      status: { code: STATUS[span.status], message: span.statusMessage },
      attributes: {
        'mlflow.traceRequestId': JSON.stringify(info.id),
        ...Object.fromEntries(span.attributes.map(({ key, value }) => [key, pythonJson(toJson(value))])),
      },
    })),
  };
}

/** JSON with the white space that Python's writer leaves, by which clients compare. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${pythonJson(item)}`)
    .join(', ')}}`;
}

/** The 16 bytes of OpenTelemetry's id, in base64. A trace of another id has none; its spans still need one. */
function otelTraceId(id: string): string {
  const hex = /([0-9a-f]{32})$/.exec(id)?.[1];
  return hex === undefined ? Buffer.from(id.padEnd(16).slice(-16)).toString('base64') : base64(hex);
}

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}
