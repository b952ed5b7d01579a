export { authEndpoints } from './auth/endpoints.ts';
export { mlflowGuard } from './auth/guard.ts';
export type { Whereabouts } from './auth/whereabouts.ts';
export { authWords } from './auth/words.ts';
export { loggedModelEndpoints, loggedModelWords } from './logged-models.ts';
export { mlflowPlugin } from './plugin.ts';
export { searchDatasetsEndpoints } from './search-datasets.ts';
export { serverInfoEndpoints, serverInfoPlugin } from './server-info.ts';
