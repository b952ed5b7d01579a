import { openAsBlob } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceFile } from './facts.ts';

/**
 * The folder of this machine that an artifact URI names; undefined for a bucket or another server.
 *
 * @param base what a relative path starts from
 * @param proxied folder of what MLflow's server keeps under `mlflow-artifacts:/`, when it is here
 */
export function folderOf(uri: string, base: string, proxied: string | undefined): string | undefined {
  if (uri.startsWith('mlflow-artifacts:')) {
    const path = uri.replace(/^mlflow-artifacts:(\/\/[^/]*)?\/*/, '');
    return proxied === undefined ? undefined : join(proxied, path);
  }
  if (uri.startsWith('file:'))
    return fileURLToPath(uri.startsWith('file:///') ? uri : `file://${resolve(base, uri.slice(5))}`);
  return /^[a-z][a-z0-9+.-]+:/i.test(uri) ? undefined : resolve(base, uri);
}

/** Every file below a folder, by path; none when there is no such folder. */
export async function* filesBelow(folder: string, below = ''): AsyncIterable<SourceFile> {
  const found = await readdir(join(folder, below), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  for (const item of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === '' ? item.name : `${below}/${item.name}`;
    if (item.isDirectory()) yield* filesBelow(folder, path);
    else if (item.isFile()) {
      const { size } = await stat(join(folder, path));
      yield { path, sizeBytes: size, read: () => openAsBlob(join(folder, path)) };
    }
  }
}
