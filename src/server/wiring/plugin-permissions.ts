import type { FastifyRequest } from 'fastify';
import type { Permission, ResourceType } from '#platform/auth';
import type { RuleContext } from './permission-rules.ts';

type PluginRule = (request: FastifyRequest, context: RuleContext) => void | Promise<void>;

/** A permission on a resource that a part of the path names. */
const named =
  (needed: Permission, type: ResourceType): PluginRule =>
  ({ params }, { access }) =>
    access.demand(needed, type, Object.values(params as Readonly<Record<string, string>>)[0] ?? '');

const workspace =
  (needed: Permission): PluginRule =>
  (_, { access }) =>
    access.demand(needed, 'workspace', '*');

const queryOf = ({ query }: FastifyRequest) => query as Readonly<Record<string, string | undefined>>;

/** A permission on the experiment of the run in the query. */
const run =
  (needed: Permission): PluginRule =>
  async (request, { access, places }) => {
    const { run_id: id, run_uuid: old } = queryOf(request);
    const named = id || old;
    if (named) access.demand(needed, 'experiment', await places.experimentOfRun(named));
    else access.demand(needed, 'workspace', '*');
  };

/** Files of clients of MLflow lie below the number of their experiment. */
const artifact =
  (needed: Permission): PluginRule =>
  (request, { access }) => {
    const { '*': path = queryOf(request).path ?? '' } = request.params as Readonly<Record<string, string | undefined>>;
    // What a server may decode once more than we did must not lead elsewhere.
    const experiment = /^(\d+)(\/(?!.*(\.\.|%))|$)/.exec(path)?.[1];
    if (experiment) access.demand(needed, 'experiment', experiment);
    else access.demand(needed, 'workspace', '*');
  };

const loggedModel =
  (needed: Permission): PluginRule =>
  async ({ params }, { access, places }) => {
    const id = Object.values(params as Readonly<Record<string, string>>)[0] ?? '';
    if (!places.experimentOfLoggedModel) return access.demandAdmin('this address');
    access.demand(needed, 'experiment', await places.experimentOfLoggedModel(id));
  };

/** Spans name their experiment in a header. */
const spans: PluginRule = ({ headers }, { access }) => {
  const experiment = headers['x-mlflow-experiment-id'];
  access.demand('EDIT', 'experiment', typeof experiment === 'string' ? experiment : '');
};

const registered: PluginRule = (request, { access }) =>
  access.demand('READ', 'registered_model', queryOf(request).name ?? '');

const ARTIFACTS: Readonly<Record<string, PluginRule | 'open'>> = {
  'GET /2.0/mlflow-artifacts/artifacts': artifact('READ'),
  'GET /2.0/mlflow-artifacts/artifacts/*': artifact('READ'),
  'PUT /2.0/mlflow-artifacts/artifacts/*': artifact('EDIT'),
  'DELETE /2.0/mlflow-artifacts/artifacts/*': artifact('MANAGE'),
  'POST /2.0/mlflow-artifacts/mpu/create/*': artifact('EDIT'),
  'POST /2.0/mlflow-artifacts/mpu/complete/*': artifact('EDIT'),
  'POST /2.0/mlflow-artifacts/mpu/abort/*': artifact('EDIT'),
  // The id of the upload, in the address, is the right to add to it.
  'PUT /2.0/mlflow-artifacts/mpu/part/:/:': 'open',
  'GET /2.0/mlflow-artifacts/presigned/*': artifact('READ'),
  'GET /2.0/mlflow/get-artifact': run('READ'),
  'POST /2.0/mlflow/upload-artifact': run('EDIT'),
  'GET /2.0/mlflow/logged-models/:/artifacts/files': loggedModel('READ'),
};

/**
 * What routes need that are no operation and no message of MLflow, by method and address with the names of varying
 * parts left out. One that is not here is for administrators.
 */
export const PLUGIN_ROUTES: Readonly<Record<string, PluginRule | 'open'>> = {
  // The page itself tells nothing; what it shows it asks for.
  'GET /': 'open',
  'GET /*': 'open',
  'GET /assets/*': 'open',
  'GET /favicon.svg': 'open',
  'GET /version': 'open',
  'GET /v2': 'open',
  'GET /v2/': 'open',
  'GET /v2/health/live': 'open',
  'GET /v2/health/ready': 'open',
  'GET /v2/models/:/ready': 'open',
  'GET /v2/models/:/versions/:/ready': 'open',
  'POST /v2/repository/index': workspace('READ'),
  'GET /v2/models/:': named('READ', 'endpoint'),
  'GET /v2/models/:/versions/:': named('READ', 'endpoint'),
  'POST /v2/models/:/infer': named('USE', 'endpoint'),
  'POST /v2/models/:/versions/:/infer': named('USE', 'endpoint'),
  'GET /get-artifact': run('READ'),
  'GET /model-versions/get-artifact': registered,
  'POST /v1/traces': spans,
  ...below('/api', ARTIFACTS),
  ...below('/ajax-api', ARTIFACTS),
};

function below(root: string, table: typeof ARTIFACTS): typeof ARTIFACTS {
  return Object.fromEntries(Object.entries(table).map(([route, rule]) => [route.replace(' ', ` ${root}`), rule]));
}

/** A route as it stands in the table. */
export function pluginRouteKey(method: string, url: string): string {
  return `${method === 'HEAD' ? 'GET' : method} ${url.replace(/:[^/]+/g, ':')}`;
}
