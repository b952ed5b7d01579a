export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'sign' | 'end' | 'unreadable';
  /** The content of a string, the key of a name; else as written. */
  readonly text: string;
  /** What stands before the first dot of a name, if it has one. */
  readonly entity?: string;
  /** As it was written. */
  readonly raw: string;
  /** Where it starts, counted from 0. */
  readonly at: number;
}

const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_])/uy;
const WORD = /[\p{L}_][\p{L}\p{N}_.\-/:]*/uy;
const KEY = /[\p{L}\p{N}_.\-/:]+/uy;
const SIGN = /!=|>=|<=|=|>|<|\(|\)|,/y;
const SPACE = /\s+/y;

/**
 * Cuts a search into tokens, the last of kind `end`. What cannot be read ends it, as a token of kind `unreadable`.
 *
 * A name is `key` or `entity.key`, parted at the first dot; either part may stand in back-quotes, and the key in
 * double quotes too; so may the rest of a key behind a further dot, as in `span.attributes.` and then a name in
 * back-quotes. Strings stand in single or double quotes. A quote inside is doubled.
 */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = match(SPACE, text, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const token = readToken(text, at);
    tokens.push(token);
    if (token.kind === 'unreadable') return tokens;
    at += token.raw.length;
  }
  tokens.push({ kind: 'end', text: '', raw: '', at });
  return tokens;
}

function readToken(text: string, at: number): Token {
  const first = text.charAt(at);
  if (first === '`') return readQuotedName(text, at);
  if (first === "'" || first === '"') {
    const quoted = readQuoted(text, at);
    return quoted ? { kind: 'string', text: quoted.content, raw: quoted.raw, at } : unreadable(text, at);
  }
  for (const [kind, pattern] of [
    ['number', NUMBER],
    ['sign', SIGN],
  ] as const) {
    const found = match(pattern, text, at);
    if (found !== undefined) return { kind, text: found, raw: found, at };
  }
  const word = match(WORD, text, at);
  return word === undefined ? unreadable(text, at) : readName(text, at, word);
}

function readName(text: string, at: number, word: string): Token {
  const dot = word.indexOf('.');
  if (dot < 0) return { kind: 'name', text: word, raw: word, at };
  const entity = word.slice(0, dot);
  const key = word.slice(dot + 1);
  // `metrics.` ends a word when the key behind it stands in quotes.
  const end = at + word.length;
  const isOpen = key === '' || (key.endsWith('.') && text[end] === '`');
  return isOpen
    ? readKey(text, at, { entity, start: end, begun: key })
    : { kind: 'name', entity, text: key, raw: word, at };
}

function readQuotedName(text: string, at: number): Token {
  const quoted = readQuoted(text, at);
  if (!quoted) return unreadable(text, at);
  const end = at + quoted.raw.length;
  if (text[end] !== '.') return { kind: 'name', text: quoted.content, raw: quoted.raw, at };
  return readKey(text, at, { entity: quoted.content, start: end + 1, begun: '' });
}

/** The key that starts, or goes on, behind a dot. */
function readKey(
  text: string,
  at: number,
  { entity, start, begun }: { readonly entity: string; readonly start: number; readonly begun: string },
): Token {
  const quoted = readQuoted(text, start);
  const content = quoted?.content ?? match(KEY, text, start);
  if (content === undefined) return unreadable(text, at);
  const end = start + (quoted?.raw ?? content).length;
  return { kind: 'name', entity, text: begun + content, raw: text.slice(at, end), at };
}

function readQuoted(text: string, at: number): { content: string; raw: string } | undefined {
  const quote = text[at];
  if (quote !== '`' && quote !== '"' && quote !== "'") return undefined;
  for (let end = text.indexOf(quote, at + 1); end >= 0; end = text.indexOf(quote, end + 2)) {
    if (text[end + 1] === quote) continue;
    const raw = text.slice(at, end + 1);
    return { content: raw.slice(1, -1).replaceAll(quote + quote, quote), raw };
  }
  return undefined;
}

function unreadable(text: string, at: number): Token {
  return { kind: 'unreadable', text: text.charAt(at), raw: text.slice(at), at };
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
