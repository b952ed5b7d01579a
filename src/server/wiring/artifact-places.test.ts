import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../config.ts';
import { artifactPlaces } from './artifact-places.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trimtab-places-'));
  for (const name of ['data/blobs', 'data/artifacts', 'files/deep', 'root', 'elsewhere']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  for (const name of [
    'data/trimtab.db',
    'data/artifacts/a.txt',
    'files/deep/a.txt',
    'root/a.txt',
    'elsewhere/db.sqlite',
  ]) {
    await writeFile(join(folder, name), 'content');
  }
  await symlink(join(folder, 'data'), join(folder, 'files/link'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const placesOf = (settings: object = {}) =>
  artifactPlaces(parseConfig({ dataDir: `${folder}/data`, ...settings }), {
    MLFLOW_S3_ENDPOINT_URL: 'http://127.0.0.1:1',
  });

describe('places of files', () => {
  it('are any folders by path or URI while only the owner can call the server', async () => {
    const { open } = placesOf();
    for (const uri of [
      `${folder}/files`,
      `file://${folder}/files`,
      `file:${folder}/files`,
      `file://localhost${folder}/files`,
    ]) {
      expect((await open(uri)?.list(''))?.map(({ name }) => name)).toEqual(['deep']);
    }
    expect(open('s3://bucket/prefix')).toBeDefined();
  });

  it.each([
    'gs://bucket',
    'dbfs:/x',
    'http://host/x',
    'mlflow-artifacts:/1',
    's3://',
    's3://b/../c',
    's3://b/a/%2e%2e/c',
    's3://b/a/.%2E/c',
    's3://b/%zz',
    '',
    'file://host/x',
    'file:///%zz',
    'runs:/a',
  ])('are none at %s', (uri) => expect(placesOf().open(uri)).toBeUndefined());

  it('never show what is the server’s own, by whatever way', async () => {
    const { open } = placesOf({ database: `sqlite:${folder}/elsewhere/db.sqlite` });
    expect(await open(`${folder}/data`)?.list('')).toEqual([]);
    expect(await open(`${folder}/data/`)?.open('trimtab.db')).toBeUndefined();
    expect(await open(`${folder}/files/../data`)?.open('trimtab.db')).toBeUndefined();
    expect(await open(folder)?.open('data/trimtab.db')).toBeUndefined();
    expect(await open('/')?.open(`${folder.slice(1)}/data/trimtab.db`)).toBeUndefined();
    expect(await open(`${folder}/files`)?.open('link/trimtab.db')).toBeUndefined();
    expect(await open(`${folder}/elsewhere`)?.open('db.sqlite')).toBeUndefined();
    await expect(open(folder)?.put('data/new', new Uint8Array(1))).rejects.toThrow();
  });

  it('are the default root and what is named where others may call', async () => {
    const settings = { appName: 'basic-auth', defaultArtifactRoot: `file://${folder}/root` };
    const { open } = placesOf(settings);
    expect(await open(`${folder}/root`)?.open('a.txt')).toBeDefined();
    for (const uri of [`${folder}/files`, `${folder}/root/../files`, `${folder}/rooted`, 's3://bucket']) {
      expect(open(uri)).toBeUndefined();
    }
    const more = placesOf({ ...settings, artifactLocations: `${folder}/files, s3://bucket/team` });
    expect(more.open(`${folder}/files/deep`)).toBeDefined();
    expect(more.open('s3://bucket/team/a')).toBeDefined();
    for (const uri of [`${folder}/elsewhere`, 's3://bucket/teams', 's3://bucket'])
      expect(more.open(uri)).toBeUndefined();
    expect(placesOf({ ...settings, artifactLocations: '*' }).open(`${folder}/elsewhere`)).toBeDefined();
    expect(placesOf({ host: '0.0.0.0', token: 'x' }).open(`${folder}/files`)).toBeUndefined();
  });

  it('may be below the data folder when the operator says so, and no more of it is shown', async () => {
    const { open, serves, isOurs } = placesOf({ serveArtifacts: false });
    expect(serves).toBe(false);
    expect(await open(`${folder}/data/artifacts`)?.open('a.txt')).toBeDefined();
    expect(await open(`${folder}/data`)?.open('artifacts/a.txt')).toBeUndefined();
    expect(isOurs(`${folder}/data/artifacts/1/run`)).toBe(true);
    expect(isOurs(`${folder}/files`)).toBe(false);
  });

  it('do not let a caller choose the server that a bucket is asked of', async () => {
    process.env.AWS_ACCESS_KEY_ID ??= 'test';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
    process.env.AWS_REGION ??= 'us-east-1';
    let asked = 0;
    const theirs = createServer((_, answer) => {
      asked++;
      answer.end();
    });
    await new Promise<void>((resolve) => theirs.listen(0, '127.0.0.1', resolve));
    const { port } = theirs.address() as AddressInfo;
    const uri = `s3://bucket/x?forcePathStyle=true&endpoint=http://127.0.0.1:${port}`;
    await expect(placesOf().open(uri)?.list('')).rejects.toMatchObject({ code: 'BLOB_UNAVAILABLE' });
    expect(asked).toBe(0);
    await placesOf({ defaultArtifactRoot: uri })
      .open(uri)
      ?.list('')
      .catch(() => undefined);
    expect(asked).toBeGreaterThan(0);
    theirs.close();
  });

  it('refuse a destination that cannot be read', () => {
    expect(placesOf({ artifactsDestination: `${folder}/files` }).destination).toBeDefined();
    expect(() => placesOf({ artifactsDestination: 'gs://bucket' })).toThrow(
      expect.objectContaining({ code: 'BLOB_URL_UNKNOWN' }),
    );
  });
});
