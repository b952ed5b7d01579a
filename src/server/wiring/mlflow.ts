import type { FastifyPluginAsync } from 'fastify';
import type { Authenticate } from '#platform/http';
import {
  loggedModelEndpoints,
  loggedModelWords,
  mlflowPlugin,
  searchDatasetsEndpoints,
  serverInfoEndpoints,
  serverInfoPlugin,
} from '#protocols/mlflow';
import type { Rooms } from './rooms.ts';

/** MLflow's API over our rooms. */
export function mlflowProtocol({ tracking }: Rooms, authenticate: Authenticate): FastifyPluginAsync {
  return mlflowPlugin({
    endpoints: [...serverInfoEndpoints, ...loggedModelEndpoints(tracking), ...searchDatasetsEndpoints(tracking)],
    words: [loggedModelWords],
    authenticate,
    plugins: [serverInfoPlugin],
  });
}
