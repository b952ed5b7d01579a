import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BlobStore } from '#platform/blob';

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
