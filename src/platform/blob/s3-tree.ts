import type { FileTree, OpenFile, Removed, SignedLeave, TreeEntry, TreeFile } from './file-tree.ts';
import { S3Bucket, type S3Object, type S3Options } from './s3-bucket.ts';
import { assertTreePath } from './tree-path.ts';

/**
 * Files of an S3 bucket, by their keys below a prefix. Here a name can be a file and a folder at once; keys that no path
 * can name, e.g. with an empty part, are left out.
 */
export class S3Tree implements FileTree {
  readonly #bucket: S3Bucket;

  constructor(options: S3Options) {
    this.#bucket = new S3Bucket(options);
  }

  async put(path: string, data: Uint8Array | AsyncIterable<Uint8Array>): Promise<TreeFile> {
    assertTreePath(path);
    const { sizeBytes } = await this.#bucket.put(path, data);
    const stored = await this.#bucket.head(path);
    return { path, sizeBytes, modifiedAtMs: stored?.modifiedAtMs ?? 0, digest: null };
  }

  async open(path: string): Promise<OpenFile | undefined> {
    assertTreePath(path);
    const found = await this.#bucket.head(path);
    return found && { file: fileOf(found), read: (range) => this.#bucket.read(path, range) };
  }

  async list(folder: string): Promise<readonly TreeEntry[]> {
    assertTreePath(folder, 'or-root');
    const prefix = folder === '' ? '' : `${folder}/`;
    const entries: TreeEntry[] = [];
    for await (const { objects, folders } of this.#bucket.pages(prefix, '/')) {
      for (const { key, sizeBytes } of objects) {
        // A key that ends with a slash is a mark that some tools leave for an empty folder.
        if (key !== prefix) entries.push({ name: key.slice(prefix.length), sizeBytes });
      }
      for (const key of folders) entries.push({ name: key.slice(prefix.length, -1), sizeBytes: null });
    }
    return entries.filter(({ name }) => name !== '').sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async *walk(folder: string): AsyncIterable<TreeFile> {
    assertTreePath(folder, 'or-root');
    for await (const { objects } of this.#bucket.pages(folder === '' ? '' : `${folder}/`)) {
      for (const object of objects) if (isPath(object.key)) yield fileOf(object);
    }
  }

  async sign(path: string, leave: SignedLeave): Promise<string> {
    assertTreePath(path);
    return this.#bucket.sign(path, leave);
  }

  async remove(path: string): Promise<Removed> {
    assertTreePath(path, 'or-root');
    let sum: Removed = { files: 0, bytes: 0 };
    const gone: S3Object[] = [];
    const file = path === '' ? undefined : await this.#bucket.head(path);
    if (file) gone.push(file);
    for await (const { objects } of this.#bucket.pages(path === '' ? '' : `${path}/`)) gone.push(...objects);
    for (const { key, sizeBytes } of gone) {
      await this.#bucket.delete(key);
      sum = { files: sum.files + 1, bytes: sum.bytes + sizeBytes };
    }
    return sum;
  }
}

function fileOf({ key, sizeBytes, modifiedAtMs }: S3Object): TreeFile {
  return { path: key, sizeBytes, modifiedAtMs, digest: null };
}

function isPath(key: string): boolean {
  return key.split('/').every((name) => name !== '' && name !== '.' && name !== '..');
}
