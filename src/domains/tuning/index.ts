export type { TrialRuns } from './ports.ts';
export { tuningRoutes } from './routes.ts';
export { tuningMigrations } from './store/schema.ts';
export { createTuning } from './tuning.ts';
