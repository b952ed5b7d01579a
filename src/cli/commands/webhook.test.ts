import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createWebhooks, webhookMigrations, webhookRoutes } from '#domains/webhooks';
import { createHttpServer } from '#platform/http';
import { seededRng, systemClock } from '#platform/kernel';
import { migrate, openDatabase } from '#platform/sql';
import { runCommand } from '../testing.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server with webhooks, and an address that answers with a status. */
async function setUp(status = 200) {
  const database = await openDatabase('sqlite::memory:');
  await migrate(database, webhookMigrations);
  const webhooks = createWebhooks({
    ...{ database, clock: systemClock, rng: seededRng(1), schemes: ['http'], privateHosts: true },
    ...{ timeoutMs: 2000, maxRetries: 0, secretKey: undefined, onFailure: () => undefined },
    resolve: async () => ['127.0.0.1'],
    pointerLog: { record: async () => undefined },
  });
  const app = await createHttpServer({
    routes: webhookRoutes(webhooks, (event) => ({ ...event, data: { name: 'example' } })),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const got: string[] = [];
  const target = createServer((request, response) => {
    request.on('data', (part) => got.push(String(part))).on('end', () => response.writeHead(status).end('seen'));
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  cleanups.push(
    () => database.close(),
    () => app.close(),
    () => webhooks.stop(),
    () => new Promise((resolve) => target.close(resolve)),
  );
  const webhook = (...words: string[]) => runCommand('--url', url, 'webhook', ...words);
  const address = `http://127.0.0.1:${(target.address() as AddressInfo).port}/hook`;
  const create = async (...events: string[]) => {
    const { stdout } = await webhook('create', 'chat', address, '--event', ...events, '--json');
    return (JSON.parse(stdout) as { id: string }).id;
  };
  return { webhooks, webhook, address, create, got };
}

it('makes, lists, changes and deletes webhooks', async () => {
  const { webhook, address, create } = await setUp();
  const id = await create('model_version.created', 'model_version_alias.created');
  const listed = await webhook('list');
  expect(listed.stdout).toContain(`${id}  chat  yes     ${address}`);
  expect(listed.stdout).toContain('model_version.created model_version_alias.created');
  expect((await webhook('list', '--events')).stdout.split('\n')).toContain('prompt_tag.deleted');
  expect((await webhook('list', '--events')).stdout).not.toContain('budget');
  expect((await webhook('update', id, '--off', '--name', 'quiet')).stdout).toMatch(/quiet {2}no/);
  expect(await webhook('update', id, '--off', '--on')).toMatchObject({ code: 2 });
  expect(await webhook('update', id, '--event', 'model_version.eaten')).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('no event "eaten" of "model_version"'),
  });
  expect(await webhook('create', 'x', 'ftp://h/', '--event', 'prompt.created')).toMatchObject({ code: 5 });
  expect(await webhook('delete', id)).toMatchObject({ code: 0 });
  expect(await webhook('delete', id)).toMatchObject({ code: 3 });
  expect((await webhook('list')).stdout).toMatch(/^There is no webhook/);
});

it('tests a webhook, and tells of what was sent to it', async () => {
  const { webhooks, webhook, create, got } = await setUp();
  const id = await create('model_version.created');
  expect(await webhook('test', id, '--event', 'prompt.created')).toMatchObject({
    code: 0,
    stdout: 'prompt.created was answered with 200: seen\n',
  });
  expect(JSON.parse(got[0] ?? '')).toMatchObject({ entity: 'prompt', action: 'created', data: { name: 'example' } });
  expect(await webhook('test', id, '--event', 'prompt.eaten')).toMatchObject({ code: 5 });
  expect((await webhook('deliveries', id)).stdout).toMatch(/^Nothing was sent/);
  const message = { entity: 'model_version', action: 'created', data: { name: 'm' } } as const;
  await webhooks.enqueue(1, message, Date.UTC(2026, 0, 2));
  expect((await webhook('deliveries', id)).stdout).toMatch(
    /^2026-01-02 00:00:00 +model_version.created +waiting +0 +-$/m,
  );
  webhooks.start(() => undefined);
  await expect
    .poll(async () => (await webhook('deliveries', id)).stdout, { timeout: 5000 })
    .toMatch(/model_version.created +delivered +1 +answered 200$/m);
});

it('exits with 8 when a test is not delivered', async () => {
  const { webhook, create } = await setUp(500);
  const id = await create('model_version.created');
  expect(await webhook('test', id)).toMatchObject({ code: 8, stdout: expect.stringContaining('answered with 500') });
});
