import { blobErrors } from './errors.ts';

const MAX_KEY_BYTES = 900;
const MAX_NAME_BYTES = 255;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const FORBIDDEN = /[\\\u0000-\u001f\u007f]/;

/** Checks a key so that it means the same object, and nothing else, in every kind of storage. */
export function assertKey(key: string): void {
  const problem = problemOf(key);
  if (problem) throw blobErrors.BLOB_KEY_INVALID({ key: key.slice(0, 200), problem });
}

function problemOf(key: string): string | undefined {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `it is longer than ${MAX_KEY_BYTES} bytes`;
  if (FORBIDDEN.test(key)) return 'it holds a backslash or a control character';
  for (const name of key.split('/')) {
    if (name === '') return 'a name between slashes is empty';
    if (name.startsWith('.')) return `the name "${name}" starts with a dot`;
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `a name is longer than ${MAX_NAME_BYTES} bytes`;
  }
  return undefined;
}
