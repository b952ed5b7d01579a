export { cardMigrations } from './cards/schema.ts';
export { promotionMigrations } from './promotions/schema.ts';
export { createRegistry, type Registry } from './registry.ts';
export { registryRoutes } from './routes.ts';
export type { BriefVersion, ModelWithNewest } from './search/catalog.ts';
export { registryMigrations } from './store/schema.ts';
