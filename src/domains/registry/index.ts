export { createRegistry, type Registry } from './registry.ts';
export type { RegistryOptions } from './room.ts';
export { registryRoutes } from './routes.ts';
export { registryMigrations } from './store/schema.ts';
