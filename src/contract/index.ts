import { loopOperations } from './loop.ts';
import { serverOperations } from './server.ts';

/** Every operation of the HTTP API, by domain. The server binds them, the SDK calls them. */
export const contract = {
  loop: loopOperations,
  server: serverOperations,
} as const;

export * from './loop.ts';
export * from './server.ts';
