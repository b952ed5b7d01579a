import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sha256 } from '#platform/digest';
import type { Clock } from '#platform/kernel';
import { PreparationProblem } from './preparation-problem.ts';

/** A file changed so recently that it may change again within the same tick of the file system's clock. */
const RACY_MS = 2_000;
const MAX_REMEMBERED = 50_000;
/** A folder of more files is one part of the key, not one for each file. */
const MAX_LISTED = 200;
const NOT_CODE = new Set(['.git', '.hg', '.svn', 'node_modules', '__pycache__', '.venv', '.trimtab', '.DS_Store']);

/**
 * Digests of files of code. A file is read again only when its identity, size or times changed, as git does it, and
 * when it was changed so recently that its time may not tell.
 */
export class FileDigests {
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly stamp: string; readonly digest: string }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The digest of each file that some paths name, by path relative to `base`. Folders count with all they hold, but
   * for version control, caches and installed packages. An executable file has another digest than the same text not so.
   *
   * @throws PreparationProblem for a path that does not exist
   */
  async ofCode(base: string, paths: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const found: Record<string, string> = {};
    for (const path of paths) {
      const files = await this.#files(resolve(base, path), path);
      if (files.length <= MAX_LISTED) {
        for (const file of files) found[nameOf(base, file)] = await this.of(file);
      } else {
        const hash = createHash('sha256');
        for (const file of files)
          hash.update(JSON.stringify([relative(resolve(base, path), file), await this.of(file)]));
        found[`${path.replace(/\/+$/, '')}/`] = hash.digest('hex');
      }
    }
    return found;
  }

  /** The digest of one file. */
  async of(file: string): Promise<string> {
    const about = await stat(file, { bigint: true });
    const stamp = [about.dev, about.ino, about.size, about.mtimeNs, about.ctimeNs, about.mode].join(' ');
    const known = this.#known.get(file);
    if (known?.stamp === stamp) return known.digest;
    const digest = (await digestOfFile(file)) + ((about.mode & 0o111n) === 0n ? '' : '+x');
    const settled = this.#clock.now() - Number(about.mtimeMs) > RACY_MS;
    if (settled) {
      if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
      this.#known.set(file, { stamp, digest });
    }
    return digest;
  }

  /** All files a path names, in the order of their paths. */
  async #files(path: string, named: string): Promise<readonly string[]> {
    const about = await stat(path).catch((error: unknown) => {
      throw new PreparationProblem(`Its code "${named}" cannot be read at ${path}.`, error);
    });
    if (!about.isDirectory()) return [path];
    const files: string[] = [];
    await collect(path, new Set([await realpath(path)]), files);
    return files.sort();
  }
}

/** The SHA-256 of a file's bytes, read in pieces. */
export async function digestOfFile(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    return size <= 1 << 20 ? sha256(await handle.readFile()) : await hashed(handle);
  } finally {
    await handle.close();
  }
}

async function hashed(handle: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream('', { fd: handle, autoClose: false }), hash);
  return hash.digest('hex');
}

async function collect(folder: string, seen: Set<string>, files: string[]): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (NOT_CODE.has(entry.name) || entry.name.endsWith('.pyc')) continue;
    const path = join(folder, entry.name);
    const about = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
    if (about?.isFile()) files.push(path);
    if (!about?.isDirectory()) continue;
    // A link back to a folder above would never end.
    const real = await realpath(path);
    if (seen.has(real)) continue;
    seen.add(real);
    await collect(path, seen, files);
  }
}

/** A path as people know it: inside the base folder relative to it, elsewhere as it is. */
function nameOf(base: string, file: string): string {
  const inside = relative(base, file);
  return inside.startsWith('..') || isAbsolute(inside) ? file : inside || basename(file);
}
