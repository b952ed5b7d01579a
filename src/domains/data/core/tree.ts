import { sha256 } from '#platform/digest';

/** A file of a commit. */
export interface TreeEntry {
  readonly path: string;
  /** SHA-256 of its bytes. */
  readonly object: string;
  readonly sizeBytes: number;
}

/** A run of entries in path order, stored under the digest of its text. */
interface Leaf {
  readonly digest: string;
  readonly entries: number;
  readonly sizeBytes: number;
  /** Its last path. */
  readonly last: string;
}

/** The leaves of a tree in path order. The tree's id is the digest of their list. */
export type Tree = readonly Leaf[];

/** Gives the entries of leaves, by digest. */
export type LoadLeaves = (digests: readonly string[]) => Promise<ReadonlyMap<string, readonly TreeEntry[]>>;

/** What becomes of paths: an entry to put there, or null to take away what is there. */
export type TreeChanges = ReadonlyMap<string, TreeEntry | null>;

export interface ChangedTree {
  readonly tree: Tree;
  /** Texts of the leaves that are new, by digest. */
  readonly written: ReadonlyMap<string, string>;
  /** Paths that were to be taken away and are not there. */
  readonly missing: readonly string[];
}

export interface EntryChange {
  readonly path: string;
  readonly from: TreeEntry | undefined;
  readonly to: TreeEntry | undefined;
}

/** A leaf ends after a path whose hash matches this mask: 256 entries on average. */
const LEAF_MASK = 255;
/** Leaves loaded at a time while comparing. */
const BATCH = 64;

/** Ends the leaf after this path? Depends on the path alone, so equal sets of files have equal trees whatever their history. */
function endsLeaf(path: string): boolean {
  // FNV-1a, then the finaliser of MurmurHash3: its low bits depend on every character.
  let hash = 0x811c9dc5;
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) & LEAF_MASK) === 0;
}

/** Applies changes; only leaves that hold or border on a changed path are loaded and written. */
export async function changeTree(tree: Tree, changes: TreeChanges, load: LoadLeaves): Promise<ChangedTree> {
  const paths = [...changes.keys()].sort(byText);
  const known = new Set(tree.map((leaf) => leaf.digest));
  const leaves: Leaf[] = [];
  const written = new Map<string, string>();
  const missing: string[] = [];
  let open: TreeEntry[] = [];
  let next = 0;
  const close = () => {
    if (open.length === 0) return;
    const text = encodeLeaf(open);
    const leaf = leafOf(open, text);
    if (!known.has(leaf.digest)) written.set(leaf.digest, text);
    leaves.push(leaf);
    open = [];
  };
  const add = (entry: TreeEntry) => {
    open.push(entry);
    if (endsLeaf(entry.path)) close();
  };
  for (const [index, leaf] of tree.entries()) {
    const isLast = index === tree.length - 1;
    const from = next;
    while (next < paths.length && (isLast || (paths[next] as string) <= leaf.last)) next++;
    const touching = paths.slice(from, next);
    if (touching.length === 0 && open.length === 0) {
      leaves.push(leaf);
      continue;
    }
    const entries = (await load([leaf.digest])).get(leaf.digest) ?? [];
    for (const entry of merged(entries, touching, changes, missing)) add(entry);
  }
  if (tree.length === 0) for (const entry of merged([], paths, changes, missing)) add(entry);
  close();
  return { tree: leaves, written, missing };
}

function* merged(
  entries: readonly TreeEntry[],
  paths: readonly string[],
  changes: TreeChanges,
  missing: string[],
): Generator<TreeEntry> {
  let at = 0;
  for (const path of paths) {
    while (at < entries.length && (entries[at] as TreeEntry).path < path) yield entries[at++] as TreeEntry;
    const replaces = entries[at]?.path === path;
    if (replaces) at++;
    const entry = changes.get(path);
    if (entry) yield entry;
    else if (!replaces) missing.push(path);
  }
  yield* entries.slice(at);
}

/** What differs between two trees, in path order. Leaves that both have are not loaded. */
export async function* compareTrees(from: Tree, to: Tree, load: LoadLeaves): AsyncGenerator<EntryChange> {
  const inFrom = new Set(from.map((leaf) => leaf.digest));
  const inTo = new Set(to.map((leaf) => leaf.digest));
  const before = entriesOf(
    from.filter((leaf) => !inTo.has(leaf.digest)),
    load,
  );
  const after = entriesOf(
    to.filter((leaf) => !inFrom.has(leaf.digest)),
    load,
  );
  let old = await before.next();
  let fresh = await after.next();
  while (!old.done || !fresh.done) {
    const oldPath = old.done ? undefined : old.value.path;
    const freshPath = fresh.done ? undefined : fresh.value.path;
    if (freshPath === undefined || (oldPath !== undefined && oldPath < freshPath)) {
      yield { path: oldPath as string, from: old.value, to: undefined };
      old = await before.next();
    } else if (oldPath === undefined || freshPath < oldPath) {
      yield { path: freshPath, from: undefined, to: fresh.value };
      fresh = await after.next();
    } else {
      if (old.value?.object !== fresh.value?.object) yield { path: oldPath, from: old.value, to: fresh.value };
      old = await before.next();
      fresh = await after.next();
    }
  }
}

/** Entries of a tree in path order, from the first path that is `from` or later. */
export async function* entriesOf(tree: Tree, load: LoadLeaves, from = ''): AsyncGenerator<TreeEntry, undefined> {
  const leaves = tree.filter((leaf) => leaf.last >= from);
  for (let at = 0; at < leaves.length; at += BATCH) {
    const batch = leaves.slice(at, at + BATCH);
    const loaded = await load(batch.map((leaf) => leaf.digest));
    for (const leaf of batch) {
      for (const entry of loaded.get(leaf.digest) ?? []) if (entry.path >= from) yield entry;
    }
  }
  return undefined;
}

export async function findEntry(tree: Tree, load: LoadLeaves, path: string): Promise<TreeEntry | undefined> {
  const leaf = tree.find((candidate) => candidate.last >= path);
  if (!leaf) return undefined;
  return (await load([leaf.digest])).get(leaf.digest)?.find((entry) => entry.path === path);
}

/** Text of a leaf: a line an entry, `<object> <size> <path>`. Paths hold no line ends. */
function encodeLeaf(entries: readonly TreeEntry[]): string {
  return entries.map((entry) => `${entry.object} ${entry.sizeBytes} ${entry.path}\n`).join('');
}

export function decodeLeaf(text: string): readonly TreeEntry[] {
  return linesOf(text).map((line) => {
    const [object, size, path] = fields(line, 3) as [string, string, string];
    return { path, object, sizeBytes: Number(size) };
  });
}

/** Text of a tree: a line a leaf, `<digest> <entries> <size> <last path>`. Its digest is the tree's id. */
export function encodeTree(tree: Tree): string {
  return tree.map((leaf) => `${leaf.digest} ${leaf.entries} ${leaf.sizeBytes} ${leaf.last}\n`).join('');
}

export function decodeTree(text: string): Tree {
  return linesOf(text).map((line) => {
    const [digest, entries, size, last] = fields(line, 4) as [string, string, string, string];
    return { digest, entries: Number(entries), sizeBytes: Number(size), last };
  });
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.slice(0, -1).split('\n');
}

/** The first fields of a line, parted by spaces; the last one is the rest, spaces included. */
function fields(line: string, count: number): readonly string[] {
  const parts = line.split(' ');
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(' ')];
}

function leafOf(entries: readonly TreeEntry[], text: string): Leaf {
  return {
    digest: sha256(text),
    entries: entries.length,
    sizeBytes: entries.reduce((sum, entry) => sum + entry.sizeBytes, 0),
    last: entries.at(-1)?.path ?? '',
  };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
