import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Auth, authMigrations, createAuth } from '#platform/auth';
import { createHttpServer } from '#platform/http';
import { ManualClock, seededRng } from '#platform/kernel';
import { describeDatabases } from '#testing/platform/sql';
import { endpoint } from '../endpoint.ts';
import { mlflowPlugin } from '../plugin.ts';
import { authEndpoints } from './endpoints.ts';
import { mlflowGuard } from './guard.ts';
import { authWords } from './words.ts';

const PASSWORD = 'correct horse battery';
const EXPERIMENTS = Array.from({ length: 10 }, (_, n) => ({ experiment_id: String(n), name: `e${n}` }));

/** Calls of MLflow's API over experiments that are a list, to see what the guard lets through. */
const GUARDED = [
  endpoint('GET', '/2.0/mlflow/experiments/get', ({ message }) => ({ asked: message.requiredText('experiment_id') })),
  endpoint('POST', '/2.0/mlflow/experiments/create', () => ({ experiment_id: '77' })),
  endpoint('POST', '/2.0/mlflow/experiments/search', ({ message }) => {
    const from = Number(message.text('page_token') ?? 0);
    const to = from + message.requiredInteger('max_results');
    const more = to < EXPERIMENTS.length ? { next_page_token: String(to) } : {};
    return { experiments: EXPERIMENTS.slice(from, to), ...more };
  }),
  endpoint('POST', '/2.0/mlflow/runs/search', ({ message }) =>
    JSON.stringify({ asked: message.texts('experiment_ids') }),
  ),
  endpoint('POST', '/3.0/mlflow/traces/search', ({ message }) => ({ asked: message.raw('locations') ?? 'everything' })),
  endpoint('POST', '/2.0/mlflow/runs/log-metric', () => ({})),
  endpoint('POST', '/2.0/mlflow/something-new', () => ({})),
];

describeDatabases("MLflow's users and permissions", (open) => {
  let auth: Auth;
  let app: FastifyInstance;
  beforeEach(async () => {
    const database = await open(authMigrations);
    const pointerLog = { record: async () => undefined };
    const clock = new ManualClock(1_000_000);
    auth = createAuth({ database, clock, rng: seededRng(1), pointerLog, passwordCostLog2: 4 });
    await auth.createUser({ name: 'admin', password: PASSWORD, isAdmin: true }, 'test');
    await auth.createUser({ name: 'ann', password: PASSWORD }, 'test');
    const selfGuarded = authEndpoints(auth);
    const where = {
      experimentNamed: async () => undefined,
      experimentOfRun: async (run: string) => run.replace('run-of-', ''),
    };
    const authenticate = (request: { headers: { authorization?: string }; ip: string }) =>
      auth.identify(request.headers.authorization, request.ip);
    const plugin = mlflowPlugin({
      endpoints: [...selfGuarded, ...GUARDED],
      words: [authWords],
      authenticate,
      ...mlflowGuard({ auth, where, selfGuarded }),
    });
    const info = { title: 'test', version: '0', description: '' };
    app = await createHttpServer({ routes: [], plugins: [plugin], authenticate, info });
  });
  afterEach(() => app.close());

  async function call(
    user: string,
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    message: object = {},
  ): Promise<{ readonly status: number } & Readonly<Record<string, unknown>>> {
    const authorization = `Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}`;
    const url = `/api/${path}`;
    const query = { url, query: message as Record<string, string> };
    const answer = await app.inject({
      method,
      headers: { authorization },
      ...(method === 'GET' ? query : { url, payload: message }),
    });
    return { status: answer.statusCode, ...(answer.json() as Readonly<Record<string, unknown>>) };
  }

  const grant = (resource: string, permission: 'READ' | 'EDIT' | 'NO_PERMISSIONS') =>
    auth.putGrant({ user: 'ann', resourceType: 'experiment', resource }, permission, 'test');

  it('says 401 to who is not known and 403 to who may not', async () => {
    const stranger = await app.inject({ method: 'GET', url: '/api/2.0/mlflow/users/current' });
    expect(stranger.statusCode).toBe(401);
    expect(stranger.headers['www-authenticate']).toBe('Basic realm="mlflow"');
    expect(stranger.json()).toMatchObject({ error_code: 'UNAUTHENTICATED' });
    expect(stranger.json<{ message: string }>().message).toMatch(/^You are not authenticated\./);
    expect(await call('ann', 'GET', '2.0/mlflow/users/list')).toMatchObject({
      status: 403,
      error_code: 'PERMISSION_DENIED',
    });
    expect(await call('ann', 'POST', '2.0/mlflow/something-new'), 'what no rule knows').toMatchObject({ status: 403 });
    expect(await call('admin', 'POST', '2.0/mlflow/something-new')).toMatchObject({ status: 200 });
  });

  it('looks at the experiment of a call, and of a run', async () => {
    await grant('1', 'NO_PERMISSIONS');
    await grant('2', 'EDIT');
    const get = (id: string) => call('ann', 'GET', '2.0/mlflow/experiments/get', { experiment_id: id });
    expect([(await get('1')).status, (await get('2')).status, (await get('3')).status]).toEqual([403, 200, 200]);
    const log = (run: string) => call('ann', 'POST', '2.0/mlflow/runs/log-metric', { run_id: run });
    expect([(await log('run-of-2')).status, (await log('run-of-3')).status]).toEqual([200, 403]);
    expect(await call('ann', 'POST', '2.0/mlflow/runs/log-metric')).toMatchObject({
      status: 400,
      message: expect.stringContaining("Missing value for required parameter 'run_uuid'"),
    });
  });

  it('fills pages of what may be read, and no search becomes one of everything', async () => {
    for (const hidden of ['1', '2', '7', '9']) await grant(hidden, 'NO_PERMISSIONS');
    const names: string[] = [];
    const sizes: number[] = [];
    let token: unknown;
    do {
      const page = await call('ann', 'POST', '2.0/mlflow/experiments/search', {
        max_results: 4,
        ...(token ? { page_token: token } : {}),
      });
      const experiments = (page.experiments ?? []) as { name: string }[];
      sizes.push(experiments.length);
      names.push(...experiments.map(({ name }) => name));
      token = page.next_page_token;
    } while (token);
    expect(names).toEqual(['e0', 'e3', 'e4', 'e5', 'e6', 'e8']);
    expect(sizes[0]).toBe(4);
    const runs = (ids: string[]) => call('ann', 'POST', '2.0/mlflow/runs/search', { experiment_ids: ids });
    expect(await runs(['0', '1', '3'])).toMatchObject({ asked: ['0', '3'] });
    expect(await runs(['1', '2'])).toMatchObject({ asked: [] });
    const place = (id: string) => ({ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: id } });
    const traces = (message: object) => call('ann', 'POST', '3.0/mlflow/traces/search', message);
    expect(await traces({ locations: [place('0'), place('1')] })).toMatchObject({ asked: [place('0')] });
    expect(await traces({ locations: [place('1')] })).toMatchObject({ status: 403 });
    expect(await traces({ locations: [] })).toMatchObject({ status: 403 });
    expect(await traces({})).toMatchObject({ status: 403 });
  });

  it('makes the maker of an experiment its manager, who may grant on it', async () => {
    await call('ann', 'POST', '2.0/mlflow/experiments/create');
    const permission = { experiment_id: '77', username: 'admin', permission: 'READ' };
    const path = '2.0/mlflow/experiments/permissions';
    expect(await call('ann', 'POST', `${path}/create`, permission)).toMatchObject({
      status: 200,
      experiment_permission: { experiment_id: '77', permission: 'READ' },
    });
    expect(await call('ann', 'POST', `${path}/create`, permission)).toMatchObject({
      status: 400,
      error_code: 'RESOURCE_ALREADY_EXISTS',
    });
    expect(await call('ann', 'PATCH', `${path}/update`, { ...permission, permission: 'OWN' })).toMatchObject({
      status: 400,
      message: expect.stringContaining("Invalid permission 'OWN'"),
    });
    expect(await call('ann', 'DELETE', `${path}/delete`, permission)).toMatchObject({ status: 200 });
    expect(await call('ann', 'GET', `${path}/get`, { experiment_id: '77', username: 'admin' })).toMatchObject({
      status: 404,
      message: 'Experiment permission with experiment_id=77 and username=admin not found',
    });
    const other = { ...permission, experiment_id: '78' };
    expect(await call('ann', 'POST', `${path}/create`, other)).toMatchObject({ status: 403 });
  });

  it('lets who manages a workspace manage its roles, and tells others not even of their being', async () => {
    const make = (user: string, workspace: string, name: string) =>
      call(user, 'POST', '3.0/mlflow/roles/create', { workspace, name });
    const { role } = (await make('admin', 'ws1', 'managers')) as unknown as { role: { id: number } };
    await call('admin', 'POST', '3.0/mlflow/roles/permissions/add', {
      ...{ role_id: role.id, resource_type: 'workspace', resource_pattern: '*', permission: 'MANAGE' },
    });
    expect(await make('ann', 'ws1', 'mine')).toMatchObject({ status: 403 });
    expect(await call('ann', 'GET', '3.0/mlflow/roles/get', { role_id: '999' })).toMatchObject({ status: 403 });
    expect(await call('admin', 'GET', '3.0/mlflow/roles/get', { role_id: '999' })).toMatchObject({ status: 404 });
    expect(await call('admin', 'GET', '3.0/mlflow/roles/get', { role_id: 'x' })).toMatchObject({ status: 400 });
    await call('admin', 'POST', '3.0/mlflow/roles/assign', { username: 'ann', role_id: role.id });
    expect(await make('ann', 'ws1', 'mine')).toMatchObject({ status: 200, role: { workspace: 'ws1', name: 'mine' } });
    expect(await make('ann', 'ws2', 'mine')).toMatchObject({ status: 403 });
  });
});
