import type { FastifyPluginAsync } from 'fastify';
import type { Authenticate } from '#platform/http';
import {
  authEndpoints,
  authWords,
  experimentEndpoints,
  loggedModelEndpoints,
  loggedModelWords,
  loggingEndpoints,
  metricHistoryEndpoints,
  mlflowGuard,
  mlflowPlugin,
  runEndpoints,
  runLinkEndpoints,
  searchDatasetsEndpoints,
  serverInfoEndpoints,
  serverInfoPlugin,
  trackingWords,
} from '#protocols/mlflow';
import type { Rooms } from './rooms.ts';
import { places } from './whereabouts.ts';

/** MLflow's API over our rooms. */
export function mlflowProtocol(rooms: Rooms, authenticate: Authenticate, withUsers: boolean): FastifyPluginAsync {
  const { tracking, auth } = rooms;
  const users = withUsers ? authEndpoints(auth) : [];
  return mlflowPlugin({
    endpoints: [
      ...users,
      ...serverInfoEndpoints,
      ...experimentEndpoints(tracking),
      ...runEndpoints(tracking),
      ...loggingEndpoints(tracking),
      ...runLinkEndpoints(tracking),
      ...metricHistoryEndpoints(tracking),
      ...loggedModelEndpoints(tracking),
      ...searchDatasetsEndpoints(tracking),
    ],
    words: [authWords, trackingWords, loggedModelWords],
    authenticate,
    ...(withUsers ? mlflowGuard({ auth, where: places(rooms), selfGuarded: users }) : {}),
    plugins: [serverInfoPlugin],
  });
}
