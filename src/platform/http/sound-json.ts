import { httpErrors } from './errors.ts';

/** Nesting beyond this is nobody's data; recursive code must not meet it. */
const MAX_DEPTH = 100;

/**
 * Checks that JSON holds only what every database, file and answer can carry. Almost every request passes a quick look;
 * another is looked at once more for what to tell.
 *
 * @throws HTTP_INVALID naming the property at fault
 */
export function assertSoundJson(text: string, value: unknown): void {
  // Without an escape no text can hold what JSON in UTF-8 cannot.
  if (!isSound(value, 0, text.includes('\\u'))) assertSound(value);
}

function isSound(value: unknown, depth: number, escaped: boolean): boolean {
  if (depth > MAX_DEPTH) return false;
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'number' ? Number.isFinite(value) : !escaped || problemOf(value) === undefined;
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isSound(value[i], depth + 1, escaped)) return false;
    return true;
  }
  for (const name in value) {
    if (escaped && problemOf(name)) return false;
    if (!isSound(value[name as keyof typeof value], depth + 1, escaped)) return false;
  }
  return true;
}

/** The same for the texts of a path or query. */
export function assertSoundTexts(where: string, texts: object): void {
  for (const name in texts) {
    const value: unknown = texts[name as keyof typeof texts];
    const problem = (Array.isArray(value) ? value.map(problemOf).find(Boolean) : problemOf(value)) ?? problemOf(name);
    if (problem) throw httpErrors.HTTP_INVALID({ where: `${where}.${name}`, problem });
  }
}

/** Walks without recursion, as depth is one of the things it looks for. */
function assertSound(body: unknown): void {
  const open: { readonly value: unknown; readonly path: string; readonly depth: number }[] = [
    { value: body, path: 'body', depth: 0 },
  ];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, path, depth } = next;
    const problem = depth > MAX_DEPTH ? `is nested more than ${MAX_DEPTH} levels deep` : problemOf(value);
    if (problem) throw httpErrors.HTTP_INVALID({ where: shortened(path), problem });
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, inner] of Object.entries(value)) {
      const badName = problemOf(name);
      if (badName) throw httpErrors.HTTP_INVALID({ where: shortened(path), problem: `has a name that ${badName}` });
      open.push({ value: inner, path: `${path}.${name}`, depth: depth + 1 });
    }
  }
}

function problemOf(value: unknown): string | undefined {
  if (typeof value === 'string') {
    if (value.includes('\0')) return 'holds the character U+0000, which text may not hold. Take it out';
    if (!value.isWellFormed()) return 'holds half of a surrogate pair, which is not a character. Take it out';
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return 'is a number too large to be kept';
  return undefined;
}

/** A path as it is told in a message. */
export function shortened(path: string): string {
  return path.length > 200 ? `${path.slice(0, 200)}…` : path;
}
