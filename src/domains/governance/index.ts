export { createGovernance } from './governance.ts';
export { governanceRoutes } from './routes.ts';
export { governanceMigrations } from './store/schema.ts';
