import { type AnyValue, type KeyValue, type OtlpEvent, type ReceivedSpan, storable } from '#domains/tracing';
import { MlflowError } from '../errors.ts';

/** The parts of an ExportTraceServiceRequest that are read, as protobufjs or JSON hand it over. */
interface WireRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly WireKeyValue[] } | null;
    readonly scopeSpans?: readonly { readonly spans?: readonly WireSpan[] }[];
  }[];
}

interface WireSpan {
  readonly traceId?: unknown;
  readonly spanId?: unknown;
  readonly parentSpanId?: unknown;
  readonly name?: unknown;
  readonly startTimeUnixNano?: unknown;
  readonly endTimeUnixNano?: unknown;
  readonly attributes?: readonly WireKeyValue[];
  readonly events?: readonly {
    readonly timeUnixNano?: unknown;
    readonly name?: unknown;
    readonly attributes?: readonly WireKeyValue[];
  }[];
  readonly status?: { readonly code?: unknown; readonly message?: unknown } | null;
}

interface WireKeyValue {
  readonly key?: unknown;
  readonly value?: WireAnyValue | null;
}

interface WireAnyValue {
  readonly stringValue?: unknown;
  readonly boolValue?: unknown;
  readonly intValue?: unknown;
  readonly doubleValue?: unknown;
  readonly bytesValue?: unknown;
  readonly arrayValue?: { readonly values?: readonly WireAnyValue[] } | null;
  readonly kvlistValue?: { readonly values?: readonly WireKeyValue[] } | null;
}

/** Spans that a request holds, with the service of each. @throws MlflowError for a request that is none */
export function spansIn(request: unknown): readonly ReceivedSpan[] {
  const { resourceSpans } = request as WireRequest;
  if (!Array.isArray(resourceSpans) || resourceSpans.length === 0) {
    throw new MlflowError('BAD_REQUEST', 'Invalid OpenTelemetry format - no spans found');
  }
  try {
    return (resourceSpans as NonNullable<WireRequest['resourceSpans']>).flatMap(({ resource, scopeSpans = [] }) => {
      const service = keyValues(resource?.attributes).find(({ key }) => key === 'service.name')?.value.stringValue;
      return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => ({ ...spanOf(span), service })));
    });
  } catch (error) {
    if (error instanceof MlflowError) throw error;
    throw new MlflowError('BAD_REQUEST', 'Invalid OpenTelemetry format');
  }
}

function spanOf(span: WireSpan): ReceivedSpan {
  return {
    traceId: hexId(span.traceId, 32, 'traceId'),
    spanId: hexId(span.spanId, 16, 'spanId'),
    parentSpanId: span.parentSpanId ? hexId(span.parentSpanId, 16, 'parentSpanId') : undefined,
    name: text(span.name),
    startTimeUnixNano: digits(span.startTimeUnixNano),
    endTimeUnixNano: digits(span.endTimeUnixNano),
    attributes: keyValues(span.attributes),
    events: (span.events ?? []).map(
      ({ timeUnixNano, name, attributes }): OtlpEvent => ({
        timeUnixNano: digits(timeUnixNano),
        name: text(name),
        attributes: keyValues(attributes),
      }),
    ),
    status: { code: statusCode(span.status?.code), message: text(span.status?.message) },
  };
}

function statusCode(code: unknown): 'unset' | 'ok' | 'error' {
  if (code === 1 || code === 'STATUS_CODE_OK') return 'ok';
  return code === 2 || code === 'STATUS_CODE_ERROR' ? 'error' : 'unset';
}

/** Ids are bytes in protobuf and hex in JSON. */
function hexId(id: unknown, length: number, field: string): string {
  const hex = id instanceof Uint8Array ? Buffer.from(id).toString('hex') : String(id ?? '').toLowerCase();
  if (hex.length === length && /^[0-9a-f]+$/.test(hex)) return hex;
  throw new MlflowError('BAD_REQUEST', `Invalid OpenTelemetry format - ${field} must be ${length} hex digits`);
}

const MAX_DEPTH = 100;

function keyValues(list: readonly WireKeyValue[] | undefined, depth = 0): readonly KeyValue[] {
  return (list ?? []).map(({ key, value }) => ({ key: text(key), value: anyValue(value ?? {}, depth) }));
}

function anyValue(value: WireAnyValue, depth: number): AnyValue {
  if (depth > MAX_DEPTH) {
    throw new MlflowError(
      'BAD_REQUEST',
      `Invalid OpenTelemetry format - values are nested more than ${MAX_DEPTH} deep`,
    );
  }
  if (present(value.stringValue)) return { stringValue: text(value.stringValue) };
  if (present(value.boolValue)) return { boolValue: value.boolValue === true };
  if (present(value.intValue)) return { intValue: signedDigits(value.intValue) };
  if (present(value.doubleValue)) {
    const number = Number(value.doubleValue);
    return { doubleValue: Number.isFinite(number) ? number : String(number) };
  }
  if (present(value.bytesValue)) return { bytesValue: base64(value.bytesValue) };
  if (value.arrayValue)
    return { arrayValue: { values: (value.arrayValue.values ?? []).map((item) => anyValue(item, depth + 1)) } };
  if (value.kvlistValue) return { kvlistValue: { values: keyValues(value.kvlistValue.values, depth + 1) } };
  return {};
}

function present(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function base64(bytes: unknown): string {
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('base64') : text(bytes);
}

function text(value: unknown): string {
  return typeof value === 'string' ? storable(value) : '';
}

function digits(value: unknown): string {
  const found = String(value ?? '0');
  if (/^\d{1,20}$/.test(found)) return found;
  throw new MlflowError('BAD_REQUEST', `Invalid OpenTelemetry format - "${found.slice(0, 50)}" is no time`);
}

function signedDigits(value: unknown): string {
  const found = String(value);
  return /^-?\d{1,19}$/.test(found) ? found : '0';
}
