export type { TrialRuns } from './ports.ts';
export { tuningRoutes } from './routes.ts';
export { tuningMigrations } from './store/schema.ts';
export { createTuning, type Tuning, type TuningOptions } from './tuning.ts';
