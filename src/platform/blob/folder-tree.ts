import type { Dirent } from 'node:fs';
import { mkdir, open, readdir, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { newId, systemClock, systemRng } from '#platform/kernel';
import { placeFile, writeDurably } from './atomic-file.ts';
import { codeOf, failing, isMissing } from './file-errors.ts';
import type { FileTree, OpenFile, Removed, TreeEntry, TreeFile } from './file-tree.ts';
import { readFile } from './read-file.ts';
import { assertTreePath, refusedPath } from './tree-path.ts';

const UNFINISHED = /^\.trimtab-[0-9a-f]{32}\.part$/;

export interface FolderTreeOptions {
  /** Files and folders that are never shown or written, wherever the tree's root or a link leads. */
  readonly except?: readonly string[];
}

/**
 * Files in a folder that others may write too. A file is written beside its place under a hidden name, forced to disk
 * and then renamed. A link that leads out of the folder is as if it were not there.
 */
export class FolderTree implements FileTree {
  readonly #folder: string;
  readonly #except: readonly string[];
  readonly #rng = systemRng();

  constructor(folder: string, options: FolderTreeOptions = {}) {
    this.#folder = resolve(folder);
    this.#except = (options.except ?? []).map((path) => resolve(path));
  }

  async put(path: string, data: Uint8Array | AsyncIterable<Uint8Array>): Promise<TreeFile> {
    assertTreePath(path);
    const target = await this.#writable(path);
    const temporary = join(dirname(target), `.trimtab-${newId(systemClock, this.#rng)}.part`);
    try {
      const sizeBytes = await failing(path, writeDurably(temporary, data));
      await failing(path, placeFile(temporary, target));
      return { path, sizeBytes, modifiedAtMs: systemClock.now(), digest: null };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async open(path: string): Promise<OpenFile | undefined> {
    assertTreePath(path);
    const real = await this.#real(path);
    const found = real === undefined ? undefined : await failing(path, stat(real));
    if (!found?.isFile()) return undefined;
    const file = { path, sizeBytes: found.size, modifiedAtMs: Math.round(found.mtimeMs), digest: null };
    return { file, read: async (range) => readFile(await failing(path, open(real ?? '', 'r')), range) };
  }

  async list(folder: string): Promise<readonly TreeEntry[]> {
    assertTreePath(folder, 'or-root');
    const entries: TreeEntry[] = [];
    for (const { name } of await this.#names(folder)) {
      const real = await this.#real(folder === '' ? name : `${folder}/${name}`);
      const found = real === undefined ? undefined : await stat(real).catch(() => undefined);
      if (found?.isDirectory()) entries.push({ name, sizeBytes: null });
      else if (found?.isFile()) entries.push({ name, sizeBytes: found.size });
    }
    return entries;
  }

  async *walk(folder: string): AsyncIterable<TreeFile> {
    for (const { name, sizeBytes } of await this.list(folder)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (sizeBytes === null) {
        // A link to a folder is shown and not followed: it may lead in a circle.
        if (!(await this.#isLink(path))) yield* this.walk(path);
      } else {
        const opened = await this.open(path);
        if (opened) yield opened.file;
      }
    }
  }

  async remove(path: string): Promise<Removed> {
    assertTreePath(path, 'or-root');
    const real = await this.#real(path);
    if (real === undefined) return { files: 0, bytes: 0 };
    const opened = path === '' ? undefined : await this.open(path);
    let sum: Removed = opened ? { files: 1, bytes: opened.file.sizeBytes } : { files: 0, bytes: 0 };
    if (!opened) {
      for await (const { sizeBytes } of this.walk(path)) sum = { files: sum.files + 1, bytes: sum.bytes + sizeBytes };
    }
    const gone = path === '' ? (await this.#names('')).map(({ name }) => name) : [path];
    for (const each of gone) {
      const whole = await this.#real(each);
      for (const hidden of this.#except) {
        if (whole && isWithin(hidden, whole)) throw refusedPath(each, 'it holds files of the server');
      }
    }
    // The link goes, not what it leads to.
    for (const each of gone) await failing(path, rm(join(this.#folder, each), { recursive: true, force: true }));
    return sum;
  }

  async #names(folder: string): Promise<Dirent[]> {
    const real = await this.#real(folder);
    if (real === undefined) return [];
    try {
      const found = await readdir(real, { withFileTypes: true });
      return found.filter(({ name }) => !UNFINISHED.test(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      if (isMissing(error)) return [];
      return failing(folder, Promise.reject(error));
    }
  }

  async #isLink(path: string): Promise<boolean> {
    const [real, parent] = [await this.#real(path), await this.#real(dirname(path) === '.' ? '' : dirname(path))];
    return real !== join(parent ?? '', path.slice(path.lastIndexOf('/') + 1));
  }

  /** Where a path really is; undefined when it is not there or outside. */
  async #real(path: string): Promise<string | undefined> {
    try {
      const root = await realpath(this.#folder);
      const real = await realpath(join(root, path));
      if (!isWithin(real, root)) return undefined;
      for (const hidden of this.#except)
        if (isWithin(real, await realpath(hidden).catch(() => hidden))) return undefined;
      return real;
    } catch (error) {
      if (isMissing(error) || codeOf(error) === 'ELOOP' || codeOf(error) === 'ENAMETOOLONG') return undefined;
      return failing(path, Promise.reject(error));
    }
  }

  /** Where a file is to be written; its folders are made. */
  async #writable(path: string): Promise<string> {
    const target = join(this.#folder, path);
    // What is made must not lie under a link that leads out, so the deepest folder that exists is looked at first.
    let known = dirname(target);
    while (known.length > this.#folder.length && !(await exists(known))) known = dirname(known);
    if (known.length > this.#folder.length && (await this.#real(known.slice(this.#folder.length + 1))) === undefined) {
      throw refusedPath(path, 'it leads out of its folder');
    }
    for (const hidden of this.#except)
      if (isWithin(target, hidden)) throw refusedPath(path, 'it leads into the files of the server');
    await failing(path, mkdir(dirname(target), { recursive: true }));
    const real = await this.#real(path.includes('/') ? dirname(path) : '');
    if (real === undefined) throw refusedPath(path, 'it leads out of its folder');
    const found = await stat(target).catch(() => undefined);
    if (found?.isDirectory()) throw refusedPath(path, 'it is a folder');
    return join(real, path.slice(path.lastIndexOf('/') + 1));
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
