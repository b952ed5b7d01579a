/**
 * The messages of OpenTelemetry's trace export that are read, for protobufjs. Numbers are those of the published
 * definitions; fields that are left out are skipped.
 *
 * Source: https://github.com/open-telemetry/opentelemetry-proto, opentelemetry/proto/{common,resource,trace}/v1
 */
export const OTLP = {
  nested: {
    ExportTraceServiceRequest: { fields: { resourceSpans: many(1, 'ResourceSpans') } },
    ResourceSpans: { fields: { resource: one(1, 'Resource'), scopeSpans: many(2, 'ScopeSpans') } },
    Resource: { fields: { attributes: many(1, 'KeyValue') } },
    ScopeSpans: { fields: { spans: many(2, 'Span') } },
    Span: {
      fields: {
        traceId: one(1, 'bytes'),
        spanId: one(2, 'bytes'),
        parentSpanId: one(4, 'bytes'),
        name: one(5, 'string'),
        startTimeUnixNano: one(7, 'fixed64'),
        endTimeUnixNano: one(8, 'fixed64'),
        attributes: many(9, 'KeyValue'),
        events: many(11, 'Event'),
        status: one(15, 'Status'),
      },
    },
    Event: { fields: { timeUnixNano: one(1, 'fixed64'), name: one(2, 'string'), attributes: many(3, 'KeyValue') } },
    Status: { fields: { message: one(2, 'string'), code: one(3, 'int32') } },
    KeyValue: { fields: { key: one(1, 'string'), value: one(2, 'AnyValue') } },
    AnyValue: {
      oneofs: {
        value: {
          oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'],
        },
      },
      fields: {
        stringValue: one(1, 'string'),
        boolValue: one(2, 'bool'),
        intValue: one(3, 'int64'),
        doubleValue: one(4, 'double'),
        arrayValue: one(5, 'ArrayValue'),
        kvlistValue: one(6, 'KeyValueList'),
        bytesValue: one(7, 'bytes'),
      },
    },
    ArrayValue: { fields: { values: many(1, 'AnyValue') } },
    KeyValueList: { fields: { values: many(1, 'KeyValue') } },
  },
};

function one(id: number, type: string) {
  return { id, type };
}

function many(id: number, type: string) {
  return { rule: 'repeated', id, type };
}
