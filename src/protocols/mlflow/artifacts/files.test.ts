import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { type FileTree, openFileTree } from '#platform/blob';
import { migrate, openDatabase } from '#platform/sql';
import {
  artifactEndpoints,
  artifactFilesPlugin,
  artifactUploadsPlugin,
  artifactWords,
  loggedModelWords,
  mlflowPlugin,
  trackingWords,
} from '#protocols/mlflow';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '#testing/domains/tracking';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const ROOT = '/api/2.0/mlflow-artifacts/artifacts';

interface SetUp {
  readonly destination?: FileTree;
  readonly serves?: boolean;
  readonly open?: (uri: string) => FileTree | undefined;
  readonly refuse?: boolean;
}

async function setUp({ destination, serves = true, open = () => undefined, refuse = false }: SetUp = {}) {
  const database = await openDatabase('sqlite::memory:');
  cleanups.push(() => database.close());
  await migrate(database, TRACKING_TEST_MIGRATIONS);
  const foreignFiles = { destination, serves, open, isOurs: () => false };
  const { tracking, blobs, clock } = setUpTracking(database, undefined, foreignFiles);
  await tracking.createExperiment({ name: 'delays' }, 'user:ann');
  const authenticate = () => {
    if (refuse) throw Object.assign(new Error('who are you?'), { statusCode: 401 });
    return { id: 'user:ann' };
  };
  const sourceOfVersion = async (model: string, version: string) =>
    model === 'delays' && version === '1' ? 'mlflow-artifacts:/1/models/m-1/artifacts' : undefined;
  const app = Fastify({ forceCloseConnections: true });
  await app.register(
    mlflowPlugin({
      endpoints: artifactEndpoints(tracking),
      words: [trackingWords, loggedModelWords, artifactWords],
      authenticate,
      plugins: [
        artifactFilesPlugin({ tracking, authenticate, sourceOfVersion }),
        artifactUploadsPlugin({ tracking, authenticate }),
      ],
    }),
  );
  cleanups.push(() => app.close());
  type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  const call = async (method: Method, url: string, payload?: string | object, headers: Record<string, string> = {}) => {
    const answer = await app.inject({ method, url, ...(payload === undefined ? {} : { payload }), headers });
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, json: () => answer.json() };
  };
  return { app, call, tracking, blobs, clock };
}

async function openFolder(): Promise<FileTree> {
  const folder = await mkdtemp(join(tmpdir(), 'trimtab-proxy-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return openFileTree(folder);
}

describe.each([
  ['in the server itself', async () => undefined],
  ['in a folder', openFolder],
])('the artifact proxy with files %s', (_, openDestination) => {
  const proxy = async () => {
    const destination = await openDestination();
    return setUp(destination ? { destination } : {});
  };

  it('takes, gives, lists and deletes files by path as MLflow does', async () => {
    const { call } = await proxy();
    expect(await call('PUT', `${ROOT}/a.txt`, '0')).toMatchObject({ status: 200, text: '{}' });
    expect((await call('PUT', `${ROOT}/dir/b.json`, '{"b": 1}', { 'content-type': 'application/json' })).status).toBe(
      200,
    );
    expect((await call('PUT', `${ROOT}/dir/empty.json`, '', { 'content-type': 'application/json' })).status).toBe(200);
    expect(await call('GET', `${ROOT}/dir/b.json`)).toMatchObject({ status: 200, text: '{"b": 1}' });
    expect((await call('GET', `${ROOT}/dir/empty.json`)).text).toBe('');
    const files = [
      { path: 'a.txt', is_dir: false, file_size: 1 },
      { path: 'dir', is_dir: true },
    ];
    for (const root of [ROOT, ROOT.replace('/api/', '/ajax-api/')])
      expect((await call('GET', root)).json()).toEqual({ files });
    expect((await call('GET', `${ROOT}?path=dir`)).json()).toEqual({
      files: [
        { path: 'b.json', is_dir: false, file_size: 8 },
        { path: 'empty.json', is_dir: false },
      ],
    });
    for (const none of ['a.txt', 'none', 'dir/b.json'])
      expect((await call('GET', `${ROOT}?path=${none}`)).json()).toEqual({});
    expect(await call('DELETE', `${ROOT}/dir/b.json`)).toMatchObject({ status: 200, text: '{}' });
    expect(await call('DELETE', `${ROOT}/none`)).toMatchObject({ status: 200, text: '{}' });
    expect((await call('DELETE', `${ROOT}/dir/`)).status).toBe(200);
    expect((await call('GET', ROOT)).json()).toEqual({ files: files.slice(0, 1) });
    expect((await call('GET', `${ROOT}/dir/b.json`)).json()).toMatchObject({ error_code: 'RESOURCE_DOES_NOT_EXIST' });
    expect((await call('GET', `${ROOT}/dir`)).status).toBe(404);
    expect((await call('DELETE', `${ROOT}/`)).status).toBe(404);
    expect((await call('GET', `${ROOT}/a.txt`)).text).toBe('0');
  });

  it('keeps names beyond ASCII and with signs of addresses', async () => {
    const { call } = await proxy();
    const names = ['é ü.txt', '図/表.csv', 'a+b.txt', 'a&b=c.txt', "it's.txt", 'k+step+20+t+100+x.png'];
    for (const name of names) {
      const address = name.split('/').map(encodeURIComponent).join('/');
      expect((await call('PUT', `${ROOT}/x/${address}`, name)).status).toBe(200);
      expect((await call('GET', `${ROOT}/x/${address}`)).text).toBe(name);
    }
    const { files } = (await call('GET', `${ROOT}?path=x`)).json();
    expect(files.map(({ path }: { path: string }) => path).sort()).toEqual(
      names.map((name) => name.split('/')[0]).sort(),
    );
    expect((await call('GET', `${ROOT}?path=${encodeURIComponent('x/図')}`)).json().files[0].path).toBe('表.csv');
  });

  it.each([
    'a/..',
    '../a',
    'a/../../b',
    '%2e%2e/a',
    '%252e%252e%252fa',
    '%25252e%25252e/a',
    '/etc/passwd',
    '%2Fetc/passwd',
    'a%23b',
    'file:///etc/passwd',
    'file:/etc/passwd',
    'C:/x',
    'c:%5Cx',
    '%5C%5Chost%5Cshare',
    '%252525252525252525252525252525252525252e',
  ])('refuses the path %s, to read, write, list and delete', async (path) => {
    const { call } = await proxy();
    const listed = await call('GET', `${ROOT}?path=${encodeURIComponent(path)}`);
    expect(listed.json()).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE', message: 'Invalid path' });
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      const answer = await call(method, `${ROOT}/${encodeURIComponent(path)}`, method === 'PUT' ? 'x' : undefined);
      expect([answer.status, answer.json().message]).toEqual([400, 'Invalid path']);
    }
    expect((await call('GET', ROOT)).json()).toEqual({});
  });

  it('writes control characters of a name as MLflow does', async () => {
    const { call } = await proxy();
    expect((await call('PUT', `${ROOT}/a%00b%0ac`, 'x')).status).toBe(200);
    expect((await call('GET', ROOT)).json().files).toEqual([{ path: 'a%00b%0ac', is_dir: false, file_size: 1 }]);
  });

  it('sends parts of a file, and nothing when the caller has it', async () => {
    const { call } = await proxy();
    await call('PUT', `${ROOT}/a.bin`, '0123456789');
    const get = (headers: Record<string, string>) => call('GET', `${ROOT}/a.bin`, undefined, headers);
    expect(await get({ range: 'bytes=2-4' })).toMatchObject({
      ...{ status: 206, text: '234' },
      headers: { 'content-range': 'bytes 2-4/10', 'content-length': '3', 'accept-ranges': 'bytes' },
    });
    expect((await get({ range: 'bytes=7-' })).text).toBe('789');
    expect((await get({ range: 'bytes=-3' })).text).toBe('789');
    expect((await get({ range: 'bytes=0-999' })).text).toBe('0123456789');
    for (const whole of ['bytes=5-2', 'bytes=a-b', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=-']) {
      expect(await get({ range: whole })).toMatchObject({ status: 200, text: '0123456789' });
    }
    for (const beyond of ['bytes=10-', 'bytes=-0', 'bytes=99999999999999999999999-']) {
      const answer = await get({ range: beyond });
      expect(answer).toMatchObject({ status: 416, text: '', headers: { 'content-range': 'bytes */10' } });
    }
    const { etag } = (await get({})).headers as { etag: string };
    expect(await get({ 'if-none-match': etag })).toMatchObject({ status: 304, text: '' });
    expect(await get({ 'if-none-match': `"x", W/${etag}` })).toMatchObject({ status: 304 });
    expect(await get({ 'if-none-match': '"other"' })).toMatchObject({ status: 200 });
    expect(await get({ range: 'bytes=0-1', 'if-range': etag })).toMatchObject({ status: 206, text: '01' });
    expect(await get({ range: 'bytes=0-1', 'if-range': '"old"' })).toMatchObject({ status: 200, text: '0123456789' });
    const head = await call('HEAD', `${ROOT}/a.bin`);
    expect(head).toMatchObject({ status: 200, text: '', headers: { 'content-length': '10', etag } });
    expect((await call('HEAD', `${ROOT}/none`)).status).toBe(404);
    await call('PUT', `${ROOT}/a.bin`, 'other bytes');
    expect((await get({ 'if-none-match': etag })).text).toBe('other bytes');
  });

  it.each([
    ['a.txt', 'text/plain'],
    ['b.pkl', 'application/octet-stream'],
    ['c.png', 'image/png'],
    ['d.pdf', 'application/pdf'],
    ['MLmodel', 'text/plain'],
    ['mlproject', 'text/plain'],
    ['e.json', 'text/plain'],
    ['f.html', 'text/html'],
    ['g', 'application/octet-stream'],
  ])('tells the type of %s as MLflow does, and never that a browser shows it', async (name, type) => {
    const { call } = await proxy();
    await call('PUT', `${ROOT}/dir/${name}`, 'x', { 'content-type': 'text/html' });
    const { headers } = await call('GET', `${ROOT}/dir/${name}`, undefined, { accept: 'text/html' });
    expect(headers).toMatchObject({
      ...{ 'content-type': type, 'x-content-type-options': 'nosniff' },
      'content-disposition': `attachment; filename=${name}`,
    });
  });

  it('holds neither an upload nor a download whole', async () => {
    const { app } = await proxy();
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const hash = createHash('sha256');
    const piece = Buffer.alloc(1024 * 1024, 'trimtab');
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const upload = httpRequest({ port, path: `${ROOT}/big.bin`, method: 'PUT' }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      upload.on('error', reject);
      let left = 40;
      const send = () => {
        while (left-- > 0) {
          hash.update(piece);
          if (!upload.write(piece)) return void upload.once('drain', send);
        }
        upload.end();
      };
      send();
    });
    expect(status).toBe(200);
    const answer = await fetch(`http://127.0.0.1:${port}${ROOT}/big.bin`);
    const got = createHash('sha256');
    for await (const part of answer.body ?? []) got.update(part);
    expect(got.digest('hex')).toBe(hash.digest('hex'));
  });

  it('keeps nothing of an upload that breaks off', async () => {
    const { app, call } = await proxy();
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    await new Promise<void>((resolve) => {
      const upload = httpRequest({
        port,
        path: `${ROOT}/half.bin`,
        method: 'PUT',
        headers: { 'content-length': 1000 },
      });
      upload.on('error', () => resolve());
      upload.write('only some', () => setTimeout(() => upload.destroy(new Error('gone')), 50));
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await call('GET', ROOT)).json()).toEqual({});
  });

  it('says in MLflow’s words what it does not do', async () => {
    const { call } = await proxy();
    expect((await call('GET', '/api/2.0/mlflow-artifacts/presigned/a.txt')).json()).toMatchObject({
      error_code: 'NOT_IMPLEMENTED',
      message: 'Multipart download is not supported for the current artifact repository',
    });
    expect((await call('GET', '/api/2.0/mlflow-artifacts/presigned/%252e%252e')).status).toBe(400);
  });

  it('lists files of runs and logged models, and gives them', async () => {
    const { call, tracking } = await proxy();
    const run = await tracking.createRun({ experiment: 'delays' }, 'user:ann');
    const model = await tracking.createLoggedModel({ experiment: { name: 'delays' } }, 'user:ann');
    await call('PUT', `${ROOT}/1/${run.id}/artifacts/dir/b.txt`, 'b');
    await call('PUT', `${ROOT}/1/models/${model.id}/artifacts/MLmodel`, 'flavors: {}');
    const list = (query: string) => call('GET', `/api/2.0/mlflow/artifacts/list?${query}`);
    expect((await list(`run_id=${run.id}`)).json()).toEqual({
      files: [{ path: 'dir', is_dir: true }],
      root_uri: run.artifactUri,
    });
    expect((await list(`run_uuid=${run.id}&path=dir/`)).json()).toEqual({
      files: [{ path: 'dir/b.txt', is_dir: false, file_size: 1 }],
      root_uri: run.artifactUri,
    });
    expect((await list(`run_id=${run.id}&path=dir/b.txt`)).json()).toEqual({ root_uri: run.artifactUri });
    expect((await list(`run_id=${run.id}&path=../x`)).json()).toMatchObject({ message: 'Invalid path' });
    expect((await list('run_id=none')).json()).toMatchObject({ message: 'Run with id=none not found' });
    expect((await list('path=dir')).json().message).toContain("Missing value for required parameter 'run_id'.");
    for (const query of [`run_uuid=${run.id}`, `run_id=${run.id}`]) {
      expect((await call('GET', `/get-artifact?${query}&path=dir/b.txt`)).text).toBe('b');
      expect((await call('GET', `/get-artifact?${query}&path=dir`)).status).toBe(404);
      expect((await call('GET', `/get-artifact?${query}&path=%2e%2e/x`)).json()).toMatchObject({
        message: 'Invalid path',
      });
    }
    expect((await call('GET', `/get-artifact?run_id=${run.id}`)).json().message).toContain("parameter 'path'");
    const models = `2.0/mlflow/logged-models/${model.id}/artifacts`;
    expect((await call('GET', `/api/${models}/directories`)).json()).toEqual({
      files: [{ path: 'MLmodel', is_dir: false, file_size: 11 }],
      root_uri: model.artifactUri,
    });
    const file = await call('GET', `/ajax-api/${models}/files?artifact_file_path=MLmodel`);
    expect(file).toMatchObject({ status: 200, text: 'flavors: {}', headers: { 'content-type': 'text/plain' } });
    expect((await call('GET', `/ajax-api/${models.replace(model.id, 'm-0')}/files?artifact_file_path=x`)).status).toBe(
      404,
    );
  });

  it('gives files of registered versions', async () => {
    const { call } = await proxy();
    await call('PUT', `${ROOT}/1/models/m-1/artifacts/MLmodel`, 'flavors: {}');
    const get = (query: string) => call('GET', `/model-versions/get-artifact?${query}`);
    expect((await get('name=delays&version=1&path=MLmodel')).text).toBe('flavors: {}');
    expect((await get('name=delays&version=1&path=../x')).json()).toMatchObject({ message: 'Invalid path' });
    for (const missing of ['name=delays&version=2&path=MLmodel', 'name=delays&version=1&path=none']) {
      expect((await get(missing)).json()).toMatchObject({ error_code: 'RESOURCE_DOES_NOT_EXIST' });
    }
    expect((await get('name=delays&path=MLmodel')).json().message).toContain("parameter 'version'");
  });

  it('takes small files of the page', async () => {
    const { call, tracking } = await proxy();
    const run = await tracking.createRun({ experiment: 'delays' }, 'user:ann');
    const upload = (query: string, data?: string) =>
      call('POST', `/ajax-api/2.0/mlflow/upload-artifact?${query}`, data);
    const refusal = async (query: string, data?: string) => {
      const { status, json } = await upload(query, data);
      return [status, json().error_code, json().message];
    };
    const refused = (message: string) => [400, 'INVALID_PARAMETER_VALUE', message];
    expect(await refusal('')).toEqual(refused('Request must specify run_uuid.'));
    for (const query of [`run_uuid=${run.id}`, `run_uuid=${run.id}&path=`]) {
      expect(await refusal(query)).toEqual(refused('Request must specify path.'));
    }
    expect(await refusal(`run_uuid=${run.id}&path=../test.txt`)).toEqual(refused('Invalid path'));
    expect(await refusal(`run_uuid=${run.id}&path=test.txt`)).toEqual(refused('Request must specify data.'));
    const large = 'x'.repeat(10 * 1024 * 1024 + 1);
    expect(await refusal(`run_uuid=${run.id}&path=a`, large)).toEqual(
      refused('Artifact size is too large. Max size is 10MB.'),
    );
    expect((await upload(`run_uuid=${run.id}&path=deep/test.txt`, 'hello world')).status).toBe(200);
    expect((await call('GET', `/get-artifact?run_uuid=${run.id}&path=deep/test.txt`)).text).toBe('hello world');
    expect((await call('GET', `${ROOT}/1/${run.id}/artifacts/deep/test.txt`)).text).toBe('hello world');
  });
});

describe('files elsewhere', () => {
  it('are listed and given where the server may read them, and refused where not', async () => {
    const folder = await openFolder();
    await folder.put('b/c.txt', new TextEncoder().encode('theirs'));
    const { call, tracking } = await setUp({ open: (uri) => (uri.startsWith('s3://theirs/') ? folder : undefined) });
    for (const [name, artifactLocation] of [
      ['ours', 's3://theirs/x'],
      ['foreign', 'gs://bucket/x'],
    ] as const) {
      await tracking.createExperiment({ name, artifactLocation }, 'user:ann');
    }
    const run = await tracking.createRun({ experiment: 'ours' }, 'user:ann');
    const other = await tracking.createRun({ experiment: 'foreign' }, 'user:ann');
    const list = (id: string) => call('GET', `/api/2.0/mlflow/artifacts/list?run_id=${id}&path=b`);
    expect((await list(run.id)).json().files).toEqual([{ path: 'b/c.txt', is_dir: false, file_size: 6 }]);
    expect((await call('GET', `/get-artifact?run_id=${run.id}&path=b/c.txt`)).text).toBe('theirs');
    const refused = await list(other.id);
    expect([refused.status, refused.json().error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    expect((await call('GET', `/get-artifact?run_id=${other.id}&path=b/c.txt`)).status).toBe(400);
  });

  it('are not taken by a server that keeps none', async () => {
    const { call } = await setUp({ serves: false });
    for (const [method, url] of [
      ['GET', ROOT],
      ['GET', `${ROOT}/a`],
      ['PUT', `${ROOT}/a`],
      ['DELETE', `${ROOT}/a`],
    ] as const) {
      const answer = await call(method, url, method === 'PUT' ? 'x' : undefined);
      expect([answer.status, answer.json().message]).toEqual([501, expect.stringContaining('--no-serve-artifacts')]);
    }
  });
});

it('asks who calls before it reads what he sends', async () => {
  const { call } = await setUp({ refuse: true });
  for (const [method, url] of [
    ['PUT', `${ROOT}/a`],
    ['GET', `${ROOT}/a`],
    ['GET', ROOT],
    ['GET', '/get-artifact?run_id=a&path=b'],
  ] as const) {
    expect((await call(method, url, method === 'PUT' ? 'x' : undefined)).status).toBeGreaterThanOrEqual(400);
  }
});

describe('an upload in parts', () => {
  const MPU = '/api/2.0/mlflow-artifacts/mpu';

  async function begun(parts = 3) {
    const bench = await setUp();
    const { call } = bench;
    const created = await call('POST', `${MPU}/create/1/run/artifacts`, {
      path: '/home/ann/model.bin',
      num_parts: parts,
    });
    const { upload_id: id, credentials } = created.json();
    const addresses: string[] = credentials.map(({ url }: { url: string }) => new URL(url).pathname);
    const put = async (number: number, data: string) => {
      const answer = await call('PUT', addresses[number - 1] ?? '', data);
      return { part_number: number, etag: String(answer.headers.etag) };
    };
    const complete = async (given: readonly object[], more: object = {}, folder = '1/run/artifacts') => {
      const message = { path: 'model.bin', upload_id: id, parts: given, ...more };
      return call('POST', `${MPU}/complete/${folder}`, message);
    };
    return { ...bench, id, addresses, put, complete, created };
  }

  it('puts a file together from parts that come in any order, and leaves nothing of them', async () => {
    const { call, put, complete, created, blobs, addresses } = await begun();
    expect(created.json().credentials[2]).toMatchObject({ part_number: 3, headers: {} });
    expect(addresses).toHaveLength(3);
    const parts = [await put(3, 'gamma'), await put(1, 'alpha'), await put(2, 'old'), await put(2, 'beta')];
    expect((await call('GET', `${ROOT}?path=1/run/artifacts`)).json()).toEqual({});
    expect((await complete([parts[0], parts[1], parts[3]] as object[])).json()).toEqual({});
    expect((await call('GET', `${ROOT}/1/run/artifacts/model.bin`)).text).toBe('alphabetagamma');
    expect(await Array.fromAsync(blobs.list('uploads/'))).toEqual([]);
  });

  it('is refused when a part is missing, is named twice, or the upload is of another file', async () => {
    const { call, put, complete, id } = await begun();
    const [one, two] = [await put(1, 'alpha'), await put(2, 'beta')];
    const missing = { part_number: 3, etag: '0'.repeat(64) };
    const refusals = [
      await complete([one, two, missing]),
      await complete([one, one]),
      await complete([]),
      await complete([{ part_number: 1, etag: '../../x' }]),
      await complete([one], { path: 'other.bin' }),
      await complete([one], {}, '2/run/artifacts'),
      await complete([one], { upload_id: 'x' }),
      await call('PUT', `${MPU}/part/${'0'.repeat(75)}/1`, 'x'),
      await call('PUT', `${MPU}/part/${id}/0`, 'x'),
      await call('PUT', `${MPU}/part/${id}/x`, 'x'),
      await call('POST', `${MPU}/create/1/a`, { path: 'm', num_parts: 10_001 }),
      await call('POST', `${MPU}/create/1/a`, {}),
      await call('POST', `${MPU}/create/..%2Fa`, { path: 'm' }),
    ];
    for (const { status, json } of refusals)
      expect([status, json().error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    expect((await complete([one, two])).status).toBe(200);
  });

  it('can be given up, and is forgotten after a week', async () => {
    const { call, put, complete, id, blobs, clock } = await begun();
    const one = await put(1, 'alpha');
    const abort = () => call('POST', `${MPU}/abort/1/run/artifacts`, { path: 'model.bin', upload_id: id });
    expect([(await abort()).status, (await abort()).status]).toEqual([200, 200]);
    expect((await complete([one])).status).toBe(400);
    await put(1, 'late');
    clock.advance(6 * 24 * 3_600_000);
    await call('POST', `${MPU}/create/1/a`, { path: 'm' });
    expect(await Array.fromAsync(blobs.list('uploads/'))).toHaveLength(1);
    clock.advance(2 * 24 * 3_600_000);
    await call('POST', `${MPU}/create/1/a`, { path: 'm' });
    expect(await Array.fromAsync(blobs.list('uploads/'))).toEqual([]);
  });

  it('is addressed as the client calls the server, also through a proxy', async () => {
    const { call } = await setUp();
    const begin = async (headers: Record<string, string>) =>
      (await call('POST', `${MPU}/create/1/a`, { path: 'm' }, headers)).json().credentials[0].url;
    expect(await begin({ host: 'ml.example.org:5000' })).toMatch(/^http:\/\/ml.example.org:5000\/api\//);
    const proxied = { host: '10.0.0.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'ml.example.org' };
    expect(await begin(proxied)).toMatch(/^https:\/\/ml.example.org\/api\//);
  });
});
