import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BlobStore, FileTree } from '#platform/blob';

/** The guarantees of {@link BlobStore}, for any store; `open` gives an empty one. */
export function describeBlobStore(title: string, open: () => Promise<BlobStore>): void {
  describe(title, () => {
    it('gives back what was put, whole and in ranges that are cut at the end', async () => {
      const blobs = await open();
      expect(await blobs.put('a/b.bin', bytes('0123456789'))).toEqual({ sizeBytes: 10 });
      expect(text(await blobs.bytes('a/b.bin'))).toBe('0123456789');
      expect(text(await blobs.bytes('a/b.bin', { start: 2, end: 5 }))).toBe('234');
      expect(text(await blobs.bytes('a/b.bin', { start: 8, end: 50 }))).toBe('89');
      expect(text(await blobs.bytes('a/b.bin', { start: 10, end: 20 }))).toBe('');
      expect(text(await blobs.bytes('a/b.bin', { start: 3, end: 3 }))).toBe('');
      expect(await readAll(await blobs.read('a/b.bin', { start: 9, end: 99 }))).toBe('9');
      expect(await readAll(await blobs.read('a/b.bin', { start: 50, end: 60 }))).toBe('');
      expect(await readAll(await blobs.read('a/b.bin'))).toBe('0123456789');
      expect(await blobs.stat('a/b.bin')).toEqual({ sizeBytes: 10 });
    });

    it('holds an empty object', async () => {
      const blobs = await open();
      await blobs.put('empty', bytes(''));
      await blobs.put('empty-stream', streamOf([]));
      expect(await blobs.stat('empty')).toEqual({ sizeBytes: 0 });
      expect((await blobs.bytes('empty-stream')).byteLength).toBe(0);
      expect(await readAll(await blobs.read('empty', { start: 0, end: 5 }))).toBe('');
    });

    it('takes a stream far larger than one part', async () => {
      const blobs = await open();
      const part = Buffer.alloc(1_000_003, 7);
      const parts = Array.from({ length: 21 }, (_, i) => Buffer.concat([Buffer.from([i]), part]));
      const { sizeBytes } = await blobs.put('large', streamOf(parts));
      expect(sizeBytes).toBe(21 * 1_000_004);
      expect(digest(await blobs.bytes('large'))).toBe(digest(Buffer.concat(parts)));
      const middle = await blobs.bytes('large', { start: 10 * 1_000_004, end: 10 * 1_000_004 + 2 });
      expect([...middle]).toEqual([10, 7]);
    });

    it('does not keep the caller’s buffer', async () => {
      const blobs = await open();
      const buffer = bytes('first');
      await blobs.put('key', buffer);
      buffer.fill(0);
      expect(text(await blobs.bytes('key'))).toBe('first');
    });

    it('replaces an object as a whole, and keeps the old one when the new one breaks off', async () => {
      const blobs = await open();
      await blobs.put('key', bytes('old and long'));
      await blobs.put('key', bytes('new'));
      expect(text(await blobs.bytes('key'))).toBe('new');
      for (const partBytes of [10, 9 * 1024 * 1024]) {
        await expect(blobs.put('key', breakingStream(partBytes))).rejects.toThrow('the caller went away');
        await expect(blobs.put('other', breakingStream(partBytes))).rejects.toThrow('the caller went away');
      }
      expect(text(await blobs.bytes('key'))).toBe('new');
      expect(await blobs.stat('other')).toBeUndefined();
      expect(await keysOf(blobs, '')).toEqual(['key']);
    });

    it('says what is missing, and deletes what is not there without complaint', async () => {
      const blobs = await open();
      expect(await blobs.stat('none')).toBeUndefined();
      await expect(blobs.bytes('none')).rejects.toMatchObject({ code: 'BLOB_NOT_FOUND', details: { key: 'none' } });
      await expect(blobs.read('none/of/it')).rejects.toMatchObject({ code: 'BLOB_NOT_FOUND' });
      await expect(blobs.read('none', { start: 1, end: 1 })).rejects.toMatchObject({ code: 'BLOB_NOT_FOUND' });
      await blobs.delete('none');
      await blobs.put('some', bytes('x'));
      await blobs.delete('some');
      expect(await blobs.stat('some')).toBeUndefined();
    });

    it('lists by prefix in the order of the bytes of the keys', async () => {
      const blobs = await open();
      const keys = ['a/b', 'a.b', 'a0', 'a/c/d', 'a/c.d', 'b', 'é', 'z', 'a-b', 'a/ü', 'a/\u{1F600}', 'a/\uFF5E'];
      for (const key of keys) await blobs.put(key, bytes(key));
      const sorted = [...keys].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
      expect(await keysOf(blobs, '')).toEqual(sorted);
      expect(await keysOf(blobs, 'a/c')).toEqual(['a/c.d', 'a/c/d']);
      expect(await keysOf(blobs, 'a')).toEqual(sorted.filter((key) => key.startsWith('a')));
      expect(await keysOf(blobs, 'nothing')).toEqual([]);
    });

    it('takes many writers at once', async () => {
      const blobs = await open();
      await Promise.all(Array.from({ length: 40 }, (_, i) => blobs.put(`many/${i % 20}`, bytes(`content ${i % 20}`))));
      expect(await keysOf(blobs, 'many/')).toHaveLength(20);
      expect(text(await blobs.bytes('many/7'))).toBe('content 7');
    });

    for (const key of [
      '',
      '/a',
      'a/',
      'a//b',
      '../a',
      'a/../../b',
      '.',
      'a/./b',
      '.hidden',
      'a\\b',
      'a\u0000b',
      'x'.repeat(300),
    ]) {
      it(`refuses the key ${JSON.stringify(key.slice(0, 20))}`, async () => {
        const blobs = await open();
        await expect(blobs.put(key, bytes('x'))).rejects.toMatchObject({ code: 'BLOB_KEY_INVALID' });
        await expect(blobs.bytes(key)).rejects.toMatchObject({ code: 'BLOB_KEY_INVALID' });
        expect(await keysOf(blobs, '')).toEqual([]);
      });
    }
  });
}

/** The guarantees of {@link FileTree}, for any tree; `open` gives an empty one. */
export function describeFileTree(
  title: string,
  open: () => Promise<FileTree>,
  { namesAreOne = true }: { /** Whether a name is either a file or a folder. */ readonly namesAreOne?: boolean } = {},
): void {
  describe(title, () => {
    const read = async (tree: FileTree, path: string, range?: { start: number; end: number }) => {
      const opened = await tree.open(path);
      return opened && readAll(await opened.read(range));
    };
    const walk = async (tree: FileTree, folder: string) => {
      const found: string[] = [];
      for await (const { path, sizeBytes } of tree.walk(folder)) found.push(`${path} ${sizeBytes}`);
      return found.sort();
    };

    it('gives back what was put, whole and in ranges, and replaces it as a whole', async () => {
      const tree = await open();
      const put = await tree.put('a/b.bin', streamOf([bytes('01234'), bytes('56789')]));
      expect(put).toMatchObject({ path: 'a/b.bin', sizeBytes: 10 });
      expect((await tree.open('a/b.bin'))?.file).toMatchObject({ path: 'a/b.bin', sizeBytes: 10, digest: put.digest });
      expect(await read(tree, 'a/b.bin')).toBe('0123456789');
      expect(await read(tree, 'a/b.bin', { start: 2, end: 5 })).toBe('234');
      expect(await read(tree, 'a/b.bin', { start: 8, end: 50 })).toBe('89');
      expect(await read(tree, 'a/b.bin', { start: 3, end: 3 })).toBe('');
      await tree.put('a/b.bin', bytes('new'));
      expect(await read(tree, 'a/b.bin')).toBe('new');
      await tree.put('empty', streamOf([]));
      expect(await read(tree, 'empty')).toBe('');
      expect((await tree.open('empty'))?.file.sizeBytes).toBe(0);
    });

    it('keeps the old file when the new one breaks off, and nothing of it', async () => {
      const tree = await open();
      await tree.put('key', bytes('old'));
      for (const partBytes of [10, 9 * 1024 * 1024]) {
        await expect(tree.put('key', breakingStream(partBytes))).rejects.toThrow('the caller went away');
        await expect(tree.put('other', breakingStream(partBytes))).rejects.toThrow('the caller went away');
      }
      expect(await read(tree, 'key')).toBe('old');
      expect(await tree.list('')).toEqual([{ name: 'key', sizeBytes: 3 }]);
    });

    it('lists what a folder holds directly, by name, and walks through all of it', async () => {
      const tree = await open();
      const paths = ['a/b', 'a/c/d', 'a/c/e/f', 'a/c.d', 'a-b', 'ab', 'a/ü x', 'a/%41', 'a/.hidden', "a/'q'", 'z/z'];
      for (const path of paths) await tree.put(path, bytes(path));
      expect((await tree.list('')).map(({ name }) => name)).toEqual(['a', 'a-b', 'ab', 'z']);
      expect(await tree.list('a')).toEqual([
        { name: '%41', sizeBytes: 5 },
        { name: "'q'", sizeBytes: 5 },
        { name: '.hidden', sizeBytes: 9 },
        { name: 'b', sizeBytes: 3 },
        { name: 'c', sizeBytes: null },
        { name: 'c.d', sizeBytes: 5 },
        { name: 'ü x', sizeBytes: 6 },
      ]);
      expect(await tree.list('a/c/e')).toEqual([{ name: 'f', sizeBytes: 7 }]);
      for (const none of ['none', 'a/b', 'ab', 'a/cd']) expect(await tree.list(none)).toEqual([]);
      expect(await walk(tree, 'a/c')).toEqual(['a/c/d 5', 'a/c/e/f 7']);
      expect(await walk(tree, '')).toHaveLength(paths.length);
      expect(await walk(tree, 'none')).toEqual([]);
    });

    it('deletes a file, or a folder with everything in it, and nothing beside it', async () => {
      const tree = await open();
      for (const path of ['a/b', 'a/c/d', 'a/c/e', 'a-b', 'ab', 'a.b']) await tree.put(path, bytes('xy'));
      expect(await tree.remove('none')).toEqual({ files: 0, bytes: 0 });
      expect(await tree.remove('a/none')).toEqual({ files: 0, bytes: 0 });
      expect(await tree.remove('a/b')).toEqual({ files: 1, bytes: 2 });
      expect(await tree.open('a/b')).toBeUndefined();
      expect(await tree.remove('a')).toEqual({ files: 2, bytes: 4 });
      expect(await walk(tree, '')).toEqual(['a-b 2', 'a.b 2', 'ab 2']);
      expect(await tree.remove('')).toEqual({ files: 3, bytes: 6 });
      expect(await walk(tree, '')).toEqual([]);
      await tree.put('a', bytes('again'));
      expect(await read(tree, 'a')).toBe('again');
    });

    it('opens no folder, and nothing that is not there', async () => {
      const tree = await open();
      await tree.put('a/b', bytes('x'));
      for (const path of ['a', 'none', 'a/b/c', 'a/none']) expect(await tree.open(path)).toBeUndefined();
    });

    // A bucket has no folders, so that nothing stands in the way there.
    if (namesAreOne) {
      it('refuses a file where a folder is, and below a file', async () => {
        const tree = await open();
        await tree.put('a/b', bytes('x'));
        await expect(tree.put('a', bytes('y'))).rejects.toMatchObject({ code: 'BLOB_KEY_INVALID' });
        await expect(tree.put('a/b/c', bytes('y'))).rejects.toMatchObject({ code: 'BLOB_KEY_INVALID' });
        await expect(tree.put('a/b/c/d', bytes('y'))).rejects.toMatchObject({ code: 'BLOB_KEY_INVALID' });
        expect(await walk(tree, '')).toEqual(['a/b 1']);
      });
    }

    it('takes many writers at once, also of the same content and the same file', async () => {
      const tree = await open();
      await Promise.all(Array.from({ length: 40 }, (_, i) => tree.put(`many/${i % 20}`, bytes(`content ${i % 5}`))));
      expect(await tree.list('many')).toHaveLength(20);
      expect(await read(tree, 'many/7')).toBe('content 2');
    });

    for (const path of ['/a', 'a/', 'a//b', '../a', 'a/../../b', '.', 'a/./b', 'a\u0000b', 'x'.repeat(2100)]) {
      it(`refuses the path ${JSON.stringify(path.slice(0, 20))}`, async () => {
        const tree = await open();
        for (const work of [() => tree.put(path, bytes('x')), () => tree.open(path), () => tree.remove(path)]) {
          await expect(work()).rejects.toMatchObject({ code: 'BLOB_KEY_INVALID' });
        }
        await expect(tree.list(path)).rejects.toMatchObject({ code: 'BLOB_KEY_INVALID' });
      });
    }
  });
}

function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}

function digest(value: Uint8Array): string {
  return createHash('sha256').update(value).digest('hex');
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function keysOf(blobs: BlobStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of blobs.list(prefix)) keys.push(key);
  return keys;
}

async function* streamOf(parts: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* parts;
}

/** A source that fails after three parts. */
async function* breakingStream(partBytes: number): AsyncIterable<Uint8Array> {
  for (let i = 0; i < 3; i++) yield Buffer.alloc(partBytes);
  throw new Error('the caller went away');
}
