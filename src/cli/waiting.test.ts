import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { patientFetch } from './waiting.ts';

const SLOW_MS = 1300;

const server = createServer((request, response) => {
  setTimeout(() => response.end('done'), request.url === '/slow' ? SLOW_MS : 0);
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

function screen(isTTY: boolean) {
  const written: string[] = [];
  const write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  return { written, stderr: { isTTY, write } };
}

it('tells a person how long an answer takes, once for all that is under way, and takes the line away', async () => {
  const { written, stderr } = screen(true);
  const ask = patientFetch(stderr);
  const answers = await Promise.all([ask(`${url}/slow`), ask(`${url}/slow`), ask(`${url}/fast`)]);
  expect(await answers[0].text()).toBe('done');
  expect(written).toEqual(['\rWaiting for the server, 1 s', '\r\x1b[K']);
});

it('is silent when the answer is quick, when it fails quickly, and where nobody watches', async () => {
  const { written, stderr } = screen(true);
  await patientFetch(stderr)(`${url}/fast`);
  await expect(patientFetch(stderr)('http://127.0.0.1:9/')).rejects.toThrow();
  expect(written).toEqual([]);
  const piped = screen(false);
  await patientFetch(piped.stderr)(`${url}/slow`);
  expect(piped.written).toEqual([]);
});
