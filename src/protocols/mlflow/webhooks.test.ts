import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { afterEach, expect, it } from 'vitest';
import { createWebhooks, webhookMigrations } from '#domains/webhooks';
import { ManualClock, seededRng } from '#platform/kernel';
import { mlflowPlugin, webhookEndpoints, webhookWords } from '#protocols/mlflow';
import { describeDatabases } from '#testing/platform/sql';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const CREATED = [{ entity: 'MODEL_VERSION', action: 'CREATED' }];

describeDatabases("MLflow's calls of webhooks", (open) => {
  async function setUp() {
    const clock = new ManualClock(Date.UTC(2026, 0, 1));
    const webhooks = createWebhooks({
      ...{ database: await open(webhookMigrations), clock, rng: seededRng(1), schemes: ['http'], privateHosts: true },
      ...{ timeoutMs: 2000, maxRetries: 0, secretKey: undefined, onFailure: () => undefined },
      resolve: async () => ['127.0.0.1'],
      pointerLog: { record: async () => undefined },
    });
    const app = Fastify();
    const endpoints = webhookEndpoints(webhooks, (event) => ({ ...event, data: { name: 'example' } }));
    await app.register(mlflowPlugin({ endpoints, words: [webhookWords], authenticate: () => ({ id: 'user:ann' }) }));
    cleanups.push(() => app.close());
    const call = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path = '', payload?: object) => {
      clock.advance(1000);
      const answer = await app.inject({ method, url: `/api/2.0/mlflow/webhooks${path}`, payload });
      return { status: answer.statusCode, body: answer.json() };
    };
    const make = (more: object = {}) => call('POST', '', { name: 'chat', url: 'http://h/', events: CREATED, ...more });
    const refused = async (...parameters: Parameters<typeof call>) => {
      const { status, body } = await call(...parameters);
      return `${status} ${body.error_code}: ${body.message}`;
    };
    return { call, make, refused, clock };
  }

  it('make, tell, change and delete a webhook', async () => {
    const { call, make, refused, clock } = await setUp();
    const made = await make({ description: 'd', secret: 'hush', status: 'DISABLED' });
    const { webhook_id: id } = made.body.webhook;
    const told = {
      ...{ webhook_id: id, name: 'chat', description: 'd', url: 'http://h/', events: CREATED, status: 'DISABLED' },
      ...{ creation_timestamp: clock.now(), last_updated_timestamp: clock.now() },
    };
    expect(made).toEqual({ status: 200, body: { webhook: told } });
    expect(await call('GET', `/${id}`)).toEqual(made);
    const events = [{ entity: 'PROMPT', action: 'CREATED' }];
    const changed = await call('PATCH', `/${id}`, { name: 'other', events, status: 'ACTIVE' });
    expect(changed.body.webhook).toEqual({
      ...{ ...told, name: 'other', events, status: 'ACTIVE', last_updated_timestamp: clock.now() },
    });
    // What is empty in a message was not given.
    const same = await call('PATCH', `/${id}`, { name: '', url: '', events: [] });
    expect(same.body.webhook).toMatchObject({ name: 'other', url: 'http://h/', events });
    expect(await call('DELETE', `/${id}`)).toEqual({ status: 200, body: {} });
    const gone = `404 RESOURCE_DOES_NOT_EXIST: Webhook with ID ${id} not found.`;
    for (const method of ['GET', 'PATCH', 'DELETE'] as const) expect(await refused(method, `/${id}`)).toBe(gone);
  });

  it('list webhooks page by page, the latest first', async () => {
    const { call, make, refused } = await setUp();
    expect(await call('GET')).toEqual({ status: 200, body: {} });
    for (const name of ['a', 'b', 'c']) await make({ name });
    const names = ({ body }: Awaited<ReturnType<typeof call>>) =>
      body.webhooks.map((one: { name: string }) => one.name);
    const first = await call('GET', '?max_results=2');
    expect(names(first)).toEqual(['c', 'b']);
    const second = await call('GET', `?max_results=2&page_token=${encodeURIComponent(first.body.next_page_token)}`);
    expect(names(second)).toEqual(['a']);
    expect(second.body).not.toHaveProperty('next_page_token');
    for (const bad of ['-1', '1001']) {
      expect(await refused('GET', `?max_results=${bad}`)).toMatch(/^400 INVALID_PARAMETER_VALUE: .*between 1 and 1000/);
    }
  });

  it('refuse what makes no webhook, in its words', async () => {
    const { refused } = await setUp();
    const at = (given: object) => refused('POST', '', { name: 'chat', url: 'http://h/', events: CREATED, ...given });
    expect(await at({ events: [] })).toMatch(
      /^400 INVALID_PARAMETER_VALUE: Missing value for required parameter 'events'/,
    );
    expect(await at({ name: '-a' })).toMatch(/^400 INVALID_PARAMETER_VALUE: Webhook name '-a' is invalid\./);
    expect(await at({ url: 'ftp://h/' })).toBe(
      "400 INVALID_PARAMETER_VALUE: Invalid webhook URL scheme: 'ftp'. Allowed schemes are: http.",
    );
    expect(await at({ url: 'http://ann:x@h/' })).toMatch(/must hold no name and no password/);
    expect(await at({ events: [{ entity: 'MODEL_VERSION', action: 'DELETED' }] })).toBe(
      "400 INVALID_PARAMETER_VALUE: Invalid action 'deleted' for entity 'model_version'. Valid actions are: ['created']",
    );
    expect(await at({ events: [{ entity: 'CAT', action: 'CREATED' }] })).toMatch(/^400 INVALID_PARAMETER_VALUE/);
    expect(await at({ status: 'ASLEEP' })).toMatch(/^400 INVALID_PARAMETER_VALUE: .*ACTIVE or DISABLED/);
  });

  it('test a webhook with an example, and tell what came of it', async () => {
    const { call, make } = await setUp();
    const got: unknown[] = [];
    let status = 200;
    const target = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += part));
      request.on('end', () => {
        got.push(JSON.parse(body));
        response.writeHead(status).end('seen');
      });
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => new Promise((resolve) => target.close(resolve)));
    const { port } = target.address() as AddressInfo;
    const { body } = await make({ url: `http://127.0.0.1:${port}/` });
    const test = (payload: object) => call('POST', `/${body.webhook.webhook_id}/test`, payload);
    const seen = { success: true, response_status: 200, response_body: 'seen' };
    expect((await test({})).body).toEqual({ result: seen });
    await test({ event: { entity: 'PROMPT_TAG', action: 'SET' } });
    expect(got).toMatchObject([
      { entity: 'model_version', action: 'created', data: { name: 'example' } },
      { entity: 'prompt_tag', action: 'set' },
    ]);
    status = 500;
    expect((await test({})).body.result).toEqual({ success: false, response_status: 500, response_body: 'seen' });
    const dead = await make({ url: 'http://127.0.0.1:1/' });
    const { body: failed } = await call('POST', `/${dead.body.webhook.webhook_id}/test`, {});
    expect(failed.result).toEqual({
      success: false,
      error_message: expect.stringMatching(/^Failed to test webhook: .*ECONNREFUSED/),
    });
  });
});
