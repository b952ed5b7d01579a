export type { LineageLog } from './ports.ts';
export { trackingRoutes } from './routes.ts';
export { trackingMigrations } from './store/schema.ts';
export { createTracking, type Tracking, type TrackingOptions } from './tracking.ts';
