export { createPipelines, type Pipelines } from './pipelines.ts';
export type { Entrypoint, Entrypoints } from './ports.ts';
export { pipelinesRoutes } from './routes.ts';
export type { StepExecutor } from './step-executor.ts';
export type { StepFile } from './step-folder.ts';
export { pipelinesMigrations } from './store/schema.ts';
