/**
 * The parts of OpenTelemetry's OTLP/JSON that are kept of a span. Whole numbers of 64 bits are text there, so that no
 * digit is lost; ids are hex.
 *
 * Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty at a root. */
  readonly parentSpanId?: string | undefined;
  readonly name: string;
  readonly startTimeUnixNano: string;
  /** `0` while it runs. */
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly OtlpEvent[];
  readonly status: { readonly code: 'unset' | 'ok' | 'error'; readonly message: string };
}

export interface OtlpEvent {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes: readonly KeyValue[];
}

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

/** One of these; an empty one is null. */
export interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  /** Digits as text. */
  readonly intValue?: string;
  /** Also `NaN`, `Infinity` and `-Infinity`, which JSON has no numbers for. */
  readonly doubleValue?: number | string;
  /** Base64. */
  readonly bytesValue?: string;
  readonly arrayValue?: { readonly values: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values: readonly KeyValue[] };
}

/** A value as JSON has it. Whole numbers beyond 2^53 lose digits, NaN and infinities become text. */
export function toJson(value: AnyValue): unknown {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.doubleValue !== undefined) return value.doubleValue;
  if (value.bytesValue !== undefined) return value.bytesValue;
  if (value.arrayValue) return value.arrayValue.values.map(toJson);
  if (value.kvlistValue) return jsonObject(value.kvlistValue.values);
  return null;
}

export function jsonObject(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, toJson(value)]));
}

const MAX_DEPTH = 100;

/** The value that holds some JSON. @throws RangeError when it is nested too deep */
export function fromJson(json: unknown, depth = 0): AnyValue {
  if (depth > MAX_DEPTH) throw new RangeError(`JSON is nested more than ${MAX_DEPTH} deep`);
  switch (typeof json) {
    case 'string':
      return { stringValue: storable(json) };
    case 'boolean':
      return { boolValue: json };
    case 'number':
      return Number.isSafeInteger(json) ? { intValue: String(json) } : { doubleValue: json };
    case 'object':
      if (json === null) return {};
      if (json instanceof Exact) return json.value;
      if (Array.isArray(json)) return { arrayValue: { values: json.map((item) => fromJson(item, depth + 1)) } };
      return { kvlistValue: { values: keyValuesOf(json, depth + 1) } };
    default:
      return {};
  }
}

export function keyValuesOf(json: object, depth = 0): KeyValue[] {
  return Object.entries(json).map(([key, item]) => ({ key: storable(key), value: fromJson(item, depth) }));
}

/** What no database can hold, U+0000 and half a surrogate pair, becomes the sign for what cannot be shown. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** JSON of a value that {@link parseExact} reads without loss: 1.0 is no 1, and no digit is dropped. */
function exactJson(value: AnyValue): string {
  if (value.intValue !== undefined) return value.intValue;
  if (typeof value.doubleValue === 'number') {
    const text = String(value.doubleValue);
    return /^-?\d+$/.test(text) ? `${text}.0` : text;
  }
  if (value.arrayValue) return `[${value.arrayValue.values.map(exactJson).join(',')}]`;
  if (value.kvlistValue) return exactObject(value.kvlistValue.values);
  return JSON.stringify(toJson(value));
}

export function exactObject(attributes: readonly KeyValue[]): string {
  return `{${attributes.map(({ key, value }) => `${JSON.stringify(key)}:${exactJson(value)}`).join(',')}}`;
}

/** Parses what {@link exactObject} wrote; numbers that JSON.parse would change are held as they are, for `fromJson`. */
export function parseExact(text: string): unknown {
  if (!/\d\.0\b|\d{16}|\de/.test(text)) return JSON.parse(text);
  const keep = (_: string, value: unknown, context?: { readonly source?: string }) => {
    const source = context?.source;
    if (typeof value !== 'number' || source === undefined) return value;
    if (/[.e]/i.test(source)) return Number.isInteger(value) ? new Exact({ doubleValue: value }) : value;
    return Number.isSafeInteger(value) ? value : new Exact({ intValue: source });
  };
  return JSON.parse(text, keep as (key: string, value: unknown) => unknown);
}

class Exact {
  readonly value: AnyValue;

  constructor(value: AnyValue) {
    this.value = value;
  }
}
