export type { Change } from './endpoints.ts';
export { servingErrors } from './errors.ts';
export { type ServingMetrics, servingMetrics } from './metrics.ts';
export type {
  ColumnType,
  EndpointState,
  LoggedPrediction,
  ModelRow,
  Signature,
  SignatureColumn,
  Variant,
} from './model.ts';
export { onnxRuntime } from './onnx-runtime.ts';
export type {
  ColumnBatch,
  InferenceRuntime,
  InferenceSession,
  ModelSource,
  PointerLog,
  ServableModel,
} from './ports.ts';
export type { PredictInput, PredictOutput } from './predictor.ts';
export { servingRoutes } from './routes.ts';
export { createServing, type EndpointStats, type Serving, type ServingOptions } from './serving.ts';
export type { InferenceLog, TrafficDay } from './store/inference-log.ts';
export { servingMigrations } from './store/schema.ts';
