import { blobErrors } from './errors.ts';

const MAX_PATH_BYTES = 2000;

/** Checks the path of a file in a tree; the root is '' and must be asked for. @throws BLOB_KEY_INVALID */
export function assertTreePath(path: string, root: 'or-root' | 'file' = 'file'): void {
  if (path === '' && root === 'or-root') return;
  const problem = problemOf(path);
  if (problem) throw refusedPath(path, problem);
}

export function refusedPath(path: string, problem: string) {
  return blobErrors.BLOB_KEY_INVALID({ key: path.slice(0, 200), problem });
}

function problemOf(path: string): string | undefined {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `it is longer than ${MAX_PATH_BYTES} bytes`;
  if (path.includes('\0') || !path.isWellFormed()) return 'it holds what no storage can keep';
  for (const name of path.split('/')) {
    if (name === '') return 'a name between slashes is empty';
    if (name === '.' || name === '..') return `"${name}" is no name`;
  }
  return undefined;
}
