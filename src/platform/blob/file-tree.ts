import type { Readable } from 'node:stream';
import type { ByteRange } from './blob-store.ts';

export interface TreeFile {
  /** Names joined by `/`, from the root of the tree. */
  readonly path: string;
  readonly sizeBytes: number;
  /** When it was stored, ms since the epoch. */
  readonly modifiedAtMs: number;
  /** SHA-256 of its bytes, 64 hex digits; null where others may write the file too. */
  readonly digest: string | null;
}

/** A file as it was when it was opened. */
export interface OpenFile {
  readonly file: TreeFile;
  /** Its bytes, or a range of them that is cut at the end. */
  read(range?: ByteRange): Promise<Readable>;
}

/** What a folder holds directly. */
export interface TreeEntry {
  readonly name: string;
  /** Null for a folder. */
  readonly sizeBytes: number | null;
}

export interface Removed {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Files by path, in folders. Unlike a key of a {@link BlobStore} a path may hold any name that a file can have, and
 * others may write the same files. The root is the path ''.
 *
 * Guarantees: `put` is atomic and durable like that of a BlobStore. Folders are there while they hold something; an
 * empty one may be listed. A name is a file or a folder where the storage can tell.
 */
export interface FileTree {
  /** @throws BLOB_KEY_INVALID for what is no path, or a folder, or lies below a file; BLOB_UNAVAILABLE */
  put(path: string, data: Uint8Array | AsyncIterable<Uint8Array>): Promise<TreeFile>;
  /** Undefined for what is not there, and for a folder. */
  open(path: string): Promise<OpenFile | undefined>;
  /** By name; empty for what is not there, and for a file. */
  list(folder: string): Promise<readonly TreeEntry[]>;
  /** Every file below a folder. */
  walk(folder: string): AsyncIterable<TreeFile>;
  /** Deletes a file, or a folder with everything in it; nothing when there is none. */
  remove(path: string): Promise<Removed>;
  /** An address at which whoever has it reads or writes one file for a while, past this server; where there are such. */
  sign?(path: string, leave: SignedLeave): Promise<string>;
}

export interface SignedLeave {
  readonly to: 'read' | 'write';
  readonly seconds: number;
  /** What a writer must say the file is. */
  readonly contentType?: string;
}

/** The part of a tree below a folder, as a tree of its own. */
export function subtree(tree: FileTree, folder: string): FileTree {
  if (folder === '') return tree;
  const below = (path: string) => (path === '' ? folder : `${folder}/${path}`);
  const sign = tree.sign?.bind(tree);
  const shorten = (file: TreeFile): TreeFile => ({ ...file, path: file.path.slice(folder.length + 1) });
  return {
    put: async (path, data) => shorten(await tree.put(below(path), data)),
    async open(path) {
      const opened = await tree.open(below(path));
      return opened && { file: shorten(opened.file), read: opened.read };
    },
    list: (path) => tree.list(below(path)),
    async *walk(path) {
      for await (const file of tree.walk(below(path))) yield shorten(file);
    },
    remove: (path) => tree.remove(below(path)),
    ...(sign && { sign: (path, leave) => sign(below(path), leave) }),
  };
}
