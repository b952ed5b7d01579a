import { type Auth, accessOf, authErrors, type Grant, type User } from '#platform/auth';
import { endpoint, type MlflowCall, type MlflowEndpoint } from '../endpoint.ts';
import { invalid } from '../errors.ts';
import { grantJson, PERMISSION_KINDS } from './permission-kinds.ts';

/** MLflow's calls about users. Each asks by itself who may call it. */
export function userEndpoints(auth: Auth): readonly MlflowEndpoint[] {
  return [
    endpoint('POST', '/2.0/mlflow/users/create', async (call) => {
      accessOf(call.principal).demandAdmin('making users');
      const name = anyText(call, 'username');
      const password = anyText(call, 'password');
      if (name === '' || password === '') throw invalid('Username and password cannot be empty.');
      const user = await auth.createUser({ name, password }, call.principal.id);
      return { user: userJson(user, []) };
    }),
    endpoint('GET', '/2.0/mlflow/users/get', async (call) => {
      const name = call.message.requiredText('username');
      demandSelf(call, name, 'looking at another user');
      const user = await auth.getUser(name);
      return { user: userJson(user, await auth.listGrants({ user: name })) };
    }),
    endpoint('GET', '/2.0/mlflow/users/current', ({ principal }) => {
      const { user } = accessOf(principal);
      // Whoever runs the server calls by its token, and is no user.
      if (!user) throw authErrors.AUTH_USER_NOT_FOUND({ user: principal.id });
      return { user: headJson(user) };
    }),
    endpoint('GET', '/2.0/mlflow/users/list', async ({ principal }) => {
      accessOf(principal).demandAdmin('listing users');
      return { users: (await auth.listUsers()).map(headJson) };
    }),
    endpoint('PATCH', '/2.0/mlflow/users/update-password', async (call) => {
      const name = anyText(call, 'username');
      const password = anyText(call, 'password');
      const own = demandSelf(call, name, "changing another's password");
      const currentPassword = call.message.text('current_password');
      await auth.setPassword({ name, password, own, currentPassword }, call.principal.id);
      return {};
    }),
    endpoint('PATCH', '/2.0/mlflow/users/update-admin', async (call) => {
      accessOf(call.principal).demandAdmin('making administrators');
      const isAdmin = call.message.flag('is_admin');
      if (isAdmin === undefined) throw call.message.missing('is_admin');
      await auth.setAdmin(call.message.requiredText('username'), isAdmin, call.principal.id);
      return {};
    }),
    endpoint('DELETE', '/2.0/mlflow/users/delete', async (call) => {
      accessOf(call.principal).demandAdmin('deleting users');
      await auth.deleteUser(call.message.requiredText('username'), call.principal.id);
      return {};
    }),
  ];
}

/** A field that has to be there, if only as an empty text. */
function anyText({ message }: MlflowCall, name: string): string {
  const value = message.text(name);
  if (value === undefined) throw message.missing(name);
  return value;
}

/** True when the call is about who calls; another's matters are for administrators. */
function demandSelf({ principal }: MlflowCall, name: string, what: string): boolean {
  const access = accessOf(principal);
  if (access.user?.name === name) return true;
  access.demandAdmin(what);
  return false;
}

function headJson({ id, name, isAdmin }: User) {
  return { id, username: name, is_admin: isAdmin };
}

function userJson(user: User, grants: readonly Grant[]) {
  const of = (type: string) =>
    PERMISSION_KINDS.filter(({ resourceType }) => resourceType === type).flatMap((kind) =>
      grants.filter(({ resourceType }) => resourceType === type).map((grant) => grantJson(kind, grant)),
    );
  return {
    ...headJson(user),
    experiment_permissions: of('experiment'),
    registered_model_permissions: of('registered_model'),
    scorer_permissions: of('scorer'),
  };
}
