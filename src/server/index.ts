export { type Config, parseConfig, readEnv } from './config.ts';
export { type RunningServer, startServer } from './server.ts';
