import type { FastifyPluginAsync } from 'fastify';
import type { Authenticate } from '#platform/http';
import { mlflowPlugin, serverInfoEndpoints, serverInfoPlugin } from '#protocols/mlflow';
import type { Rooms } from './rooms.ts';

/** MLflow's API over our rooms. */
export function mlflowProtocol(_rooms: Rooms, authenticate: Authenticate): FastifyPluginAsync {
  return mlflowPlugin({
    endpoints: [...serverInfoEndpoints],
    words: [],
    authenticate,
    plugins: [serverInfoPlugin],
  });
}
