import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract } from '#contract';
import { type Client, createClient } from '#sdk';
import { parseConfig, type Settings } from './config.ts';
import { type RunningServer, startServer } from './server.ts';
import { PERMISSIONS } from './wiring/permissions.ts';
import { PLUGIN_ROUTES, pluginRouteKey } from './wiring/plugin-permissions.ts';

const PASSWORD = 'correct horse battery';
const folders: string[] = [];

function settings(more: Settings = {}): Settings {
  const dataDir = mkdtempSync(join(tmpdir(), 'trimtab-users-'));
  folders.push(dataDir);
  return { port: '0', dataDir, appName: 'basic-auth', checkAnswers: '1', logLevel: 'fatal', ...more };
}

const basic = (name: string, password = PASSWORD) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

describe('a server with users', () => {
  const addresses: { method: string; url: string }[] = [];
  let server: RunningServer;
  let admin: Client;
  let dataDir: string;

  /** A client signed in as a user. */
  async function as(user: string, password = PASSWORD): Promise<Client> {
    const { token } = await createClient({ baseUrl: server.url }).auth.signIn({ body: { user, password } });
    return createClient({ baseUrl: server.url, token });
  }

  beforeAll(async () => {
    const given = settings({ adminPassword: PASSWORD });
    dataDir = given.dataDir as string;
    server = await startServer(parseConfig(given), { onRoute: (method, url) => addresses.push({ method, url }) });
    admin = await as('admin');
    for (const name of ['ann', 'bob']) await admin.auth.createUser({ body: { name, password: PASSWORD } });
  });
  afterAll(async () => {
    await server.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it('answers nobody it does not know, at no address but the few that are open', async () => {
    const open = new Set([
      ...Object.values(contract)
        .flatMap((operations) => Object.values(operations))
        .filter((operation) => 'open' in operation && operation.open)
        .map(({ method, path }) => `${method} ${path}`),
      'GET /api/openapi.json',
      'GET /docs',
      ...Object.keys(PLUGIN_ROUTES).filter((route) => PLUGIN_ROUTES[route] === 'open'),
    ]);
    expect(addresses.length).toBeGreaterThan(200);
    const let_in: string[] = [];
    for (const { method, url } of addresses) {
      if (method === 'OPTIONS' || open.has(`${method === 'HEAD' ? 'GET' : method} ${url}`)) continue;
      if (open.has(pluginRouteKey(method, url))) continue;
      const path = url.replace(/:[^/]+/g, '1').replace('*', 'x');
      const body = method === 'GET' || method === 'HEAD' ? {} : { body: '{}' };
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(server.url + path, { method, headers, ...body });
      if (answer.status !== 401) let_in.push(`${method} ${url}: ${answer.status}`);
    }
    expect(let_in).toEqual([]);
  });

  it('says of every operation what it needs', () => {
    const operations = Object.values(contract).flatMap((group) => Object.values(group).map(({ id }) => id));
    expect(operations.filter((id) => !(id in PERMISSIONS))).toEqual([]);
    expect(Object.keys(PERMISSIONS).filter((id) => !(operations as string[]).includes(id))).toEqual([]);
  });

  it('lets grants on a model follow its name, and end with it', async () => {
    const [ann, bob] = [await as('ann'), await as('bob')];
    const change = (who: Client, model: string, name?: string) =>
      who.registry.changeModel({ params: { model }, body: { name, description: 'late or not' } });
    await ann.registry.createModel({ body: { name: 'late' } });
    await expect(change(bob, 'late')).rejects.toMatchObject({ status: 403 });
    await expect(change(bob, 'late', 'mine')).rejects.toMatchObject({ status: 403 });
    await change(ann, 'late', 'later');
    expect(await change(ann, 'later')).toMatchObject({ description: 'late or not' });
    await admin.registry.createModel({ body: { name: 'late' } });
    await expect(change(ann, 'late')).rejects.toMatchObject({ status: 403 });
    const params = { model: 'later' };
    // Whoever may read a model may be named as one who decides.
    const request = { params: { ...params, promotion: 7 }, body: { digest: 'a'.repeat(64) } };
    await expect(bob.registry.approvePromotion(request)).rejects.toMatchObject({
      code: 'REGISTRY_PROMOTION_NOT_FOUND',
    });
    await expect(bob.registry.deleteModel({ params, query: { reason: 'x' } })).rejects.toMatchObject({ status: 403 });
    await ann.registry.deleteModel({ params, query: { reason: 'x' } });
    await admin.registry.createModel({ body: { name: 'later' } });
    await expect(change(ann, 'later')).rejects.toMatchObject({ status: 403 });
  });

  it('asks clients of MLflow for a password, and the page for a session', async () => {
    const mlflow = await fetch(`${server.url}/api/3.0/mlflow/server-info`);
    expect(mlflow.status).toBe(401);
    expect(mlflow.headers.get('www-authenticate')).toBe('Basic realm="mlflow"');
    expect(await mlflow.json()).toMatchObject({ error_code: 'UNAUTHENTICATED' });
    const own = await fetch(`${server.url}/api/server`);
    expect(own.headers.get('www-authenticate')).toBe('Bearer realm="trimtab"');
    expect(await createClient({ baseUrl: server.url }).auth.status()).toEqual({ mode: 'basic' });
    const known = { headers: { authorization: basic('ann') } };
    expect((await fetch(`${server.url}/api/3.0/mlflow/server-info`, known)).status).toBe(200);
    expect((await fetch(`${server.url}/api/server`, known)).status).toBe(200);
  });

  it('lets users see, makers manage, and nobody change what is not granted', async () => {
    const [ann, bob] = [await as('ann'), await as('bob')];
    const { id } = await ann.tracking.createExperiment({ body: { name: 'of ann' } });
    const run = await ann.tracking.createRun({ body: { experiment: 'of ann' } });
    expect(await bob.tracking.getRun({ params: { run: run.id } })).toMatchObject({ id: run.id });
    const refused = { status: 403, code: 'AUTH_FORBIDDEN' };
    const log = { params: { run: run.id }, body: { params: [{ key: 'depth', value: '6' }] } };
    await expect(bob.tracking.logBatch(log)).rejects.toMatchObject(refused);
    await expect(bob.tracking.deleteRun({ params: { run: run.id } })).rejects.toMatchObject(refused);
    await expect(bob.tracking.createRun({ body: { experiment: 'of ann' } })).rejects.toMatchObject(refused);
    await expect(bob.data.createRepository({ body: { name: 'mine' } })).rejects.toMatchObject(refused);
    const grant = { user: 'bob', resourceType: 'experiment', resource: id } as const;
    await expect(bob.auth.putGrant({ body: { ...grant, permission: 'MANAGE' } })).rejects.toMatchObject(refused);
    await ann.auth.putGrant({ body: { ...grant, permission: 'EDIT' } });
    await bob.tracking.logBatch(log);
    await expect(bob.tracking.deleteRun({ params: { run: run.id } })).rejects.toMatchObject(refused);
    expect(
      (await admin.governance.listAudit({ query: { pointer: `grant:bob/experiment/${id}` } })).entries,
    ).toMatchObject([{ actor: 'user:ann', from: null, to: 'EDIT' }]);
  });

  it('hides what a user may not read, in lists, searches and by name', async () => {
    const [ann, bob] = [await as('ann'), await as('bob')];
    const { id } = await ann.tracking.createExperiment({ body: { name: 'secret' } });
    await ann.tracking.createRun({ body: { experiment: 'secret' } });
    await ann.tracking.createExperiment({ body: { name: 'public' } });
    await ann.tracking.createRun({ body: { experiment: 'public' } });
    const body = { user: 'bob', resourceType: 'experiment', resource: id, permission: 'NO_PERMISSIONS' } as const;
    await ann.auth.putGrant({ body });
    const names = (await bob.tracking.listExperiments()).experiments.map(({ name }) => name);
    expect(names).toContain('public');
    expect(names).not.toContain('secret');
    const found = await bob.tracking.searchRuns({ body: {} });
    expect(new Set(found.runs.map(({ experiment }) => experiment))).not.toContain('secret');
    const refused = { status: 403, code: 'AUTH_FORBIDDEN' };
    await expect(bob.tracking.searchRuns({ body: { experiments: [] } })).rejects.toMatchObject(refused);
    await expect(bob.tracking.searchRuns({ body: { experiments: ['secret'] } })).rejects.toMatchObject(refused);
    await expect(bob.tracking.getExperiment({ params: { experiment: 'secret' } })).rejects.toMatchObject(refused);
    await expect(bob.tracking.createExperiment({ body: { name: 'secret' } })).rejects.toMatchObject(refused);
    await expect(bob.governance.listAudit({ query: {} })).rejects.toMatchObject(refused);
    expect((await ann.tracking.searchRuns({ body: { experiments: ['secret'] } })).runs).toHaveLength(1);
  });

  it('shows nobody files by the detour of a version or an experiment that says it has them', async () => {
    const [ann, bob] = [await as('ann'), await as('bob')];
    const mlflow = async (user: string, path: string, body: object) => {
      const headers = { authorization: basic(user), 'content-type': 'application/json' };
      const url = `${server.url}/api/2.0/mlflow/${path}`;
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
    };
    const { id } = await ann.tracking.createExperiment({ body: { name: 'hidden' } });
    const run = (await ann.tracking.createRun({ body: { experiment: 'hidden' } })).id;
    const model = (await ann.tracking.createLoggedModel({ body: { experiment: 'hidden' } })).id;
    await ann.registry.createModel({ body: { name: 'hers' } });
    expect(await mlflow('ann', 'model-versions/create', { name: 'hers', source: `models:/${model}` })).toBe(200);
    for (const [resourceType, resource] of [
      ['experiment', id],
      ['registered_model', 'hers'],
    ] as const) {
      await ann.auth.putGrant({ body: { user: 'bob', resourceType, resource, permission: 'NO_PERMISSIONS' } });
    }
    await bob.registry.createModel({ body: { name: 'his' } });
    const create = (source: string, more = {}) =>
      mlflow('bob', 'model-versions/create', { name: 'his', source, ...more });
    for (const source of [`models:/${model}`, 'models:/hers/1', 'models:/hers@best', `runs:/${run}/model`]) {
      expect([source, await create(source)]).toEqual([source, 403]);
    }
    for (const root of [`mlflow-artifacts:/${id}`, `mlflow-artifacts://any//${id}/${run}`, 'mlflow-artifacts:/']) {
      expect([root, await create(root)]).toEqual([root, 403]);
      const taken = { name: `his ${root}`, artifact_location: root };
      expect([root, await mlflow('bob', 'experiments/create', taken)]).toEqual([root, 403]);
      await expect(
        bob.tracking.createExperiment({ body: { name: taken.name, artifactLocation: root } }),
      ).rejects.toMatchObject({ status: 403 });
    }
    expect(await create('s3://elsewhere/x', { run_id: run })).toBe(403);
    expect(await create('s3://elsewhere/x', { model_id: model })).toBe(403);
    expect(await create('s3://elsewhere/x', { run_id: 'unknown' })).toBe(200);
    expect(await mlflow('bob', 'experiments/create', { name: 'own', artifact_location: 's3://mine' })).toBe(200);
  });

  it('shows evaluation datasets to who may read all of their experiments', async () => {
    const [ann, bob] = [await as('ann'), await as('bob')];
    const ids: string[] = [];
    for (const name of ['asked', 'withheld']) {
      ids.push((await ann.tracking.createExperiment({ body: { name } })).id);
    }
    const [asked = '', withheld = ''] = ids;
    const grant = {
      user: 'bob',
      resourceType: 'experiment',
      resource: withheld,
      permission: 'NO_PERMISSIONS',
    } as const;
    await ann.auth.putGrant({ body: grant });
    const make = async (name: string, experiment_ids: readonly string[]) => {
      const headers = { authorization: basic('ann'), 'content-type': 'application/json' };
      const url = `${server.url}/api/3.0/mlflow/datasets/create`;
      const made = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ name, experiment_ids }) });
      return ((await made.json()) as { readonly dataset: { readonly dataset_id: string } }).dataset.dataset_id;
    };
    const [one, both] = [await make('one', [asked]), await make('both', [asked, withheld])];
    const listed = async (client: Client) => {
      const { datasets } = await client.tracing.listEvaluationDatasets({ query: { experiment: 'asked' } });
      return datasets.map(({ id }) => id).sort();
    };
    expect(await listed(ann)).toEqual([one, both].sort());
    expect(await listed(bob)).toEqual([one]);
    const refused = { status: 403, code: 'AUTH_FORBIDDEN' };
    expect(await bob.tracing.getEvaluationDataset({ params: { dataset: one } })).toMatchObject({ name: 'one' });
    await expect(bob.tracing.deleteEvaluationDataset({ params: { dataset: one } })).rejects.toMatchObject(refused);
    const params = { dataset: both };
    await expect(bob.tracing.getEvaluationDataset({ params })).rejects.toMatchObject(refused);
    await expect(bob.tracing.listEvaluationRecords({ params })).rejects.toMatchObject(refused);
    await expect(bob.tracing.listEvaluationDatasets({ query: { experiment: 'withheld' } })).rejects.toMatchObject(
      refused,
    );
    await ann.tracing.deleteEvaluationDataset({ params: { dataset: both } });
    expect(await listed(ann)).toEqual([one]);
  });

  it('does not make a manager of who asks for what another made', async () => {
    const [ann, bob] = [await as('ann'), await as('bob')];
    await ann.registry.createModel({ body: { name: 'shared' } });
    expect(await bob.registry.createModel({ body: { name: 'shared' } })).toMatchObject({ name: 'shared' });
    const grants = { query: { user: 'bob', resourceType: 'registered_model', resource: 'shared' } } as const;
    expect((await admin.auth.listGrants(grants)).grants).toEqual([]);
    expect((await admin.auth.listGrants({ query: { ...grants.query, user: 'ann' } })).grants).toMatchObject([
      { permission: 'MANAGE' },
    ]);
  });

  it('keeps users to themselves: passwords, tokens and grants of others are for administrators', async () => {
    const bob = await as('bob');
    const { id } = await admin.auth.createToken({ body: { user: 'ann', name: 'ci' } });
    const onlyAdmins = { status: 403, code: 'AUTH_ADMIN_ONLY' };
    const other = { params: { user: 'ann' } };
    await expect(bob.auth.setPassword({ ...other, body: { password: PASSWORD } })).rejects.toMatchObject(onlyAdmins);
    await expect(bob.auth.createToken({ body: { user: 'ann', name: 'x' } })).rejects.toMatchObject(onlyAdmins);
    await expect(bob.auth.revokeToken({ params: { token: id } })).rejects.toMatchObject(onlyAdmins);
    await expect(bob.auth.getUser(other)).rejects.toMatchObject(onlyAdmins);
    await expect(bob.auth.listUsers()).rejects.toMatchObject(onlyAdmins);
    await expect(bob.auth.setAdmin({ params: { user: 'bob' }, body: { isAdmin: true } })).rejects.toMatchObject(
      onlyAdmins,
    );
    expect((await bob.auth.listTokens({ query: {} })).tokens).toEqual([]);
    expect(await bob.auth.me()).toMatchObject({ principal: 'user:bob', mayEverything: false, mode: 'basic' });
  });

  it('gives by roles, and takes with them', async () => {
    const bob = await as('bob');
    const target = { resourceType: 'repository', resource: '*' } as const;
    await admin.auth.createRole({ body: { name: 'stewards' } });
    await admin.auth.putRoleRule({ params: { role: 'stewards' }, body: { ...target, permission: 'EDIT' } });
    await admin.data.createRepository({ body: { name: 'flights' } });
    const branch = { params: { repository: 'flights' }, body: { name: 'try', from: 'main' } };
    await expect(bob.data.createBranch(branch)).rejects.toMatchObject({ status: 403 });
    await admin.auth.addRoleMember({ params: { role: 'stewards', user: 'bob' } });
    await bob.data.createBranch(branch);
    await admin.auth.deleteRole({ params: { role: 'stewards' } });
    await expect(bob.data.createBranch(branch)).rejects.toMatchObject({ status: 403 });
  });

  it('ends a session at sign-out, and all sessions when the password changes', async () => {
    await admin.auth.createUser({ body: { name: 'eve', password: PASSWORD } });
    const [first, second] = [await as('eve'), await as('eve')];
    await first.auth.signOut();
    await expect(first.server.info()).rejects.toMatchObject({ status: 401 });
    await second.server.info();
    const change = { password: 'quite another one', currentPassword: PASSWORD };
    await second.auth.setPassword({ params: { user: 'eve' }, body: change });
    await expect(second.server.info()).rejects.toMatchObject({ status: 401, code: 'AUTH_SIGN_IN_REFUSED' });
  });

  it('keeps the token of its own steps where only its owner reads it, and lets steps in by it', async () => {
    const file = join(dataDir, 'service-token');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const steps = createClient({ baseUrl: server.url, token: readFileSync(file, 'utf8') });
    expect(await steps.auth.me()).toMatchObject({ principal: 'token:service', mayEverything: true });
  });

  it('answers no name that is not its own', async () => {
    const statusFor = (host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        request(`${server.url}/version`, { headers: { host } }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        })
          .on('error', reject)
          .end();
      });
    for (const good of ['localhost', 'localhost:5000', '127.0.0.1:80', '[::1]:5000', '10.1.2.3', 'a.localhost']) {
      expect([good, await statusFor(good)]).toEqual([good, 200]);
    }
    for (const bad of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:5000', '1.2.3.4.nip.io']) {
      expect([bad, await statusFor(bad)]).toEqual([bad, 403]);
    }
  });
});

describe('the first administrator', () => {
  it('has a well-known password on this machine alone', async () => {
    const given = settings();
    const local = await startServer(parseConfig(given));
    await createClient({ baseUrl: local.url }).auth.signIn({ body: { user: 'admin', password: 'password1234' } });
    await local.close();
    const wide = { ...given, host: '0.0.0.0' };
    await expect(startServer(parseConfig(wide))).rejects.toMatchObject({ code: 'SERVER_ADMIN_PASSWORD_KNOWN' });
    const fresh = settings({ host: '0.0.0.0' });
    await expect(startServer(parseConfig(fresh))).rejects.toMatchObject({ code: 'SERVER_ADMIN_PASSWORD_MISSING' });
    const weak = settings({ host: '0.0.0.0', adminPassword: 'password1234' });
    await expect(startServer(parseConfig(weak))).rejects.toMatchObject({ code: 'SERVER_ADMIN_PASSWORD_MISSING' });
  });
});

it('without users there is nobody to sign in, and everything is as before', async () => {
  const server = await startServer(parseConfig({ ...settings(), appName: '' }));
  const client = createClient({ baseUrl: server.url });
  try {
    expect(await client.auth.me()).toMatchObject({ user: null, mayEverything: true, mode: 'open' });
    await expect(client.auth.signIn({ body: { user: 'admin', password: 'x' } })).rejects.toMatchObject({
      code: 'AUTH_NO_USERS',
    });
    expect((await fetch(`${server.url}/api/2.0/mlflow/users/current`)).status).toBe(404);
  } finally {
    await server.close();
  }
});
