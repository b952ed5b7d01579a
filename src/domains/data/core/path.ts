const MAX_PATH_LENGTH = 1024;
const MAX_NAME_BYTES = 255;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Why a path cannot name a file of a repository; undefined when it can. */
export function pathProblem(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (path.length > MAX_PATH_LENGTH) return `it is longer than ${MAX_PATH_LENGTH} characters`;
  if (!path.isWellFormed()) return 'it is not well-formed Unicode';
  if (CONTROL.test(path)) return 'it holds a control character';
  if (path.includes('\\')) return 'it holds a backslash; join names with /';
  if (path.startsWith('/')) return 'it is absolute; leave the first / away';
  for (const name of path.split('/')) {
    if (name === '') return 'a name between slashes is empty';
    if (name === '.' || name === '..') return `the name "${name}" is not allowed in it`;
    if (new TextEncoder().encode(name).length > MAX_NAME_BYTES)
      return `a name in it is longer than ${MAX_NAME_BYTES} bytes`;
  }
  return undefined;
}

/** The folders a path lies in, outermost first: `a/b/c` gives `a`, `a/b`. */
export function foldersOf(path: string): readonly string[] {
  const names = path.split('/');
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'));
}

/** The file's extension with its dot, in lower case; empty when it has none. */
export function extensionOf(path: string): string {
  return /\.[A-Za-z0-9]{1,16}$/.exec(path)?.[0].toLowerCase() ?? '';
}
