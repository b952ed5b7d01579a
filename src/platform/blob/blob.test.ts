import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BlobStore, MemoryBlobStore, openBlobStore, putContent } from '#platform/blob';
import { describeBlobStore } from '#testing/platform/blob';

let folder = '';
let opened = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trimtab-blob-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function openFolder(): Promise<BlobStore> {
  return openBlobStore(`file:${folder}/${opened++}`);
}

describeBlobStore('MemoryBlobStore', async () => new MemoryBlobStore());
describeBlobStore('FolderBlobStore', openFolder);

const s3 = process.env.TRIMTAB_TEST_S3;
describe.skipIf(!s3)(`with a server${s3 ? '' : ' (skipped: TRIMTAB_TEST_S3 names no server)'}`, () => {
  beforeAll(() => {
    process.env.AWS_ACCESS_KEY_ID ??= 'test';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
  });
  describeBlobStore('S3BlobStore', async () => {
    const bucket = `trimtab-${process.pid}-${opened++}`;
    const response = await fetch(`${s3}/${bucket}`, { method: 'PUT' });
    if (!response.ok) throw new Error(`the bucket could not be made: ${response.status}`);
    const endpoint = encodeURIComponent(s3 ?? '');
    return openBlobStore(`s3://${bucket}/some/prefix?endpoint=${endpoint}&region=us-east-1&forcePathStyle=true`);
  });

  it('tells of a bucket that is not there', async () => {
    const endpoint = encodeURIComponent(s3 ?? '');
    const blobs = openBlobStore(`s3://no-such-bucket?endpoint=${endpoint}&region=us-east-1&forcePathStyle=true`);
    await expect(blobs.put('a', new Uint8Array(3))).rejects.toMatchObject({ code: 'BLOB_UNAVAILABLE' });
    await expect(blobs.bytes('a')).rejects.toMatchObject({ code: 'BLOB_UNAVAILABLE' });
  });
});

it('tells of an S3 server that does not answer', async () => {
  process.env.AWS_ACCESS_KEY_ID ??= 'test';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
  const blobs = openBlobStore('s3://bucket?endpoint=http%3A%2F%2F127.0.0.1%3A1&region=us-east-1');
  await expect(blobs.bytes('a')).rejects.toMatchObject({ code: 'BLOB_UNAVAILABLE', kind: 'unavailable' });
});

describe('the folder store', () => {
  it('leaves no unfinished file behind, whether a write ends well or not', async () => {
    const blobs = openBlobStore(`file:${folder}/tidy`);
    await blobs.put('a', new Uint8Array(10));
    const broken = async function* () {
      yield new Uint8Array(10);
      throw new Error('broken');
    };
    await expect(blobs.put('b', broken())).rejects.toThrow('broken');
    expect(await readdir(`${folder}/tidy/.incoming`)).toEqual([]);
  });

  it('refuses a key that is a folder of another, and says so', async () => {
    const blobs = await openFolder();
    await blobs.put('a/b', new Uint8Array(1));
    await expect(blobs.put('a', new Uint8Array(1))).rejects.toMatchObject({ code: 'BLOB_KEY_INVALID' });
    await expect(blobs.put('a/b/c', new Uint8Array(1))).rejects.toMatchObject({ code: 'BLOB_KEY_INVALID' });
    expect(await blobs.stat('a')).toBeUndefined();
  });

  it('is read by a second store of the same folder', async () => {
    const name = `file:${folder}/shared`;
    await openBlobStore(name).put('x/y', new TextEncoder().encode('hello'));
    expect(new TextDecoder().decode(await openBlobStore(name).bytes('x/y'))).toBe('hello');
  });
});

describe('putContent', () => {
  it.each([0, 1, 1000, 4 * 1024 * 1024, 9 * 1024 * 1024 + 1])('names %i bytes by their SHA-256', async (size) => {
    const blobs = await openFolder();
    const data = Buffer.alloc(size, 'abcdefg');
    const digest = createHash('sha256').update(data).digest('hex');
    const pieces = async function* () {
      for (let at = 0; at < size; at += 300_000) yield data.subarray(at, at + 300_000);
    };
    expect(await putContent(blobs, 'things', pieces())).toEqual({ digest, sizeBytes: size });
    expect(await putContent(blobs, 'things', data)).toEqual({ digest, sizeBytes: size });
    expect(Buffer.compare(await blobs.bytes(`things/${digest}`), data)).toBe(0);
  });

  it('keeps nothing of a stream that breaks off', async () => {
    const blobs = await openFolder();
    const broken = async function* () {
      for (let i = 0; i < 6; i++) yield new Uint8Array(1024 * 1024);
      throw new Error('broken');
    };
    await expect(putContent(blobs, 'things', broken())).rejects.toThrow('broken');
    for await (const key of blobs.list('')) expect.unreachable(`${key} was kept`);
  });
});

it.each([
  ['ftp://x', 'kind'],
  ['file:', 'folder'],
  ['s3:///prefix', 'bucket'],
  ['s3://bucket?colour=red', 'colour'],
  ['s3://bucket?forcePathStyle=maybe', 'forcePathStyle'],
  ['s3://bucket?endpoint=nowhere', 'endpoint'],
])('refuses the URL %s and names what is wrong', (url, named) => {
  expect(() => openBlobStore(url)).toThrow(
    expect.objectContaining({ code: 'BLOB_URL_UNKNOWN', message: expect.stringContaining(named) }),
  );
});
