import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createHttpServer } from '#platform/http';
import { migrate, openDatabase } from '#platform/sql';
import { dataRoutes } from './routes.ts';
import { DATA_TEST_MIGRATIONS, openTestData } from './testing.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  closing.push(() => database.close());
  await migrate(database, DATA_TEST_MIGRATIONS);
  const test = await openTestData(database);
  closing.push(() => test.close());
  const app = await createHttpServer({
    routes: dataRoutes(test.data),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  closing.push(() => app.close());
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}/api/repositories`;
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const isJson = body !== undefined && !(body instanceof Uint8Array) && typeof body !== 'string';
    const response = await fetch(base + path, {
      method,
      headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : (body as string) }),
    });
    return response;
  };
  const json = async (method: string, path: string, body?: unknown) => {
    const response = await call(method, path, body);
    return { status: response.status, body: response.status === 204 ? undefined : await response.json() };
  };
  await json('POST', '', { name: 'shop', description: 'orders' });
  return { ...test, base, port, call, json };
}

it('takes a repository through its life', async () => {
  const { json } = await setUp();
  const upload = await json('PUT', '/shop/uploads?name=raw/a.csv', 'a,b\n1,x\n2,y\n');
  expect(upload).toMatchObject({ status: 201, body: { sizeBytes: 12, table: { format: 'csv', rowCount: 2 } } });
  const changes = [{ path: 'raw/a.csv', object: upload.body.object }];
  const commit = await json('POST', '/shop/commits', { branch: 'main', message: 'first', changes, meta: { feed: 1 } });
  expect(commit).toMatchObject({ status: 201, body: { author: 'user:ann', entries: 1, meta: { feed: 1 } } });
  const { id } = commit.body;
  expect((await json('POST', '/shop/branches', { name: 'clean', from: 'main' })).status).toBe(201);
  expect((await json('POST', '/shop/tags', { name: 'v1', ref: id })).status).toBe(201);
  expect((await json('GET', '')).body.repositories).toMatchObject([{ name: 'shop', commits: 2, latest: { id } }]);
  expect((await json('GET', '/shop')).body).toMatchObject({
    branches: [{ name: 'clean' }, { name: 'main' }],
    tags: [{ name: 'v1' }],
  });
  expect((await json('GET', '/shop/branches')).body.branches).toHaveLength(2);
  expect((await json('GET', '/shop/tags')).body.tags).toHaveLength(1);
  expect((await json('GET', '/shop/commits?limit=1')).body.commits).toMatchObject([{ id }]);
  expect((await json('GET', `/shop/commits/${id.slice(0, 8)}`)).body.id).toBe(id);
  expect((await json('GET', '/shop/entries?ref=v1&prefix=raw/')).body).toMatchObject({
    commit: id,
    entries: [{ path: 'raw/a.csv' }],
  });
  const parent = commit.body.parents[0];
  expect((await json('GET', `/shop/diff?from=${parent}&to=main`)).body).toMatchObject({
    added: 1,
    removed: 0,
    changed: 0,
  });
  expect((await json('GET', `/shop/storage?from=${parent}&to=main`)).body).toMatchObject({
    objects: 1,
    sharedChunks: 0,
  });
  expect((await json('GET', '/shop/storage')).body).toMatchObject({ objects: 1, logicalBytes: 12, chunks: 1 });
  expect((await json('DELETE', '/shop/branches/clean?reason=done')).status).toBe(204);
});

it('serves files whole and in ranges, never as pages of its own', async () => {
  const { json, call } = await setUp();
  const content = '<script>0123456789</script>';
  const { object } = (await json('PUT', '/shop/uploads?name=x.html', content)).body;
  await json('POST', '/shop/commits', { branch: 'main', message: 'm', changes: [{ path: 'x.html', object }] });
  const whole = await call('GET', '/shop/files?path=x.html');
  expect(await whole.text()).toBe(content);
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    etag: `"${createHash('sha256').update(content).digest('hex')}"`,
    'content-length': '27',
    'content-type': 'application/octet-stream',
    'content-disposition': "attachment; filename*=UTF-8''x.html",
    'x-content-type-options': 'nosniff',
  });
  const part = await call('GET', '/shop/files?path=x.html', undefined, { range: 'bytes=8-11' });
  expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, '0123', 'bytes 8-11/27']);
  const beyond = await call('GET', '/shop/files?path=x.html', undefined, { range: 'bytes=27-' });
  expect([beyond.status, await beyond.text(), beyond.headers.get('content-range')]).toEqual([416, '', 'bytes */27']);
});

it('takes an upload of 100 MB', async () => {
  const { call, json } = await setUp();
  const block = Buffer.alloc(100 * 1024 * 1024, 'some text that repeats, and then some more of it;');
  const response = await call('PUT', '/shop/uploads?name=large.txt', block);
  const { object, sizeBytes } = (await response.json()) as { object: string; sizeBytes: number };
  expect([response.status, sizeBytes]).toEqual([201, block.length]);
  expect(object).toBe(createHash('sha256').update(block).digest('hex'));
  expect((await json('GET', '/shop/storage')).body.storedBytes).toBeLessThan(3_000_000);
});

it('keeps nothing of an upload whose sender goes away', async () => {
  const test = await setUp();
  await new Promise<void>((resolve) => {
    const sending = request(`${test.base}/shop/uploads?name=a.bin`, {
      method: 'PUT',
      headers: { 'content-length': '1000000', 'content-type': 'application/octet-stream' },
    });
    sending.on('error', () => resolve());
    sending.write(Buffer.alloc(500_000), () => setTimeout(() => sending.destroy(new Error('gone')), 100));
  });
  const incoming = join(test.folder, 'scratch', 'incoming');
  for (let i = 0; i < 200 && (await readdir(incoming)).length > 0; i++) await new Promise((r) => setTimeout(r, 10));
  expect(await readdir(incoming)).toEqual([]);
  expect((await test.json('GET', '/shop/storage')).body).toMatchObject({ objects: 0, chunks: 0 });
  expect((await test.json('GET', '/shop')).status).toBe(200);
});

const OBJECT = 'a'.repeat(64);
const change = { path: 'a.csv', object: OBJECT };
const bad: readonly (readonly [string, string, string, unknown, number, string, string])[] = [
  ['a name with ../', 'POST', '', { name: '../up' }, 400, 'KERNEL_NAME_INVALID', '../up'],
  ['an upload named ../', 'PUT', '/shop/uploads?name=..%2Fup.csv', 'a\n1\n', 400, 'DATA_PATH_INVALID', '../up.csv'],
  ['an upload without a name', 'PUT', '/shop/uploads', 'a\n1\n', 400, 'HTTP_INVALID', 'name'],
  ['a ragged CSV', 'PUT', '/shop/uploads?name=r.csv', 'a,b\n1,2\n3\n', 400, 'DATA_TABLE_INVALID', 'line 3'],
  [
    'a Parquet that is none',
    'PUT',
    '/shop/uploads?name=r.parquet',
    'PAR1 but no more',
    400,
    'DATA_TABLE_INVALID',
    'r.parquet',
  ],
  ['an empty dataset', 'PUT', '/shop/uploads?name=r.csv', 'a,b\n', 400, 'DATA_TABLE_INVALID', 'no rows'],
  ['an upload to no repository', 'PUT', '/none/uploads?name=a', 'x', 404, 'DATA_REPOSITORY_NOT_FOUND', 'none'],
  [
    'a commit without changes',
    'POST',
    '/shop/commits',
    { branch: 'main', message: 'm', changes: [] },
    400,
    'HTTP_INVALID',
    'changes',
  ],
  [
    'an unknown field',
    'POST',
    '/shop/commits',
    { branch: 'main', message: 'm', changes: [change], colour: 1 },
    400,
    'HTTP_INVALID',
    'colour',
  ],
  [
    'a digest that is none',
    'POST',
    '/shop/commits',
    { branch: 'main', message: 'm', changes: [{ path: 'a', object: 'xyz' }] },
    400,
    'HTTP_INVALID',
    'changes',
  ],
  [
    'an object nobody sent',
    'POST',
    '/shop/commits',
    { branch: 'main', message: 'm', changes: [change] },
    404,
    'DATA_OBJECT_NOT_FOUND',
    OBJECT,
  ],
  [
    'a commit to no branch',
    'POST',
    '/shop/commits',
    { branch: 'none', message: 'm', changes: [change] },
    404,
    'DATA_BRANCH_NOT_FOUND',
    'none',
  ],
  ['a ref that is none', 'GET', '/shop/entries?ref=none', undefined, 404, 'DATA_REF_NOT_FOUND', 'none'],
  ['a file that is not there', 'GET', '/shop/files?path=none.csv', undefined, 404, 'DATA_PATH_NOT_FOUND', 'none.csv'],
  ['a zero character', 'GET', '/shop/commits/%00', undefined, 400, 'HTTP_INVALID', 'ref'],
  ['a limit of zero', 'GET', '/shop/entries?limit=0', undefined, 400, 'HTTP_INVALID', 'limit'],
  [
    'a body of 100 MB where JSON is due',
    'POST',
    '/shop/commits',
    { branch: 'x'.repeat(100 * 1024 * 1024) },
    413,
    'HTTP_BODY_TOO_LARGE',
    'larger',
  ],
];
it.each(bad)('refuses %s', async (_, method, path, body, status, code, named) => {
  const { call, json } = await setUp();
  const response = await call(method, path, body);
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  expect([response.status, error.code]).toEqual([status, code]);
  expect(error.message).toContain(named);
  expect((await json('GET', '/shop')).body.commits).toBe(1);
  expect((await json('GET', '/shop/storage')).body.objects).toBe(0);
});
