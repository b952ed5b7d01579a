export { freezeReference, type InputColumn, type ReferenceInput } from './core/freeze.ts';
export type { LabelledRow, LabelledSpan, VersionComparison } from './labelled-traffic.ts';
export type { FrozenReference, PredictedRow } from './model.ts';
export { createMonitoring, type Monitoring, type MonitoringOptions } from './monitoring.ts';
export type { PredictionLog } from './ports.ts';
export { monitoringRoutes } from './routes.ts';
export { monitoringMigrations } from './store/schema.ts';
