export { createLoops, type Loops } from './loop.ts';
export type { LoopSnapshot, Signal } from './model.ts';
export type { LoopActions } from './ports.ts';
export { loopRoutes } from './routes.ts';
export { loopMigrations } from './store/schema.ts';
