export { type AnyValue, jsonObject, type KeyValue, type OtlpEvent, storable, toJson } from './core/otlp.ts';
export type { EvaluationDataset, EvaluationRecord, RecordContent } from './datasets/model.ts';
export type {
  Assessment,
  AssessmentContent,
  AssessmentError,
  AssessmentKind,
  AssessmentSource,
  Span,
  Trace,
  TraceInfo,
  TraceState,
} from './model.ts';
export type { TracingPorts } from './ports.ts';
export { tracingRoutes } from './routes.ts';
export { tracingMigrations } from './store/schema.ts';
export type { ReceivedSpan } from './store/span-store.ts';
export { createTracing, type Tracing } from './tracing.ts';
