import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { ApiError, createClient, UnreachableError } from '#sdk';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;
const json = (status: number, body: unknown): Answer => {
  return (response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

let server: Server | undefined;
afterEach(() => new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined))));

/** A server that gives these answers in turn, the last one for ever, and notes what it was asked. */
async function serve(...answers: readonly Answer[]) {
  const asked: { line: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const one = createServer((request, response) => {
    text(request).then((body) => {
      asked.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
      answers[Math.min(asked.length, answers.length) - 1]?.(response, request);
    });
  });
  server = one;
  await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  return { baseUrl: `http://127.0.0.1:${(one.address() as AddressInfo).port}`, asked };
}

it('sends parameters, query, body, token and whose behalf it is', async () => {
  const { baseUrl, asked } = await serve(json(200, {}));
  const client = createClient({ baseUrl, token: 'secret', actor: 'pipeline-run:1' });
  await client.data.listEntries({ params: { repository: 'a*b/c' }, query: { prefix: 'x y', limit: 5 } });
  await client.tracking.putArtifact({ params: { run: 'r', path: 'a b/c*.txt' }, body: 'bytes' });
  await client.registry.createModel({ body: { name: 'delays' } });
  expect(asked.map(({ line }) => line)).toEqual([
    'GET /api/repositories/a*b%2Fc/entries?prefix=x+y&limit=5',
    'PUT /api/runs/r/artifacts/a%20b/c*.txt',
    'POST /api/models',
  ]);
  expect(asked.map(({ body }) => body)).toEqual(['', 'bytes', '{"name":"delays"}']);
  expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer secret', 'x-trimtab-actor': 'pipeline-run:1' });
});

it('never sends an address that would be taken for another one', async () => {
  const { baseUrl, asked } = await serve(json(200, {}));
  const client = createClient({ baseUrl });
  const climbing = client.tracking.putArtifact({ params: { run: 'r', path: 'a/../../x' }, body: 'bytes' });
  await expect(climbing).rejects.toMatchObject({ code: 'KERNEL_NAME_INVALID', message: /"a\/\.\.\/\.\.\/x"/ });
  await expect(client.registry.getModel({ params: { model: '..' } })).rejects.toThrow(ApiError);
  expect(asked).toEqual([]);
});

it('tells a refusal with its code, and an answer that is not ours as it is', async () => {
  const error = { code: 'REGISTRY_MODEL_NOT_FOUND', message: 'No model "x".', details: { model: 'x' } };
  const { baseUrl } = await serve(json(404, { error }), (response) => response.writeHead(502).end('<html>'));
  const client = createClient({ baseUrl });
  const ask = () => client.registry.getModel({ params: { model: 'x' } });
  await expect(ask()).rejects.toMatchObject({ status: 404, ...error });
  await expect(ask()).rejects.toMatchObject({ status: 502, code: 'HTTP_UNREADABLE', message: /<html>/ });
});

it('keeps trying for as long as its patience lasts, and without any gives up at once', async () => {
  const busy = json(503, { error: { code: 'SERVING_OVERLOADED', message: 'Wait.' } });
  const cut: Answer = (response) => response.destroy();
  const half: Answer = (response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('{"models":', () => response.destroy());
  };
  const { baseUrl, asked } = await serve(busy, cut, half, json(200, { models: [] }), busy);
  expect(await createClient({ baseUrl, patienceMs: 10_000 }).registry.listModels()).toEqual({ models: [] });
  expect(asked).toHaveLength(4);
  await expect(createClient({ baseUrl }).registry.listModels()).rejects.toMatchObject({ status: 503 });
  expect(asked).toHaveLength(5);
});

it('says how to start a server when none answers', async () => {
  const { baseUrl } = await serve(json(200, {}));
  await new Promise((resolve) => server?.close(resolve));
  server = undefined;
  const refused = createClient({ baseUrl }).server.health();
  await expect(refused).rejects.toThrow(UnreachableError);
  await expect(refused).rejects.toThrow('trimtab serve');
});
