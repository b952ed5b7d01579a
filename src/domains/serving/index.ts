export type { ColumnType, EndpointState, Variant } from './model.ts';
export { onnxRuntime } from './onnx-runtime.ts';
export type { PredictInput } from './predictor.ts';
export { servingRoutes } from './routes.ts';
export { createServing, type Serving } from './serving.ts';
export { servingMigrations } from './store/schema.ts';
