import type { FastifyPluginAsync } from 'fastify';
import { endpoint, type MlflowEndpoint } from './endpoint.ts';

/** The version of MLflow whose API this is. Its clients choose by it how they log traces. */
const MLFLOW_VERSION = '3.11.1';

/** What clients ask before anything else, beside `/health`; open to everybody. */
export const serverInfoPlugin: FastifyPluginAsync = async (app) => {
  app.get('/version', (_, reply) => reply.type('text/plain; charset=utf-8').send(MLFLOW_VERSION));
};

export const serverInfoEndpoints: readonly MlflowEndpoint[] = [
  endpoint('GET', '/3.0/mlflow/server-info', () => ({ store_type: 'SqlStore', workspaces_enabled: false })),
];
