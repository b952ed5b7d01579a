import { sha256 } from '#platform/digest';
import type { Sql } from '#platform/sql';
import {
  type ChangedTree,
  changeTree,
  decodeLeaf,
  decodeTree,
  encodeTree,
  type LoadLeaves,
  type Tree,
  type TreeChanges,
  type TreeEntry,
} from './core/tree.ts';
import type { ObjectStore } from './store/object-store.ts';

/** A changed tree, ready to be stored with the commit that holds it. */
export interface NewTree {
  readonly id: string;
  readonly tree: Tree;
  readonly nodes: ReadonlyMap<string, string>;
  /** Paths that were to be taken away and are not there. */
  readonly missing: readonly string[];
}

const CACHED_LEAVES = 1024;

/** Trees of commits in the database, with the leaves used last in memory: a node never changes under its digest. */
export class Trees {
  readonly #store: ObjectStore;
  readonly #leaves = new Map<string, readonly TreeEntry[]>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async load(id: string): Promise<Tree> {
    const text = id === EMPTY_TREE ? '' : (await this.#store.findNodes([id])).get(id);
    if (text === undefined) throw new Error(`tree ${id} is not stored`);
    return decodeTree(text);
  }

  async change(from: Tree, changes: TreeChanges): Promise<NewTree> {
    const { tree, written, missing }: ChangedTree = await changeTree(from, changes, this.leaves);
    const text = encodeTree(tree);
    const id = sha256(text);
    return { id, tree, nodes: new Map([...written, [id, text]]), missing };
  }

  store(tx: Sql, tree: NewTree): Promise<void> {
    return this.#store.addNodes(tx, tree.nodes);
  }

  readonly leaves: LoadLeaves = async (digests) => {
    const found = new Map<string, readonly TreeEntry[]>();
    for (const digest of digests) {
      const known = this.#leaves.get(digest);
      if (known) found.set(digest, known);
    }
    const absent = digests.filter((digest) => !found.has(digest));
    for (const [digest, text] of await this.#store.findNodes(absent)) {
      const entries = decodeLeaf(text);
      found.set(digest, entries);
      this.#remember(digest, entries);
    }
    const lost = digests.find((digest) => !found.has(digest));
    if (lost) throw new Error(`tree node ${lost} is not stored`);
    return found;
  };

  /** As {@link leaves}, over stored nodes and some that are about to be stored. */
  leavesWith(nodes: ReadonlyMap<string, string>): LoadLeaves {
    const fresh = new Map<string, readonly TreeEntry[]>();
    return async (digests) => {
      const found = new Map(await this.leaves(digests.filter((digest) => !nodes.has(digest))));
      for (const digest of digests) {
        const text = nodes.get(digest);
        if (text === undefined) continue;
        const entries = fresh.get(digest) ?? decodeLeaf(text);
        fresh.set(digest, entries);
        found.set(digest, entries);
      }
      return found;
    };
  }

  #remember(digest: string, entries: readonly TreeEntry[]): void {
    this.#leaves.set(digest, entries);
    if (this.#leaves.size <= CACHED_LEAVES) return;
    const oldest = this.#leaves.keys().next().value;
    if (oldest !== undefined) this.#leaves.delete(oldest);
  }
}

/** The id of the tree without entries. */
export const EMPTY_TREE = sha256('');
