export { createData, type Data, type DataOptions } from './data.ts';
export type { LineageLog, PointerLog, TableInspector } from './ports.ts';
export { dataRoutes } from './routes.ts';
export { dataMigrations } from './store/schema.ts';
