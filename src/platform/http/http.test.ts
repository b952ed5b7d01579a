import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { afterEach, expect, it } from 'vitest';
import { createHttpServer, httpErrors, route } from '#platform/http';
import { kernelErrors } from '#platform/kernel';
import { operation } from '#platform/operation';

const greet = operation({
  id: 'demo.greet',
  method: 'POST',
  path: '/api/greet/:name',
  summary: 'Greets.',
  params: Type.Object({ name: Type.String() }),
  query: Type.Object({ times: Type.Integer({ minimum: 1, default: 1 }), loud: Type.Optional(Type.Boolean()) }),
  body: Type.Object({ mood: Type.Union([Type.Literal('good'), Type.Literal('bad')]) }, { additionalProperties: false }),
  response: Type.Object({ text: Type.String() }),
  errors: ['KERNEL_NAME_INVALID'],
});
const upload = operation({
  id: 'demo.upload',
  method: 'PUT',
  path: '/api/bytes',
  summary: 'Echoes.',
  body: 'bytes',
  response: 'bytes',
  mediaTypes: ['text/plain'],
  ranges: true,
});
const refuse = operation({
  id: 'demo.refuse',
  method: 'GET',
  path: '/api/refuse',
  summary: 'Refuses.',
  response: 'none',
});
const crash = operation({ id: 'demo.crash', method: 'GET', path: '/api/crash', summary: 'Crashes.', response: 'none' });
const count = operation({
  id: 'demo.count',
  method: 'GET',
  path: '/api/count',
  summary: 'Counts.',
  response: 'events',
});

const file = operation({
  id: 'demo.file',
  method: 'GET',
  path: '/api/folders/:folder/files/*',
  summary: 'Names a file.',
  params: Type.Object({ folder: Type.Integer(), path: Type.String({ maxLength: 20 }) }),
  response: Type.Object({ folder: Type.Integer(), path: Type.String() }),
});

const small = operation({
  id: 'demo.small',
  method: 'PUT',
  path: '/api/small',
  summary: 'Counts at most 1000 bytes.',
  body: 'bytes',
  bodyLimitBytes: 1000,
  response: Type.Object({ sizeBytes: Type.Integer() }),
});
const keep = operation({
  id: 'demo.keep',
  method: 'POST',
  path: '/api/keep',
  summary: 'Keeps anything.',
  body: Type.Object({
    value: Type.Optional(Type.Unknown()),
    count: Type.Optional(Type.Integer()),
    atMs: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 9 })),
  }),
  response: 'none',
});

const read: string[] = [];
const routes = [
  route(small, async ({ body }) => {
    const parts: string[] = [];
    for await (const part of body) {
      parts.push(String(part));
      read.push(String(part));
    }
    return { sizeBytes: parts.join('').length };
  }),
  route(keep, () => undefined),
  route(file, ({ params }) => ({ folder: params.folder, path: params.path })),
  route(greet, ({ params, query, body }) => ({
    text: `${params.name} ${body.mood} ${query.times} ${query.loud ?? false}`,
  })),
  route(upload, async ({ body }) => ({ stream: Readable.from([await text(body)]), contentType: 'text/plain' })),
  route(refuse, () => {
    throw kernelErrors.KERNEL_NAME_INVALID({ what: 'thing', name: '../x' });
  }),
  route(crash, () => {
    throw new Error('secret path /home/x');
  }),
  route(count, async function* () {
    yield { event: 'tick', data: { n: 1 } };
    yield { event: 'tick', data: { n: 2 } };
  }),
];

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

async function start() {
  app = await createHttpServer({
    routes,
    authenticate: () => ({ id: 'local:test' }),
    info: { title: 'Test', version: '1', description: 'x' },
    checkAnswers: true,
  });
  return app;
}

const valid = { method: 'POST', url: '/api/greet/ann?times=3&loud=true', payload: { mood: 'good' } } as const;

it('hands checked and converted parts to the handler', async () => {
  const answer = await (await start()).inject(valid);
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({ text: 'ann good 3 true' });
});

it.each([
  [
    'an unknown property',
    { ...valid, payload: { mood: 'good', x: 1 } },
    400,
    'HTTP_INVALID',
    'body.x is not a known property',
  ],
  ['a wrong value', { ...valid, payload: { mood: 'odd' } }, 400, 'HTTP_INVALID', 'body.mood'],
  ['a missing body', { ...valid, payload: undefined }, 400, 'HTTP_BODY_MISSING', 'demo.greet'],
  ['a query out of range', { ...valid, url: '/api/greet/ann?times=0' }, 400, 'HTTP_INVALID', 'query.times'],
  [
    'broken JSON',
    { ...valid, headers: { 'content-type': 'application/json' }, payload: '{"mood":' },
    400,
    'HTTP_JSON_MALFORMED',
    'JSON',
  ],
  [
    'a body over the limit',
    { ...valid, payload: { mood: 'x'.repeat(5_000_000) } },
    413,
    'HTTP_BODY_TOO_LARGE',
    '4096 KiB',
  ],
  ['an unknown path', { method: 'GET', url: '/api/none' }, 404, 'HTTP_ROUTE_NOT_FOUND', '/api/none'],
  [
    'a foreign page',
    { ...valid, headers: { origin: 'https://evil.example' } },
    403,
    'HTTP_ORIGIN_FORBIDDEN',
    'evil.example',
  ],
  ['a refusal of the domain', { method: 'GET', url: '/api/refuse' }, 400, 'KERNEL_NAME_INVALID', '../x'],
] as const)('answers %s with a clear error', async (_, request, status, code, named) => {
  const answer = await (await start()).inject({ ...request });
  expect(answer.statusCode).toBe(status);
  expect(answer.json().error).toMatchObject({ code });
  expect(answer.json().error.message).toContain(named);
});

it('tells nothing of its inside when it fails unexpectedly', async () => {
  const answer = await (await start()).inject({ method: 'GET', url: '/api/crash' });
  expect(answer.statusCode).toBe(500);
  expect(answer.json().error.code).toBe('INTERNAL');
  expect(answer.body).not.toContain('secret');
});

it('streams bytes in and out whatever their content type', async () => {
  const headers = { 'content-type': 'application/json' };
  const answer = await (await start()).inject({ method: 'PUT', url: '/api/bytes', headers, payload: '{"raw":' });
  expect(answer.body).toBe('{"raw":');
  expect(answer.headers['content-type']).toBe('text/plain');
});

it('streams events', async () => {
  const answer = await (await start()).inject({ method: 'GET', url: '/api/count' });
  expect(answer.body).toContain('event: tick\ndata: {"n":1}');
  expect(answer.body).toContain('data: {"n":2}');
});

it('describes every operation in OpenAPI 3.1 and on a page', async () => {
  const server = await start();
  const document = (await server.inject({ method: 'GET', url: '/api/openapi.json' })).json();
  expect(document.openapi).toBe('3.1.0');
  expect(document.paths['/api/greet/{name}'].post.requestBody.content['application/json'].schema.required).toEqual([
    'mood',
  ]);
  expect(Object.keys(document.paths)).toHaveLength(8);
  const { requestBody, responses } = document.paths['/api/bytes'].put;
  expect(Object.keys(requestBody.content)).toEqual(['application/octet-stream']);
  expect(Object.keys(responses)).toEqual(['200', '206', '400', '416']);
  expect(Object.keys(responses['200'].content)).toEqual(['text/plain']);
  const [folders] = Object.entries<{ get: { parameters: { name: string }[] } }>(document.paths).filter(([path]) =>
    path.startsWith('/api/folders/'),
  );
  expect(folders?.[1].get.parameters.map(({ name }) => name)).toEqual(['folder', 'path']);
  expect((await server.inject({ method: 'GET', url: '/docs' })).body).toContain('/api/greet/:name');
});

it('reads a path that goes on, and refuses one that does not fit', async () => {
  const server = await start();
  const at = async (url: string) => {
    const answer = await server.inject({ url: `/api/folders/${url}` });
    return [answer.statusCode, answer.json()];
  };
  expect(await at('7/files/a/b%20c.txt')).toEqual([200, { folder: 7, path: 'a/b c.txt' }]);
  expect(await at('x/files/a')).toMatchObject([400, { error: { code: 'HTTP_INVALID' } }]);
  expect(await at(`7/files/${'a'.repeat(21)}`)).toMatchObject([400, { error: { code: 'HTTP_INVALID' } }]);
});

it('takes slashes before a path for one', async () => {
  const server = await start();
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  const status = await new Promise((resolve) => {
    get({ port, path: '//api/folders/7/files/a', agent: false }, (answer) => resolve(answer.resume().statusCode));
  });
  expect(status).toBe(200);
});

it('counts a byte body on its way and stops at the limit of its operation', async () => {
  const server = await start();
  const put = async (
    sizes: readonly number[],
    headers: Record<string, string> = { 'transfer-encoding': 'chunked' },
  ) => {
    read.length = 0;
    const payload = Readable.from(sizes.map((size) => Buffer.alloc(size, 'x')));
    const answer = await server.inject({ method: 'PUT', url: '/api/small', payload, headers });
    expect(read.join('').length).toBeLessThanOrEqual(1000);
    return [answer.statusCode, answer.json().error?.code ?? answer.json().sizeBytes];
  };
  expect(await put([600, 400])).toEqual([200, 1000]);
  expect(await put([600, 401, 600])).toEqual([413, 'HTTP_BODY_TOO_LARGE']);
  expect(await put([], { 'content-length': '1001' })).toEqual([413, 'HTTP_BODY_TOO_LARGE']);
});

it.each([
  ['{"value":"a\\u0000"}', 'body.value holds the character U+0000'],
  ['{"value":[{"a\\u0000":1}]}', 'body.value.0 has a name that holds the character U+0000'],
  ['{"value":"\\uD83D"}', 'body.value holds half of a surrogate pair'],
  ['{"value":1e999}', 'body.value is a number too large'],
  [`{"value":${'[{"a":'.repeat(60)}1${'}]'.repeat(60)}}`, 'is nested more than 100 levels deep'],
  [`{"value":${'['.repeat(1e6)}${']'.repeat(1e6)}}`, 'is nested more than 100 levels deep'],
  ['{"count":1e16}', 'body.count must be <= 9007199254740991'],
  ['{"count":-1e300}', 'body.count must be >= -9007199254740991'],
  ['{"atMs":8640000000000001}', 'body.atMs must be <= 8640000000000000'],
  ['{"port":10}', 'body.port must be <= 9'],
])('refuses what no room can keep: %s', async (payload, words) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await (await start()).inject({ method: 'POST', url: '/api/keep', headers, payload });
  expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'HTTP_INVALID']);
  expect(answer.json().error.message).toContain(words);
});

it.each([
  '{"value":"\\\\u0000"}',
  '{"value":"\\ud83d\\ude00"}',
  `{"value":"${'['.repeat(500)}"}`,
  '{"value":1e300,"count":9007199254740991,"atMs":null}',
])('takes what only looks like it: %s', async (payload) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await (await start()).inject({ method: 'POST', url: '/api/keep', headers, payload });
  expect(answer.statusCode).toBe(204);
});

it('reads no body of somebody who may not send one', async () => {
  app = await createHttpServer({
    routes,
    authenticate: () => {
      throw httpErrors.HTTP_TOKEN_REQUIRED({});
    },
    info: { title: 'Test', version: '1', description: 'x' },
  });
  read.length = 0;
  const headers = { 'content-type': 'application/json' };
  const broken = await app.inject({ method: 'POST', url: '/api/keep', headers, payload: '{"' });
  const bytes = await app.inject({ method: 'PUT', url: '/api/small', payload: 'x' });
  for (const answer of [broken, bytes]) {
    expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'HTTP_TOKEN_REQUIRED']);
  }
  expect(read).toEqual([]);
});
