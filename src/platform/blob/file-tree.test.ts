import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileTree, subtree } from '#platform/blob';
import { describeFileTree } from '#testing/platform/blob';

let folder = '';
let opened = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trimtab-tree-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describeFileTree('FolderTree', async () => openFileTree(`file://${folder}/${opened++}`));
describeFileTree('a part of a FolderTree', async () => {
  const whole = openFileTree(`${folder}/${opened++}`);
  await whole.put('part/one', new Uint8Array(1));
  await whole.remove('part/one');
  return subtree(whole, 'part');
});

const s3 = process.env.TRIMTAB_TEST_S3;
describe.skipIf(!s3)(`with a server${s3 ? '' : ' (skipped: TRIMTAB_TEST_S3 names no server)'}`, () => {
  const open = async () => {
    process.env.AWS_ACCESS_KEY_ID ??= 'test';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
    const bucket = `trimtab-tree-${process.pid}-${opened++}`;
    const response = await fetch(`${s3}/${bucket}`, { method: 'PUT' });
    if (!response.ok) throw new Error(`the bucket could not be made: ${response.status}`);
    const settings = `endpoint=${encodeURIComponent(s3 ?? '')}&region=us-east-1&forcePathStyle=true`;
    return openFileTree(`s3://${bucket}/some/prefix?${settings}`);
  };
  describeFileTree('S3Tree', open, { namesAreOne: false });

  it('gives addresses at which one file is read or written without credentials', async () => {
    const part = subtree(await open(), 'part');
    const write = await part.sign?.('a b/ü.txt', { to: 'write', seconds: 60, contentType: 'text/plain' });
    const headers = { 'content-type': 'text/plain' };
    expect((await fetch(write ?? '', { method: 'PUT', headers, body: 'abcdef' })).status).toBe(200);
    expect((await part.open('a b/ü.txt'))?.file.sizeBytes).toBe(6);
    const read = await part.sign?.('a b/ü.txt', { to: 'read', seconds: 60 });
    const range = await fetch(read ?? '', { headers: { range: 'bytes=2-3' } });
    expect([range.status, await range.text()]).toEqual([206, 'cd']);
    expect(new URL(read ?? '').searchParams.get('X-Amz-Expires')).toBe('60');
    expect(new URL(write ?? '').searchParams.get('X-Amz-SignedHeaders')).toContain('content-type');
  });
});

describe('a folder that others write too', () => {
  async function links() {
    const root = join(folder, `links-${opened++}`);
    const secret = join(folder, `secret-${opened}`);
    await mkdir(join(root, 'inside'), { recursive: true });
    await mkdir(secret);
    await writeFile(join(secret, 'key.txt'), 'secret');
    await writeFile(join(root, 'inside', 'a.txt'), 'fine');
    await symlink(secret, join(root, 'out'));
    await symlink(join(secret, 'key.txt'), join(root, 'key.txt'));
    await symlink(join(root, 'inside'), join(root, 'in'));
    return { root, secret };
  }

  it('shows files that were not put through it, and links that stay inside', async () => {
    const { root } = await links();
    const tree = openFileTree(root);
    expect(await tree.list('')).toEqual([
      { name: 'in', sizeBytes: null },
      { name: 'inside', sizeBytes: null },
    ]);
    expect((await tree.open('in/a.txt'))?.file.sizeBytes).toBe(4);
    const walked: string[] = [];
    for await (const { path } of tree.walk('')) walked.push(path);
    expect(walked).toEqual(['inside/a.txt']);
  });

  it('neither reads nor writes through links that lead out, and deletes the link alone', async () => {
    const { root, secret } = await links();
    const tree = openFileTree(root);
    for (const path of ['out/key.txt', 'key.txt']) expect(await tree.open(path)).toBeUndefined();
    expect(await tree.list('out')).toEqual([]);
    for (const path of ['out/new.txt', 'out/deep/new.txt']) {
      await expect(tree.put(path, new Uint8Array(1))).rejects.toMatchObject({ code: 'BLOB_KEY_INVALID' });
    }
    await tree.put('key.txt', new TextEncoder().encode('own'));
    expect(await readFile(join(secret, 'key.txt'), 'utf8')).toBe('secret');
    await tree.remove('in');
    await tree.remove('');
    expect(await readdir(root)).toEqual([]);
    expect(await readdir(secret)).toEqual(['key.txt']);
  });

  it('never shows, writes or deletes what it was told to leave out', async () => {
    const { root, secret } = await links();
    const tree = openFileTree(folder, { except: [secret] });
    const name = secret.slice(folder.length + 1);
    expect((await tree.list('')).map((entry) => entry.name)).not.toContain(name);
    expect(await tree.open(`${name}/key.txt`)).toBeUndefined();
    await expect(tree.put(`${name}/new.txt`, new Uint8Array(1))).rejects.toMatchObject({ code: 'BLOB_KEY_INVALID' });
    expect(await tree.remove(name)).toEqual({ files: 0, bytes: 0 });
    const above = openFileTree('/', { except: [secret] });
    await expect(above.remove(folder.slice(1))).rejects.toMatchObject({ code: 'BLOB_KEY_INVALID' });
    expect(await readFile(join(secret, 'key.txt'), 'utf8')).toBe('secret');
    expect(await readdir(root)).toContain('inside');
  });
});

it.each(['ftp://x', 'gs://bucket', ''])('opens no files of %j', (url) => {
  expect(() => openFileTree(url)).toThrow(expect.objectContaining({ code: 'BLOB_URL_UNKNOWN' }));
});
