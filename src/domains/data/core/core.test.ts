import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '#platform/kernel';
import { chunked } from './chunker.ts';
import { decodeManifest, encodeManifest, piecesOf } from './manifest.ts';
import { extensionOf, foldersOf, pathProblem } from './path.ts';
import { rangeOf } from './range.ts';
import {
  changeTree,
  compareTrees,
  decodeLeaf,
  decodeTree,
  encodeTree,
  entriesOf,
  findEntry,
  type LoadLeaves,
  type Tree,
  type TreeEntry,
} from './tree.ts';

const KIB = 1024;

describe('cutting into chunks', () => {
  it('gives the same bytes back, whatever pieces they came in', async () => {
    const sizes = fc.integer({ min: 0, max: 400_000 });
    const pieces = fc.integer({ min: 1, max: 200_000 });
    await fc.assert(
      fc.asyncProperty(sizes, pieces, fc.integer(), async (size, piece, seed) => {
        const bytes = randomBytes(size, seed);
        const chunks = await cut(bytes, piece);
        expect(Buffer.compare(Buffer.concat(chunks), bytes)).toBe(0);
        expect(chunks.map((chunk) => chunk.length)).toEqual(
          (await cut(bytes, 1 + (piece % 977) * 100)).map((c) => c.length),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('keeps chunks between 8 and 256 KiB, about 64 KiB on average', async () => {
    const chunks = await cut(randomBytes(32 * KIB * KIB, 3));
    const sizes = chunks.slice(0, -1).map((chunk) => chunk.length);
    expect(Math.min(...sizes)).toBeGreaterThan(8 * KIB);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(256 * KIB);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    expect(mean).toBeGreaterThan(56 * KIB);
    expect(mean).toBeLessThan(84 * KIB);
  });

  it('leaves a file of at most 64 KiB whole, and an empty one without chunks', async () => {
    expect(await cut(new Uint8Array())).toEqual([]);
    for (const size of [1, 9 * KIB, 64 * KIB]) expect(await cut(randomBytes(size, 5))).toHaveLength(1);
    expect((await cut(new Uint8Array(1_000_000))).map((chunk) => chunk.length)).toEqual([
      ...Array(3).fill(256 * KIB),
      213_568,
    ]);
  });

  it('finds its cuts again after bytes are put in or taken out anywhere', async () => {
    const bytes = randomBytes(4 * KIB * KIB, 11);
    const before = new Set((await cut(bytes)).map(hex));
    for (const at of [0, 1_000_000, 2_345_678, bytes.length]) {
      const longer = Buffer.concat([bytes.subarray(0, at), Buffer.from('a few bytes more'), bytes.subarray(at)]);
      const shorter = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1234)]);
      for (const edited of [longer, shorter]) {
        const fresh = (await cut(edited)).filter((chunk) => !before.has(hex(chunk)));
        expect(fresh.length).toBeLessThanOrEqual(3);
      }
    }
  });

  it('cuts as it always has: old data would share nothing with new otherwise', async () => {
    const lengths = (await cut(randomBytes(600_000, 42))).map((chunk) => chunk.length);
    expect(lengths).toEqual(GOLDEN_LENGTHS);
  });
});

const GOLDEN_LENGTHS: readonly number[] = [
  60_206, 51_688, 118_651, 62_711, 11_359, 187_579, 30_245, 47_432, 28_782, 1_347,
];

describe('a manifest', () => {
  const chunk = fc.record({
    digest: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 }),
    sizeBytes: fc.integer({ min: 1, max: 128 * KIB }),
  });

  it('reads as it was written', () => {
    fc.assert(
      fc.property(fc.array(chunk), (chunks) => {
        expect(decodeManifest(encodeManifest(chunks))).toEqual(chunks);
      }),
    );
  });

  it('gives for any range the pieces that make it up', () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 20 }), fc.nat(3_000_000), fc.nat(3_000_000), (chunks, a, b) => {
        const total = chunks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        const range = { start: Math.min(a, b), end: Math.max(a, b) };
        const length = piecesOf(chunks, range).reduce((sum, piece) => sum + piece.end - piece.start, 0);
        expect(length).toBe(Math.max(0, Math.min(range.end, total) - Math.min(range.start, total)));
      }),
    );
  });
});

describe('a tree', () => {
  const path = fc
    .array(fc.string({ unit: fc.constantFrom(...'abcdefgh. 0é'), minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    })
    .map((names) => names.join('/'));
  const files = fc.dictionary(path, fc.nat(1_000_000), { maxKeys: 60 }).map((map) => new Map(Object.entries(map)));

  it('apply(diff(a, b), a) = b, and its id depends on its files alone', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, async (a, b) => {
        const nodes = new Nodes();
        const from = await nodes.build(a);
        const to = await nodes.build(b);
        const changes = new Map<string, TreeEntry | null>();
        for await (const change of compareTrees(from, to, nodes.load)) changes.set(change.path, change.to ?? null);
        const applied = await nodes.change(from, changes);
        expect(encodeTree(applied)).toBe(encodeTree(to));
        expect(await nodes.list(applied)).toEqual(entriesIn(b));
      }),
      { numRuns: 200 },
    );
  });

  it('diff(a, b) names exactly the paths that differ', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, async (a, b) => {
        const nodes = new Nodes();
        const paths: string[] = [];
        for await (const { path } of compareTrees(await nodes.build(a), await nodes.build(b), nodes.load))
          paths.push(path);
        const expected = [...new Set([...a.keys(), ...b.keys()])].filter((path) => a.get(path) !== b.get(path)).sort();
        expect(paths).toEqual(expected);
      }),
    );
  });

  it('of 20,000 files rewrites a leaf or two for one changed file, and loads no more to find it', async () => {
    const many = new Map(Array.from({ length: 20_000 }, (_, i) => [`part-${i % 100}/file-${i}`, i]));
    const nodes = new Nodes();
    const tree = await nodes.build(many);
    expect(tree.length).toBeGreaterThan(40);
    expect(tree.length).toBeLessThan(160);
    nodes.loaded = 0;
    const changed = await changeTree(tree, new Map([['part-7/file-7', entry('part-7/file-7', -1)]]), nodes.load);
    nodes.keep(changed.written);
    expect([nodes.loaded, changed.written.size, changed.tree.length]).toEqual([1, 1, tree.length]);
    nodes.loaded = 0;
    const differences: string[] = [];
    for await (const { path } of compareTrees(tree, changed.tree, nodes.load)) differences.push(path);
    expect([differences, nodes.loaded]).toEqual([['part-7/file-7'], 2]);
    expect(await findEntry(changed.tree, nodes.load, 'part-7/file-7')).toEqual(entry('part-7/file-7', -1));
    expect(await findEntry(changed.tree, nodes.load, 'part-7/file-')).toBeUndefined();
    expect(await findEntry(changed.tree, nodes.load, 'zzz')).toBeUndefined();
  });

  it('says which paths were to be taken away and are not there', async () => {
    const nodes = new Nodes();
    const tree = await nodes.build(new Map([['a', 1]]));
    const { missing, tree: left } = await changeTree(
      tree,
      new Map([
        ['a', null],
        ['b', null],
      ]),
      nodes.load,
    );
    expect([missing, left]).toEqual([['b'], []]);
  });

  it('reads as it was written', async () => {
    const nodes = new Nodes();
    const tree = await nodes.build(
      new Map([
        ['a b/c  d', 1],
        [' x', 2],
      ]),
    );
    expect(decodeTree(encodeTree(tree))).toEqual(tree);
    expect(await nodes.list(tree)).toEqual([entry(' x', 2), entry('a b/c  d', 1)]);
    expect(decodeTree('')).toEqual([]);
  });
});

describe('paths', () => {
  it.each([
    ['', 'empty'],
    ['/etc/passwd', 'absolute'],
    ['../secret', '".."'],
    ['a/../../b', '".."'],
    ['a/./b', '"."'],
    ['a//b', 'empty'],
    ['a/', 'empty'],
    ['a\\b', 'backslash'],
    ['a\nb', 'control'],
    ['a\u0000b', 'control'],
    ['\uD800', 'Unicode'],
    ['x'.repeat(1025), '1024'],
    [`${'é'.repeat(200)}`, '255'],
  ])('refuses %j', (path, named) => expect(pathProblem(path)).toContain(named));

  it.each(['a', 'raw/2001-01.parquet', '.hidden', 'with space/ü.csv', '..a', 'a..b'])('takes %j', (path) =>
    expect(pathProblem(path)).toBeUndefined(),
  );

  it('knows folders and extensions', () => {
    expect(foldersOf('a/b/c.csv')).toEqual(['a', 'a/b']);
    expect(foldersOf('a')).toEqual([]);
    expect(['a/b.CSV', 'b.tar.gz', 'b', 'a.d/b'].map(extensionOf)).toEqual(['.csv', '.gz', '', '']);
  });
});

it.each([
  [undefined, undefined],
  ['bytes=0-9', { start: 0, end: 10 }],
  ['bytes=90-', { start: 90, end: 100 }],
  ['bytes=90-500', { start: 90, end: 100 }],
  ['bytes=-10', { start: 90, end: 100 }],
  ['bytes=-500', { start: 0, end: 100 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=9-3', undefined],
  ['bytes=0-1,5-6', undefined],
  ['rows=1-2', undefined],
  ['bytes=-', undefined],
])('reads the Range header %j of 100 bytes', (header, range) => expect(rangeOf(header, 100)).toEqual(range));

/** Tree nodes in memory. */
class Nodes {
  readonly #texts = new Map<string, string>();
  loaded = 0;

  readonly load: LoadLeaves = async (digests) => {
    this.loaded += digests.length;
    return new Map(digests.map((digest) => [digest, decodeLeaf(this.#texts.get(digest) ?? '')]));
  };

  keep(texts: ReadonlyMap<string, string>): void {
    for (const [digest, text] of texts) this.#texts.set(digest, text);
  }

  async change(tree: Tree, changes: ReadonlyMap<string, TreeEntry | null>): Promise<Tree> {
    const changed = await changeTree(tree, changes, this.load);
    this.keep(changed.written);
    return changed.tree;
  }

  /** Built in two steps, so that its history differs from that of another with the same files. */
  async build(files: ReadonlyMap<string, number>): Promise<Tree> {
    const all = [...files].map(([path, content]) => [path, entry(path, content)] as const);
    const half = await this.change([], new Map(all.slice(all.length / 2)));
    return this.change(half, new Map(all.slice(0, all.length / 2)));
  }

  async list(tree: Tree): Promise<TreeEntry[]> {
    const entries: TreeEntry[] = [];
    for await (const found of entriesOf(tree, this.load)) entries.push(found);
    return entries;
  }
}

function entry(path: string, content: number): TreeEntry {
  return { path, object: (content >>> 0).toString(16).padStart(64, '0'), sizeBytes: content >>> 0 };
}

function entriesIn(files: ReadonlyMap<string, number>): TreeEntry[] {
  return [...files].map(([path, content]) => entry(path, content)).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function randomBytes(size: number, seed: number): Buffer {
  const rng = seededRng(seed);
  const words = Uint32Array.from({ length: Math.ceil(size / 4) }, () => rng.int(2 ** 32));
  return Buffer.from(words.buffer, 0, size);
}

async function cut(bytes: Uint8Array, piece = 100_000): Promise<Uint8Array[]> {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunked(pieces())) chunks.push(chunk);
  return chunks;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
