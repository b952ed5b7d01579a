import { accessOf } from '#platform/auth';
import { endpoint, type MlflowEndpoint } from '../endpoint.ts';
import { MlflowError } from '../errors.ts';

/** MLflow's calls about workspaces, of which there is one here: they are refused as by a server of MLflow without. */
export const workspaceEndpoints: readonly MlflowEndpoint[] = [
  ...refused('/3.0/mlflow/workspaces', ['GET', 'POST']),
  ...refused('/3.0/mlflow/workspaces/:workspace_name', ['GET', 'PATCH', 'DELETE']),
  ...refused('/3.0/mlflow/workspaces/:workspace_name/permissions', ['GET', 'POST', 'DELETE']),
  ...refused('/3.0/mlflow/workspace-permissions', ['GET']),
];

function refused(path: string, methods: readonly MlflowEndpoint['method'][]): readonly MlflowEndpoint[] {
  return methods.map((method) =>
    endpoint(method, path, ({ principal }) => {
      if (method !== 'GET') accessOf(principal).demandAdmin('changing workspaces');
      // Not a 503, as MLflow says it: its clients would try again for minutes.
      throw new MlflowError('NOT_IMPLEMENTED', 'This server has one workspace, and no calls to change that.');
    }),
  );
}
