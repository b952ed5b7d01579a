import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { isTrimtabError, seededRng, systemClock } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { describeDatabases } from '#testing/platform/sql';
import { signatureOf } from './signature.ts';
import { webhookMigrations } from './store/schema.ts';
import { createWebhooks, type WebhooksOptions } from './webhooks.ts';

const CREATED = { entity: 'model_version', action: 'created' } as const;
const MESSAGE = { ...CREATED, data: { name: 'm', version: '1' } };
const code = (wanted: string) => (error: unknown) => isTrimtabError(error, wanted);

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Got {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that answers with the given statuses in turn, then with 200. */
async function listener(...statuses: readonly number[]) {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      const status = statuses[got.length] ?? 200;
      got.push({ path: request.url ?? '', headers: request.headers, body });
      response.writeHead(status, { location: 'http://127.0.0.1:1/', 'retry-after': '0' }).end('seen');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  return { got, port: (server.address() as AddressInfo).port };
}

function setUp(database: Database, options: Partial<WebhooksOptions> = {}) {
  const failures: string[] = [];
  const noted: string[] = [];
  const webhooks = createWebhooks({
    ...{ database, clock: systemClock, rng: seededRng(1), schemes: ['http', 'https'], privateHosts: true },
    ...{ timeoutMs: 2000, maxRetries: 3, secretKey: 'a key' },
    resolve: async () => ['127.0.0.1'],
    onFailure: ({ outcome }) => void failures.push(outcome),
    pointerLog: {
      record: async (_, { actor, from, to, reason }) => void noted.push(`${actor} ${reason} ${from} -> ${to}`),
    },
    ...options,
  });
  const start = () => {
    webhooks.start(() => undefined);
    cleanups.push(() => webhooks.stop());
  };
  return { webhooks, failures, noted, start };
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it never came true');
}

describeDatabases('webhooks', (open) => {
  it('get signed messages of the events they asked for, each once', async () => {
    const { webhooks, start } = setUp(await open(webhookMigrations));
    const { got, port } = await listener();
    const url = `http://127.0.0.1:${port}/hook`;
    await webhooks.createWebhook({ name: 'a', url, events: [CREATED], secret: 's3' }, 'user:ann');
    await webhooks.createWebhook({ name: 'b', url, events: [{ entity: 'prompt', action: 'created' }] }, 'user:ann');
    await webhooks.createWebhook({ name: 'c', url, events: [CREATED], active: false }, 'user:ann');
    start();
    await webhooks.enqueue(7, MESSAGE, Date.UTC(2026, 0, 2));
    await webhooks.enqueue(7, MESSAGE, Date.UTC(2026, 0, 2));
    await until(() => got.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(got).toHaveLength(1);
    const [{ headers, body }] = got as [Got];
    expect(JSON.parse(body)).toEqual({ ...MESSAGE, timestamp: '2026-01-02T00:00:00.000Z' });
    const [id, time] = [String(headers['x-mlflow-delivery-id']), String(headers['x-mlflow-timestamp'])];
    expect(headers['x-mlflow-signature']).toBe(signatureOf('s3', id, time, body));
  });

  it('are tried again under the same id while that may help, and then no more', async () => {
    const { webhooks, failures, start } = setUp(await open(webhookMigrations), { maxRetries: 2 });
    const { got, port } = await listener(503, 429, 200, 404, 500, 500, 500);
    const made = await webhooks.createWebhook(
      { name: 'a', url: `http://127.0.0.1:${port}/`, events: [CREATED] },
      'user:ann',
    );
    start();
    await webhooks.enqueue(1, MESSAGE, 0);
    await until(() => got.length === 3);
    expect(new Set(got.map(({ headers }) => headers['x-mlflow-delivery-id'])).size).toBe(1);
    expect(got[0]?.headers).not.toHaveProperty('x-mlflow-signature');
    await webhooks.enqueue(2, MESSAGE, 0);
    await until(() => failures.length === 1);
    await webhooks.enqueue(3, MESSAGE, 0);
    await until(() => failures.length === 2);
    expect([got.length, failures]).toEqual([7, ['answered 404', 'answered 500']]);
    expect(await webhooks.testWebhook(made.id, MESSAGE)).toMatchObject({ status: 200, body: 'seen' });
  });

  it('get what was stored by a server that was killed before it sent it', async () => {
    const database = await open(webhookMigrations);
    const { got, port } = await listener();
    const first = setUp(database);
    await first.webhooks.createWebhook({ name: 'a', url: `http://127.0.0.1:${port}/`, events: [CREATED] }, 'user:ann');
    await first.webhooks.enqueue(1, MESSAGE, 0);
    expect(got).toHaveLength(0);
    const [second, third] = [setUp(database), setUp(database)];
    second.start();
    third.start();
    await until(() => got.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(got).toHaveLength(1);
  });

  it('never tell their secret, which is stored encrypted with a key', async () => {
    const database = await open(webhookMigrations);
    const { webhooks } = setUp(database);
    const made = await webhooks.createWebhook(
      { name: 'a', url: 'http://h/', events: [CREATED], secret: 'hush-hush' },
      'user:ann',
    );
    const changed = await webhooks.changeWebhook(made.id, { description: 'd' }, 'user:bob');
    const { webhooks: listed } = await webhooks.listWebhooks({ offset: 0, limit: 9 });
    expect(JSON.stringify([made, changed, listed])).not.toMatch(/hush|secret/);
    const rows = await database
      .tables<{ webhooks_webhook: { secret: string } }>()
      .selectFrom('webhooks_webhook')
      .selectAll()
      .execute();
    expect(JSON.stringify(rows)).not.toContain('hush');
    const other = setUp(database, { secretKey: 'another key' }).webhooks;
    await expect(other.testWebhook(made.id, MESSAGE)).rejects.toSatisfy(code('WEBHOOK_SECRET_UNREADABLE'));
  });

  it('are listed by page, changed and deleted', async () => {
    const { webhooks, noted } = setUp(await open(webhookMigrations));
    for (const name of ['a', 'b', 'c']) {
      await webhooks.createWebhook({ name, url: 'https://h/a-secret', events: [CREATED] }, 'user:ann');
    }
    const { webhooks: page, total } = await webhooks.listWebhooks({ offset: 1, limit: 1 });
    expect([page.length, total]).toEqual([1, 3]);
    const [one] = page as [(typeof page)[0]];
    expect(await webhooks.changeWebhook(one.id, { active: false }, 'user:bob')).toMatchObject({
      name: one.name,
      active: false,
    });
    await webhooks.deleteWebhook(one.id, 'user:eve');
    await expect(webhooks.deleteWebhook(one.id, 'user:eve')).rejects.toSatisfy(code('WEBHOOK_NOT_FOUND'));
    await expect(webhooks.changeWebhook(one.id, { name: 'x' }, 'user:bob')).rejects.toSatisfy(
      code('WEBHOOK_NOT_FOUND'),
    );
    await expect(webhooks.getWebhook(one.id)).rejects.toSatisfy(code('WEBHOOK_NOT_FOUND'));
    const [on, off] = ['active', 'off'].map((state) => `h: model_version.created; unsigned; ${state}`);
    expect(noted).toEqual([
      ...['a', 'b', 'c'].map((name) => `user:ann The webhook ${name} was made. null -> ${on}`),
      `user:bob The webhook ${one.name} was changed. ${on} -> ${off}`,
      `user:eve The webhook ${one.name} was deleted. ${off} -> null`,
    ]);
  });
});

describeDatabases('addresses of webhooks', (open) => {
  const make = (database: Database, options: Partial<WebhooksOptions> = {}) =>
    setUp(database, { privateHosts: false, schemes: ['https'], ...options }).webhooks;

  it('are refused when they are no public ones', async () => {
    const webhooks = make(await open(webhookMigrations));
    const at = (url: string) => webhooks.createWebhook({ name: 'a', url, events: [CREATED] }, 'user:ann');
    for (const url of [
      ...['', '  ', 'example.com/x', 'ftp://example.com', 'http://example.com', 'https://', 'https://u:p@example.com/'],
      ...['https://127.0.0.1/', 'https://[::1]/', 'https://169.254.169.254/', 'https://2130706433/', 'https://0x7f.1/'],
      'https://inside.example.com/',
    ]) {
      await expect(at(url), url).rejects.toSatisfy(code('WEBHOOK_URL_INVALID'));
    }
    await expect(
      webhooks.createWebhook({ name: '-a', url: 'https://8.8.8.8/', events: [CREATED] }, 'user:ann'),
    ).rejects.toSatisfy(code('WEBHOOK_NAME_INVALID'));
    await expect(
      webhooks.createWebhook({ name: 'a', url: 'https://8.8.8.8/', events: [] }, 'user:ann'),
    ).rejects.toSatisfy(code('WEBHOOK_EVENTS_INVALID'));
  });

  it('lead nowhere else when the name of a host changes its mind', async () => {
    const { got, port } = await listener();
    let answer = ['93.184.216.34'];
    const webhooks = make(await open(webhookMigrations), { schemes: ['http'], resolve: async () => answer });
    const made = await webhooks.createWebhook(
      { name: 'a', url: `http://example.com:${port}/`, events: [CREATED] },
      'user:ann',
    );
    answer = ['127.0.0.1'];
    const outcome = await webhooks.testWebhook(made.id, MESSAGE);
    expect(outcome).toMatchObject({ error: expect.stringContaining('no public address') });
    expect(got).toHaveLength(0);
  });

  it('are not left by a redirect', async () => {
    const { got, port } = await listener(302);
    const { webhooks } = setUp(await open(webhookMigrations));
    const made = await webhooks.createWebhook(
      { name: 'a', url: `http://127.0.0.1:${port}/`, events: [CREATED] },
      'user:ann',
    );
    expect(await webhooks.testWebhook(made.id, MESSAGE)).toMatchObject({ status: 302 });
    expect(got).toHaveLength(1);
  });
});
