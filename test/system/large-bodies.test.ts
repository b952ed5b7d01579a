import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { openBench, type SystemBench } from './bench.ts';

const MIB = 1024 * 1024;
let bench: SystemBench;
afterEach(() => bench?.close());

/** Sends a body of this size for as long as it is taken, and tells how much went out before the answer came. */
function pour(
  path: string,
  options: { readonly method: string; readonly sizeBytes: number; readonly headers: Record<string, string | number> },
): Promise<{ status: number; code: string; sentBytes: number }> {
  return new Promise((resolve, reject) => {
    const { method, headers, sizeBytes } = options;
    let sentBytes = 0;
    let answered = false;
    const call = request(bench.url + path, { method, headers, agent: false }, (response) => {
      answered = true;
      text(response).then((answer) => {
        const { code } = JSON.parse(answer).error as { code: string };
        resolve({ status: response.statusCode ?? 0, code, sentBytes });
        call.destroy();
      }, reject);
    });
    call.on('error', (error) => {
      if (!answered) reject(error);
    });
    const part = Buffer.alloc(MIB, ' ');
    const more = () => {
      while (!answered && sentBytes < sizeBytes) {
        sentBytes += part.length;
        if (!call.write(part)) return call.once('drain', more);
      }
      if (!answered) call.end();
      return undefined;
    };
    more();
  });
}

it.each([
  ['JSON whose size is announced', { 'content-type': 'application/json', 'content-length': 100 * MIB }],
  ['JSON whose size is not announced', { 'content-type': 'application/json' }],
])('refuses 100 MB of %s without reading it all', async (_, headers) => {
  bench = await openBench();
  const before = await bench.kept();
  const answer = await pour('/api/models', { method: 'POST', sizeBytes: 100 * MIB, headers });
  expect(answer).toMatchObject({ status: 413, code: 'HTTP_BODY_TOO_LARGE' });
  expect(answer.sentBytes).toBeLessThan(50 * MIB);
  expect(await bench.kept()).toEqual(before);
});

it('tells a plain fetch of 100 MB why it is refused', async () => {
  bench = await openBench();
  const body = `{"name":"${'x'.repeat(100 * MIB)}"}`;
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${bench.url}/api/models`, { method: 'POST', headers, body });
  expect(answer.status).toBe(413);
  expect(await answer.json()).toMatchObject({ error: { code: 'HTTP_BODY_TOO_LARGE' } });
});

it.each([
  ['data', 'PUT', '/api/repositories/flights/uploads?name=a.bin', 5],
  ['artifacts', 'PUT', `/api/runs/${'a'.repeat(32)}/artifacts/a.bin`, 1025],
  ['model files', 'PUT', '/api/model-files', 5],
  ['pipeline files', 'POST', '/api/pipeline-files', 5],
])('refuses %s beyond what one upload may hold before a byte of it is stored', async (_, method, path, sizeGib) => {
  bench = await openBench();
  const before = await bench.kept();
  const sizeBytes = sizeGib * 1024 * MIB;
  const answer = await pour(path, { method, sizeBytes, headers: { 'content-length': sizeBytes } });
  expect(answer).toMatchObject({ status: 413, code: 'HTTP_BODY_TOO_LARGE' });
  expect(answer.sentBytes).toBeLessThan(50 * MIB);
  expect(await bench.kept()).toEqual(before);
});

it('keeps nothing of an upload that breaks off, and goes on', async () => {
  bench = await openBench();
  await bench.client.data.createRepository({ body: { name: 'flights' } });
  await bench.client.tracking.createExperiment({ body: { name: 'e' } });
  const { id } = await bench.client.tracking.createRun({ body: { experiment: 'e' } });
  const before = await bench.kept();
  for (const [method, path] of [
    ['PUT', '/api/repositories/flights/uploads?name=a.csv'],
    ['PUT', `/api/runs/${id}/artifacts/a.bin`],
    ['PUT', '/api/model-files'],
    ['POST', '/api/pipeline-files'],
  ] as const) {
    await breakOff(method, path);
  }
  // What broke off is noticed by its own connection; give each a moment to end.
  await expect.poll(() => bench.kept(), { timeout: 5000 }).toEqual(before);
  expect((await bench.send({ path: '/health' })).status).toBe(200);
});

function breakOff(method: string, path: string): Promise<void> {
  const { host, hostname, port } = new URL(bench.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      const head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${20 * MIB}\r\n\r\n`;
      socket.write(head);
      socket.write(Buffer.alloc(6 * MIB, 'a,b\n'), () => socket.destroy());
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}

it('asks for the token before it reads', async () => {
  bench = await openBench({ token: 'secret' });
  const headers = { 'content-length': 5 * MIB };
  const answer = await pour('/api/model-files', { method: 'PUT', sizeBytes: 5 * MIB, headers });
  expect(answer).toMatchObject({ status: 403, code: 'HTTP_TOKEN_REQUIRED' });
  const wrong = await bench.send({ path: '/api/models', headers: { authorization: 'Bearer other' } });
  expect([wrong.status, JSON.parse(wrong.text).error.code]).toEqual([403, 'HTTP_TOKEN_REQUIRED']);
  expect(wrong.text).not.toContain('secret');
  expect((await bench.client.registry.listModels()).models).toEqual([]);
});

it.each([
  ['no HTTP', 'hello\r\n\r\n', 'not HTTP'],
  ['endless headers', `GET / HTTP/1.1\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`, 'headers are too long'],
])('answers %s in its own words', async (_, bytes, words) => {
  bench = await openBench();
  const { hostname, port } = new URL(bench.url);
  const socket = connect(Number(port), hostname, () => socket.write(bytes));
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ error: { code: 'HTTP_REQUEST_MALFORMED' } });
  expect(answer).toContain(words);
});
