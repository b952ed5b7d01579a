export { createLoops, type Loops } from './loop.ts';
export type { CanaryComparison, DriftedFeature, LoopSnapshot, Signal, Span, Verdict } from './model.ts';
export type { LoopActions, RetrainingRequest } from './ports.ts';
export { loopRoutes } from './routes.ts';
export { loopMigrations } from './store/schema.ts';
