import type { Auth } from '#platform/auth';
import type { MlflowEndpoint } from '../endpoint.ts';
import { permissionEndpoints } from './permissions.ts';
import { roleEndpoints } from './roles.ts';
import { userEndpoints } from './users.ts';
import { workspaceEndpoints } from './workspaces.ts';

/** MLflow's calls about users, permissions and roles; to be served where callers are known as users. */
export function authEndpoints(auth: Auth): readonly MlflowEndpoint[] {
  return [...userEndpoints(auth), ...permissionEndpoints(auth), ...roleEndpoints(auth), ...workspaceEndpoints];
}
