import { isTrimtabError } from '#platform/kernel';
import { blobErrors } from './errors.ts';

/** Tells the operating system's refusals in our codes; others are passed on. */
export async function failing<T>(key: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isSystemError(error) ? unavailable(key, error) : error;
  }
}

export function unavailable(key: string, error: unknown) {
  if (isTrimtabError(error)) return error;
  if (codeOf(error) === 'ENOTDIR' || codeOf(error) === 'EISDIR' || codeOf(error) === 'EEXIST') {
    return blobErrors.BLOB_KEY_INVALID({ key, problem: 'it is a folder of another key, or another key is one of it' });
  }
  if (codeOf(error) === 'ENAMETOOLONG') {
    return blobErrors.BLOB_KEY_INVALID({ key: key.slice(0, 200), problem: 'a name is longer than the disk allows' });
  }
  const problem = error instanceof Error ? error.message : String(error);
  return blobErrors.BLOB_UNAVAILABLE({ key, problem }, error);
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** The data of a caller may fail too, and its errors are his. */
function isSystemError(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).syscall !== undefined;
}
