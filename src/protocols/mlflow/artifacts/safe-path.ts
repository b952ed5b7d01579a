import { invalid } from '../errors.ts';

const MAX_DECODINGS = 10;

/**
 * A path of a client as a path in a tree: decoded until it stays the same, as MLflow does, so that nothing is hidden in
 * it, with control characters written as `%` and two digits, and without empty parts.
 *
 * @throws MlflowError "Invalid path" for one that is absolute, climbs, or could be read as something else
 */
export function safePath(text: string): string {
  let path = text;
  for (let decodings = 0; ; decodings++) {
    const decoded = unquote(path);
    if (decoded === path) break;
    if (decodings === MAX_DECODINGS) throw invalid('Invalid path');
    path = decoded;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
  path = path.replace(/[\u0000-\u001f\u007f]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
  if (/^file:/i.test(path)) path = path.replace(/^file:(\/\/[^/]*)?/i, '');
  const absolute = path.startsWith('/') || /^[a-z]:[\\/]/i.test(path) || path.startsWith('\\\\');
  if (path.includes('#') || absolute || path.split('/').includes('..') || !path.isWellFormed()) {
    throw invalid('Invalid path');
  }
  return path
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .join('/');
}

/** Decodes what can be decoded, and leaves the rest as it is. */
function unquote(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (codes) => Buffer.from(codes.replaceAll('%', ''), 'hex').toString());
}

/** The last name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
