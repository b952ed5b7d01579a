import { trackingErrors } from '../errors.ts';

export interface Token {
  readonly kind: 'word' | 'quoted-key' | 'string' | 'number' | 'sign' | 'end';
  readonly text: string;
  /** Where it starts, counted from 0. */
  readonly at: number;
}

const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_])/uy;
const WORD = /[\p{L}_][\p{L}\p{N}_.\-/:]*/uy;
const SIGN = /!=|>=|<=|=|>|<|\(|\)|,/y;
const SPACE = /\s+/y;

/** Cuts a filter into tokens, the last of kind `end`. @throws TRACKING_FILTER_INVALID */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = match(SPACE, text, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const { token, end } = readToken(text, at);
    tokens.push(token);
    at = end;
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
}

function readToken(text: string, at: number): { token: Token; end: number } {
  const first = text.charAt(at);
  if (first === "'" || first === '"' || first === '`') {
    const { content, end } = readQuoted(text, at, first);
    return { token: { kind: first === '`' ? 'quoted-key' : 'string', text: content, at }, end };
  }
  for (const [kind, pattern] of [
    ['number', NUMBER],
    ['word', WORD],
    ['sign', SIGN],
  ] as const) {
    const found = match(pattern, text, at);
    if (found !== undefined) return { token: { kind, text: found, at }, end: at + found.length };
  }
  throw trackingErrors.TRACKING_FILTER_INVALID({ text, at, problem: `"${first}" has no meaning here` });
}

function readQuoted(text: string, at: number, quote: string): { content: string; end: number } {
  let content = '';
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] !== quote) content += text[i];
    else if (text[i + 1] === quote) content += text[i++];
    else return { content, end: i + 1 };
  }
  throw trackingErrors.TRACKING_FILTER_INVALID({ text, at, problem: `the quote ${quote} is never closed` });
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
