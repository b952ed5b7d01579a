export { createData } from './data.ts';
export { createDataQuality, type DataQuality } from './quality/quality.ts';
export { dataQualityRoutes } from './quality/routes.ts';
export { dataQualityMigrations } from './quality/store/schema.ts';
export { dataRoutes } from './routes.ts';
export { dataMigrations } from './store/schema.ts';
