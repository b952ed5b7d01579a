import { httpErrors } from './errors.ts';

/** Nesting beyond this is nobody's data; recursive code must not meet it. */
const MAX_DEPTH = 100;

/** Escapes that may stand for what {@link problemOf} refuses, and numbers that may exceed what a double can hold. */
const SUSPICIOUS = /\\u(?:0000|[dD][89a-fA-F])|[eE]\+?\d{3}|\d{300}/;

/**
 * Checks that JSON holds only what every database, file and answer can carry. The text is looked at first, as almost no
 * request has anything in it that calls for a closer look at the values.
 *
 * @throws HTTP_INVALID naming the property at fault
 */
export function assertSoundJson(text: string, value: unknown): void {
  if (SUSPICIOUS.test(text) || mayBeDeep(text)) assertSound(value);
}

/** The same for the texts of a path or query. */
export function assertSoundTexts(where: string, texts: object): void {
  for (const name in texts) {
    const value: unknown = texts[name as keyof typeof texts];
    const problem = (Array.isArray(value) ? value.map(problemOf).find(Boolean) : problemOf(value)) ?? problemOf(name);
    if (problem) throw httpErrors.HTTP_INVALID({ where: `${where}.${name}`, problem });
  }
}

/** Counts brackets within texts too: it may say yes where {@link assertSound} then finds nothing. */
function mayBeDeep(text: string): boolean {
  // What opens is closed again.
  if (text.length <= 2 * MAX_DEPTH) return false;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x5b || code === 0x7b) {
      if (++depth > MAX_DEPTH) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
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
