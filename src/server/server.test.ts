import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiError, createClient } from '#sdk';
import { parseConfig, type Settings } from './config.ts';
import { type RunningServer, startServer } from './server.ts';

const folders: string[] = [];
const servers: RunningServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trimtab-server-'));
  folders.push(folder);
  return folder;
}

async function start(settings: Settings = {}): Promise<RunningServer> {
  const server = await startServer(parseConfig({ port: '0', dataDir: newFolder(), checkAnswers: '1', ...settings }));
  servers.push(server);
  return server;
}

describe('the server', () => {
  it('answers at once, and has nothing to do', async () => {
    const client = createClient({ baseUrl: (await start()).url });
    expect(await client.server.health()).toEqual({ status: 'ok' });
    expect(await client.server.info()).toMatchObject({
      name: 'Trimtab',
      database: 'sqlite',
      timeline: { simulated: false },
    });
    expect(await client.server.activity()).toEqual({ idle: true, waitingFor: [] });
  });

  it('keeps another one off its port', async () => {
    const { url } = await start();
    const port = new URL(url).port;
    await expect(start({ port })).rejects.toMatchObject({ code: 'SERVER_PORT_TAKEN' });
    expect(await createClient({ baseUrl: url }).server.health()).toEqual({ status: 'ok' });
  });

  it('goes on where its data stopped, on its simulated clock too', async () => {
    const dataDir = newFolder();
    const settings = { dataDir, simulatedClock: '2001-03-01' };
    const first = await start(settings);
    const client = createClient({ baseUrl: first.url });
    const nowMs = Date.UTC(2001, 2, 9);
    await client.data.createRepository({ body: { name: 'kept' } });
    expect(await client.server.moveTimeline({ body: { nowMs } })).toEqual({ simulated: true, nowMs });
    expect(await client.server.moveTimeline({ body: { nowMs: nowMs - 1 } })).toEqual({ simulated: true, nowMs });
    await servers.pop()?.close();
    const again = createClient({ baseUrl: (await start(settings)).url });
    expect(await again.server.info()).toMatchObject({ timeline: { simulated: true, nowMs } });
    const { repositories } = await again.data.listRepositories();
    expect(repositories.map(({ name }) => name)).toEqual(['kept']);
  });

  it('does not let anybody move real time', async () => {
    const client = createClient({ baseUrl: (await start()).url });
    await expect(client.server.moveTimeline({ body: { nowMs: 1 } })).rejects.toMatchObject({
      code: 'SERVER_CLOCK_REAL',
    });
  });

  it('asks for its token, and writes down on whose behalf a caller acts', async () => {
    const { url } = await start({ token: 'secret' });
    await expect(createClient({ baseUrl: url }).data.listRepositories()).rejects.toBeInstanceOf(ApiError);
    expect(await createClient({ baseUrl: url }).server.health()).toEqual({ status: 'ok' });
    await expect(createClient({ baseUrl: url, token: 'wrong!' }).data.listRepositories()).rejects.toMatchObject({
      code: 'HTTP_TOKEN_REQUIRED',
    });
    const client = createClient({ baseUrl: url, token: 'secret', actor: 'pipeline-run:7' });
    await client.data.createRepository({ body: { name: 'mine' } });
    const { entries } = await client.governance.listAudit({});
    expect(entries[0]).toMatchObject({ actor: 'token:default for pipeline-run:7', pointer: 'branch:mine/main' });
  });

  it('shows the page at every address of its own, and no page to machines', async () => {
    const { url } = await start();
    const page = (path: string, accept: string) => fetch(`${url}${path}`, { headers: { accept } });
    const html = await page('/models/delays/3', 'text/html');
    expect([200, 404]).toContain(html.status);
    const missing = await page('/api/nothing', 'text/html');
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ error: { code: 'HTTP_ROUTE_NOT_FOUND' } });
    expect((await page('/assets/../../package.json', '*/*')).status).toBe(404);
  });

  it('tells of what happens while somebody listens', async () => {
    const client = createClient({ baseUrl: (await start()).url });
    const response = await client.server.events();
    const reader = response.body?.getReader();
    await client.data.createRepository({ body: { name: 'seen' } });
    let text = '';
    while (!text.includes('event: data.branch.moved')) {
      const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) break;
      text += new TextDecoder().decode(value);
    }
    expect(text).toContain('event: data.branch.moved');
    await reader?.cancel();
  });
});

it('refuses to commit labelled rows where there are none', async () => {
  const client = createClient({ baseUrl: (await start()).url });
  const body = { repository: 'r', branch: 'main', path: 'a.parquet', fromMs: 0, toMs: 1, idempotencyKey: 'k' };
  await expect(client.server.commitLabelledRows({ params: { endpoint: 'none' }, body })).rejects.toMatchObject({
    code: 'SERVING_ENDPOINT_NOT_FOUND',
  });
});

it('refuses with what its document tells', async () => {
  const { url } = await start();
  const document = await (await fetch(`${url}/api/openapi.json`)).json();
  const refused = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}${path.replace(/\{\w+\}/, 'none')}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    const { error } = (await answer.json()) as { error: { code: string } };
    expect(document.paths[path].post.responses[answer.status]?.description).toContain(error.code);
    return error.code;
  };
  const variants = [{ name: 'a', version: 'version:none/1', weight: 10_000 }];
  expect(await refused('/api/endpoints', { name: 'e', variants })).toBe('REGISTRY_VERSION_NOT_FOUND');
  const rows = { repository: 'r', branch: 'main', path: 'a.parquet', fromMs: 0, toMs: 1, idempotencyKey: 'k' };
  expect(await refused('/api/endpoints/{endpoint}/labelled-rows', rows)).toBe('SERVING_ENDPOINT_NOT_FOUND');
});
