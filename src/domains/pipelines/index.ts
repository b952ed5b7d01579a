export { createPipelines, type Pipelines } from './pipelines.ts';
export type { Entrypoints } from './ports.ts';
export { pipelinesRoutes } from './routes.ts';
export { pipelinesMigrations } from './store/schema.ts';
