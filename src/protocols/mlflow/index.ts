export { mlflowPlugin } from './plugin.ts';
export { serverInfoEndpoints, serverInfoPlugin } from './server-info.ts';
