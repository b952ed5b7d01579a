export type { LoggedModel } from './logged-models/model.ts';
export type { ExperimentHead, LoggedMetric, Run } from './model.ts';
export { trackingRoutes } from './routes.ts';
export { trackingMigrations } from './store/schema.ts';
export { createTracking, type Tracking } from './tracking.ts';
