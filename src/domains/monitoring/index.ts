export { freezeReference } from './core/freeze.ts';
export type { FrozenReference } from './model.ts';
export { createMonitoring, type Monitoring } from './monitoring.ts';
export type { PredictionLog } from './ports.ts';
export { monitoringRoutes } from './routes.ts';
export { monitoringMigrations } from './store/schema.ts';
