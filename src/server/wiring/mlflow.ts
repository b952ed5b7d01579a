import type { FastifyPluginAsync } from 'fastify';
import { accessOf } from '#platform/auth';
import type { Authenticate, Principal } from '#platform/http';
import {
  artifactEndpoints,
  artifactFilesPlugin,
  artifactUploadsPlugin,
  artifactWords,
  authEndpoints,
  authWords,
  experimentEndpoints,
  loggedModelEndpoints,
  loggedModelWords,
  loggingEndpoints,
  metricHistoryEndpoints,
  mlflowGuard,
  mlflowPlugin,
  modelVersionEndpoints,
  otlpPlugin,
  registeredModelEndpoints,
  registryWords,
  runEndpoints,
  runLinkEndpoints,
  searchDatasetsEndpoints,
  serverInfoEndpoints,
  serverInfoPlugin,
  traceEndpoints,
  tracingWords,
  trackingWords,
  webhookEndpoints,
  webhookWords,
} from '#protocols/mlflow';
import type { Rooms } from './rooms.ts';
import { sourcePlaces } from './source-places.ts';
import { exampleMessage } from './webhook-messages.ts';
import { places } from './whereabouts.ts';

interface ProtocolOptions {
  readonly authenticate: Authenticate;
  readonly withUsers: boolean;
  /** What sources of registered versions must hold a match of. */
  readonly modelSourcePattern: RegExp | undefined;
}

/** MLflow's API over our rooms. */
export function mlflowProtocol(rooms: Rooms, options: ProtocolOptions): FastifyPluginAsync {
  const { authenticate, withUsers, modelSourcePattern } = options;
  const { tracking, tracing, registry, auth } = rooms;
  const users = withUsers ? authEndpoints(auth) : [];
  // Spans of one trace may come from programs that name different experiments.
  const admit = (principal: Principal, experimentId: string) => {
    if (withUsers) accessOf(principal).demand('EDIT', 'experiment', experimentId);
  };
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
      ...artifactEndpoints(tracking),
      ...traceEndpoints({
        ...{ tracing, files: tracking },
        admit: (call, experimentId) => admit(call.principal, experimentId),
      }),
      ...registeredModelEndpoints(registry),
      ...modelVersionEndpoints({ registry, places: sourcePlaces(tracking, registry), pattern: modelSourcePattern }),
      ...webhookEndpoints(rooms.webhooks, exampleMessage),
    ],
    words: [authWords, trackingWords, loggedModelWords, artifactWords, tracingWords, registryWords, webhookWords],
    authenticate,
    ...(withUsers ? mlflowGuard({ auth, where: places(rooms), selfGuarded: users }) : {}),
    plugins: [
      serverInfoPlugin,
      artifactFilesPlugin({
        ...{ tracking, authenticate },
        sourceOfVersion: async (model, version) => (await registry.getVersionBrief(model, version)).source?.location,
      }),
      artifactUploadsPlugin({ tracking, authenticate }),
      otlpPlugin({
        tracing,
        admit: async (request, experimentId) => admit(await authenticate(request), experimentId),
      }),
    ],
  });
}
