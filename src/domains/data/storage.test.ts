import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type BlobStore, MemoryBlobStore, openBlobStore } from '#platform/blob';
import { sha256 } from '#platform/digest';
import { seededRng } from '#platform/kernel';
import { type Database, migrate, openDatabase } from '#platform/sql';
import { PackWriter } from './packs.ts';
import { ObjectStore } from './store/object-store.ts';
import { DATA_TEST_MIGRATIONS, openTestData, received, sent, type TestData } from './testing.ts';

const MIB = 1024 * 1024;
const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function setUp(options: Parameters<typeof openTestData>[1] = {}): Promise<TestData & { database: Database }> {
  const database = await openDatabase('sqlite::memory:');
  opened.push(() => database.close());
  await migrate(database, DATA_TEST_MIGRATIONS);
  const test = await openTestData(database, options);
  opened.push(() => test.close());
  await test.data.createRepository({ name: 'shop' }, 'user:ann');
  return { ...test, database };
}

async function commit({ data }: TestData, path: string, object: string) {
  const changes = [{ path, object }];
  return data.commit({ repository: 'shop', branch: 'main', message: path, changes }, 'user:ann');
}

/** A CSV file of `rows` rows that compress as real tables do. */
function csv(rows: number, edit: (row: number, line: string) => string = (_, line) => line): string {
  const rng = seededRng(5);
  const lines = Array.from({ length: rows }, (_, row) => {
    const line = `${row},${rng.int(1_000_000)},${['LAX', 'SFO', 'JFK'][rng.int(3)]},${(rng.normal() * 30).toFixed(1)}`;
    return edit(row, line);
  });
  return `id,key,origin,delay\n${lines.filter((line) => line !== '').join('\n')}\n`;
}

describe('two commits that differ in one row share all other chunks', () => {
  const ROWS = 120_000;
  const edits: Readonly<Record<string, (row: number, line: string) => string>> = {
    'a row changed': (row, line) => (row === 60_001 ? '60001,17,BOS,-999.9' : line),
    'a row inserted': (row, line) => (row === 60_001 ? `${line}\n999999,1,ATL,0.0` : line),
    'a row removed': (row, line) => (row === 60_001 ? '' : line),
  };
  for (const [what, edit] of Object.entries(edits)) {
    it(`in a CSV file with ${what}`, async () => {
      const test = await setUp();
      const before = csv(ROWS);
      const first = await commit(test, 'a.csv', (await test.data.upload('shop', 'a.csv', sent(before))).object);
      const after = csv(ROWS, edit);
      const second = await commit(test, 'a.csv', (await test.data.upload('shop', 'a.csv', sent(after))).object);
      const { chunks, sharedChunks, storedBytes, sharedBytes } = await test.data.getStorage('shop', {
        from: first.id,
        to: second.id,
      });
      expect(chunks).toBeGreaterThan(25);
      // The row lies in one chunk; when the edit makes or breaks a cut, it is two.
      expect(chunks - sharedChunks).toBeLessThanOrEqual(2);
      expect(chunks - sharedChunks).toBeGreaterThanOrEqual(1);
      expect(storedBytes - sharedBytes).toBeLessThan(storedBytes / 8);
      const read = await received((await test.data.readFile('shop', 'main', 'a.csv')).stream());
      expect(read.toString() === after).toBe(true);
    });
  }

  it('in a Parquet file of many row groups: the changed column chunk, what its statistics touch, and the footer', async () => {
    const test = await setUp();
    const write = async (name: string, changed: boolean) => {
      const value = changed ? 'case when i = 200001 then -1 else delay end' : 'delay';
      const sql = `select i as id, hash(i * 7) % 1000000 as key, ${value} as delay
        from (select i, (hash(i) % 6000)::int - 1000 as delay from range(400000) t(i)) order by i`;
      const path = join(test.folder, name);
      await test.tables.writeParquet(sql, path, { rowGroupRows: 20_480 });
      const { object } = await test.data.putLocalFile('shop', path);
      return commit(test, 'a.parquet', object);
    };
    const first = await write('first.parquet', false);
    const second = await write('second.parquet', true);
    const figures = await test.data.getStorage('shop', { from: first.id, to: second.id });
    expect(figures.chunks).toBeGreaterThan(20);
    expect(figures.chunks - figures.sharedChunks).toBeLessThanOrEqual(4);
    expect(figures.chunks - figures.sharedChunks).toBeGreaterThanOrEqual(2);
    expect((await test.data.diff('shop', first.id, second.id, { limit: 5 })).files).toMatchObject([
      { path: 'a.parquet', from: { table: { rowCount: 400_000 } }, to: { table: { rowCount: 400_000 } } },
    ]);
  });

  it('and the same bytes again, under any name, store nothing', async () => {
    const test = await setUp();
    const body = csv(30_000);
    const { object } = await test.data.upload('shop', 'a.csv', sent(body));
    const packs = await keysOf(test.blobs);
    expect((await test.data.upload('shop', 'copies/b.csv', sent(body))).object).toBe(object);
    expect(await keysOf(test.blobs)).toEqual(packs);
    const doubled = await test.data.getStorage('shop', {});
    expect(doubled).toMatchObject({ objects: 1, logicalBytes: body.length, sharedChunks: 0 });
    expect(doubled.storedBytes).toBeLessThan(body.length * 0.6);
  });
});

describe('bytes', () => {
  it('of 100 MB come in and out as they were, whole and in part', async () => {
    const test = await setUp({ blobs: new MemoryBlobStore() });
    const rng = seededRng(9);
    const block = Buffer.from(Uint32Array.from({ length: MIB / 4 }, () => rng.int(2 ** 32)).buffer);
    async function* source() {
      for (let i = 0; i < 100; i++) {
        block.writeUInt32BE(i, 0);
        // A copy: the next round changes the block.
        yield Buffer.from(block);
      }
    }
    const { object, sizeBytes } = await test.data.upload('shop', 'large.bin', source());
    expect(sizeBytes).toBe(100 * MIB);
    await commit(test, 'large.bin', object);
    const file = await test.data.readFile('shop', 'main', 'large.bin');
    let at = 0;
    for await (const part of file.stream() as AsyncIterable<Buffer>) at += part.length;
    expect(at).toBe(sizeBytes);
    const middle = await received(file.stream({ start: 57 * MIB, end: 57 * MIB + 4 }));
    expect(middle.readUInt32BE(0)).toBe(57);
    const across = await received(file.stream({ start: 3 * MIB - 200_000, end: 3 * MIB + 300_000 }));
    block.writeUInt32BE(2, 0);
    const left = block.subarray(MIB - 200_000);
    block.writeUInt32BE(3, 0);
    const right = block.subarray(0, 300_000);
    expect(Buffer.compare(across, Buffer.concat([left, right]))).toBe(0);
    // The blocks differ in their first bytes: each shares all chunks but one or two.
    expect((await test.data.getStorage('shop', {})).storedBytes).toBeLessThan(20 * MIB);
  });

  it('stay compressed only where that pays', async () => {
    const test = await setUp();
    await test.data.upload('shop', 'text.csv', sent(csv(5000)));
    await test.data.upload('shop', 'noise.bin', sent(noise(300_000)));
    const rows = await test.database
      .tables<{ data_chunk: { encoding: string; size_bytes: number; stored_bytes: number } }>()
      .selectFrom('data_chunk')
      .select(['encoding', 'size_bytes', 'stored_bytes'])
      .execute();
    expect(new Set(rows.map((row) => row.encoding))).toEqual(new Set(['zstd', 'raw']));
    for (const row of rows) {
      if (row.encoding === 'raw') expect(row.stored_bytes).toBe(row.size_bytes);
      else expect(row.stored_bytes).toBeLessThanOrEqual((row.size_bytes * 7) / 8);
    }
  });

  it('of many small files that come at once share a pack', async () => {
    const test = await setUp();
    const packs = new PackWriter(test.blobs, new ObjectStore(test.database));
    const files = Array.from({ length: 200 }, (_, i) => Buffer.from(`content of file ${i % 150}`));
    await Promise.all(files.map((bytes) => packs.write([{ digest: sha256(bytes), bytes }])));
    expect(await keysOf(test.blobs)).toHaveLength(1);
    const uploads = await Promise.all(files.map((bytes, i) => test.data.upload('shop', `${i}.txt`, sent(bytes))));
    expect(await keysOf(test.blobs)).toHaveLength(1);
    const changes = uploads.map(({ object }, i) => ({ path: `${i}.txt`, object }));
    await test.data.commit({ repository: 'shop', branch: 'main', message: 'm', changes }, 'user:ann');
    for (const i of [0, 77, 199]) {
      const read = await received((await test.data.readFile('shop', 'main', `${i}.txt`)).stream());
      expect(Buffer.compare(read, files[i] ?? Buffer.alloc(0))).toBe(0);
    }
  });

  it('of an empty file are none, and can be committed and read', async () => {
    const test = await setUp();
    const { object, sizeBytes } = await test.data.upload('shop', 'empty.txt', sent(''));
    await commit(test, 'empty.txt', object);
    const read = await received((await test.data.readFile('shop', 'main', 'empty.txt')).stream());
    const local = await test.data.localFile('shop', 'main', 'empty.txt');
    local.release();
    expect([sizeBytes, read.length, local.sizeBytes]).toEqual([0, 0, 0]);
  });

  it('that were damaged in storage are not given out', async () => {
    for (const damage of [flipped, shortened]) {
      const test = await setUp();
      const { object } = await test.data.upload('shop', 'a.csv', sent(csv(5000)));
      await commit(test, 'a.csv', object);
      const [pack] = await keysOf(test.blobs);
      await test.blobs.put(pack ?? '', damage(await test.blobs.bytes(pack ?? '')));
      const file = await test.data.readFile('shop', 'main', 'a.csv');
      await expect(received(file.stream())).rejects.toMatchObject({
        code: 'DATA_CHUNK_DAMAGED',
        details: { object, pack: pack?.split('/').at(-1) },
      });
      const other = await openTestData(test.database, { blobs: test.blobs });
      opened.push(() => other.close());
      await expect(other.data.localFile('shop', 'main', 'a.csv')).rejects.toMatchObject({ code: 'DATA_CHUNK_DAMAGED' });
    }
  });
});

const s3 = process.env.TRIMTAB_TEST_S3;
describe.skipIf(!s3)(`on S3${s3 ? '' : ' (skipped: TRIMTAB_TEST_S3 names no server)'}`, () => {
  it('files come back as they were, whole and in part', async () => {
    process.env.AWS_ACCESS_KEY_ID ??= 'test';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
    const bucket = `trimtab-data-${process.pid}`;
    await fetch(`${s3}/${bucket}`, { method: 'PUT' });
    const query = `endpoint=${encodeURIComponent(s3 ?? '')}&region=us-east-1&forcePathStyle=true`;
    const test = await setUp({ blobs: openBlobStore(`s3://${bucket}?${query}`) });
    const body = Buffer.concat([noise(20 * MIB), Buffer.from(csv(50_000))]);
    await commit(test, 'a.bin', (await test.data.upload('shop', 'a.bin', sent(body, MIB))).object);
    expect(await keysOf(test.blobs)).toHaveLength(2);
    const other = await openTestData(test.database, { blobs: test.blobs });
    opened.push(() => other.close());
    const file = await other.data.readFile('shop', 'main', 'a.bin');
    expect(Buffer.compare(await received(file.stream()), body)).toBe(0);
    const range = { start: 19 * MIB, end: 21 * MIB };
    expect(Buffer.compare(await received(file.stream(range)), body.subarray(range.start, range.end))).toBe(0);
  });
});

describe('local copies', () => {
  it('make room for new ones, but never while somebody reads them', async () => {
    const test = await setUp({ localCopiesBytes: 250_000 });
    for (const name of ['a', 'b', 'c', 'd']) {
      const { object } = await test.data.upload('shop', `${name}.bin`, sent(noise(100_000, name.charCodeAt(0))));
      await commit(test, `${name}.bin`, object);
    }
    const held = await test.data.localFile('shop', 'main', 'a.bin');
    const names = ['b', 'c', 'd'];
    for (const name of names) (await test.data.localFile('shop', 'main', `${name}.bin`)).release();
    const twice = await Promise.all([1, 2].map(() => test.data.localFile('shop', 'main', 'a.bin')));
    expect(new Set([held.path, ...twice.map((file) => file.path)]).size).toBe(1);
    expect(Buffer.compare(await readFile(held.path), noise(100_000, 97))).toBe(0);
    expect((await readdir(join(test.folder, 'scratch', 'files'))).length).toBeLessThanOrEqual(2);
    expect(await readdir(join(test.folder, 'scratch', 'incoming'))).toEqual([]);
  });
});

describe('a crash', () => {
  it('between pack, index, object and commit leaves nothing that harms; the same upload then ends well', async () => {
    const body = csv(60_000);
    const tables = ['data_chunk', 'data_object', 'data_table', 'data_upload', 'data_tree_node', 'data_commit'];
    for (const table of tables) {
      const test = await setUp();
      const broken = await openTestData(failingAt(test.database, table), { blobs: test.blobs });
      opened.push(() => broken.close());
      const attempt = async ({ data }: TestData) => {
        const { object } = await data.upload('shop', 'a.csv', sent(body));
        return commit({ ...test, data }, 'a.csv', object);
      };
      await expect(attempt(broken)).rejects.toThrow(`died at ${table}`);
      expect((await test.data.getRepository('shop')).commits).toBe(1);
      expect((await test.data.listEntries('shop', 'main', { limit: 9 })).entries).toEqual([]);
      await attempt(test);
      const read = await received((await test.data.readFile('shop', 'main', 'a.csv')).stream());
      expect(read.toString() === body).toBe(true);
    }
  });

  it('of storage while a pack is written is told, and names no chunk that is not there', async () => {
    const blobs = new MemoryBlobStore();
    let failing = true;
    const flaky: BlobStore = Object.assign(Object.create(blobs) as BlobStore, {
      put: async (...given: Parameters<BlobStore['put']>) => {
        if (failing) throw new Error('the disk is full');
        return blobs.put(...given);
      },
      bytes: (...given: Parameters<BlobStore['bytes']>) => blobs.bytes(...given),
    });
    const test = await setUp({ blobs: flaky });
    const uploads = await Promise.allSettled([
      test.data.upload('shop', 'a.txt', sent('a')),
      test.data.upload('shop', 'b.csv', sent(csv(50_000))),
    ]);
    expect(uploads.map((upload) => upload.status)).toEqual(['rejected', 'rejected']);
    expect(await test.data.getStorage('shop', {})).toMatchObject({ objects: 0, chunks: 0 });
    failing = false;
    await commit(test, 'a.txt', (await test.data.upload('shop', 'a.txt', sent('a'))).object);
    expect((await received((await test.data.readFile('shop', 'main', 'a.txt')).stream())).toString()).toBe('a');
  });
});

describe('an upload', () => {
  const parquet = async (test: TestData) => {
    const path = join(test.folder, 'good.parquet');
    await test.tables.writeParquet('select i, i * 2.5 as x from range(5000) t(i)', path);
    return readFile(path);
  };
  const bad: readonly (readonly [
    string,
    string,
    (test: TestData) => Promise<Uint8Array | string>,
    readonly string[],
  ])[] = [
    ['text that is not Parquet', 'a.parquet', async () => 'id,amount\n1,2\n', ['a.parquet', 'not Parquet']],
    [
      'a truncated Parquet file',
      'b/a.parquet',
      async (test) => (await parquet(test)).subarray(0, 3000),
      ['b/a.parquet', 'truncated'],
    ],
    ['a CSV file with ragged rows', 'ragged.csv', async () => 'a,b\n1,2\n3,4,5\n6,7\n', ['ragged.csv', 'line 3']],
    ['a CSV file without rows', 'none.csv', async () => 'a,b\n', ['none.csv', 'no rows']],
    ['an empty file that should be a table', 'none.csv', async () => '', ['none.csv', 'empty']],
    ['a CSV file that holds zero bytes', 'zero.csv', async () => 'a,b\n1,\u0000\n', ['zero.csv', 'zero byte']],
  ];
  for (const [what, name, content, named] of bad) {
    it(`of ${what} is refused, and leaves nothing behind`, async () => {
      const test = await setUp();
      const attempt = test.data.upload('shop', name, sent(await content(test)));
      const error: unknown = await attempt.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code: 'DATA_TABLE_INVALID', kind: 'invalid' });
      for (const words of named) expect((error as Error).message).toContain(words);
      expect((error as Error).message).not.toContain(test.folder);
      await expectNothingKept(test);
    });
  }

  it('under a name with .. is refused before a byte is read', async () => {
    const test = await setUp();
    let read = 0;
    async function* source() {
      read++;
      yield Buffer.from('x');
    }
    await expect(test.data.upload('shop', '../../x.csv', source())).rejects.toMatchObject({
      code: 'DATA_PATH_INVALID',
    });
    expect(read).toBe(0);
  });

  it('larger than the limit is refused while it comes', async () => {
    const test = await setUp({ uploadLimitBytes: 100_000 });
    let pieces = 0;
    async function* endless() {
      for (;;) {
        pieces++;
        yield Buffer.alloc(10_000);
      }
    }
    await expect(test.data.upload('shop', 'a.bin', endless())).rejects.toMatchObject({
      code: 'DATA_UPLOAD_TOO_LARGE',
      kind: 'too-large',
    });
    expect(pieces).toBe(11);
    await expectNothingKept(test);
  });

  it('that breaks off leaves nothing behind', async () => {
    const test = await setUp();
    async function* broken() {
      yield Buffer.alloc(500_000);
      throw new Error('aborted');
    }
    await expect(test.data.upload('shop', 'a.bin', broken())).rejects.toMatchObject({ code: 'DATA_UPLOAD_BROKEN' });
    await expectNothingKept(test);
  });
});

async function expectNothingKept(test: TestData): Promise<void> {
  expect(await keysOf(test.blobs)).toEqual([]);
  expect(await test.data.getStorage('shop', {})).toMatchObject({ objects: 0, chunks: 0 });
  for (const folder of ['incoming', 'files']) {
    expect(await readdir(join(test.folder, 'scratch', folder))).toEqual([]);
  }
}

/** The database of a process that dies when it first writes to the table. */
function failingAt(database: Database, table: string): Database {
  const die = <Target extends object>(target: Target): Target =>
    new Proxy(target, {
      get: (of, name) => {
        if (name === 'insertRows') {
          return async (...given: Parameters<Database['insertRows']>) => {
            if (given[0] === table) throw new Error(`died at ${table}`);
            return database === (of as unknown) ? database.insertRows(...given) : (of as Database).insertRows(...given);
          };
        }
        if (name === 'transaction') {
          return (work: Parameters<Database['transaction']>[0]) => database.transaction((tx) => work(die(tx)));
        }
        const value: unknown = Reflect.get(of, name);
        return typeof value === 'function' ? value.bind(of) : value;
      },
    });
  return die(database);
}

async function keysOf(blobs: BlobStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of blobs.list('')) keys.push(key);
  return keys;
}

function noise(size: number, seed = 1): Buffer {
  const rng = seededRng(seed);
  return Buffer.from(Uint32Array.from({ length: size / 4 }, () => rng.int(2 ** 32)).buffer);
}

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const middle = Math.floor(copy.length / 2);
  copy[middle] = (copy[middle] ?? 0) ^ 0xff;
  return copy;
}

function shortened(bytes: Uint8Array): Uint8Array {
  return bytes.slice(0, bytes.length - 10);
}
