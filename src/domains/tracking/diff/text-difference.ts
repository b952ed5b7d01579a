import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';

export interface TextDifference {
  readonly path: string;
  readonly difference: 'added' | 'removed' | 'changed';
  /** A unified diff; null when there is a problem. */
  readonly patch: string | null;
  readonly addedLines: number;
  readonly removedLines: number;
  readonly problem: string | null;
}

/** Time that one comparison may take before it is given up. */
const TIMEOUT_MS = 400;
const CONTEXT_LINES = 3;

/** What differs between two contents of a file, of which one may be missing; undefined when they are the same. */
export function textDifference(
  path: string,
  left: Uint8Array | undefined,
  right: Uint8Array | undefined,
): TextDifference | undefined {
  if (left === undefined && right === undefined) return undefined;
  if (left && right && Buffer.compare(left, right) === 0) return undefined;
  const difference = left === undefined ? 'added' : right === undefined ? 'removed' : 'changed';
  const [from, to] = [textOf(left), textOf(right)];
  if (from === undefined || to === undefined) return withoutPatch(path, difference, 'it is no text');
  const [a, b] = [left ? `a/${path}` : '/dev/null', right ? `b/${path}` : '/dev/null'];
  const patch = structuredPatch(a, b, from, to, '', '', { context: CONTEXT_LINES, timeout: TIMEOUT_MS });
  if (!patch) return withoutPatch(path, difference, 'it differs in too much to compare it in time');
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  return {
    path,
    difference,
    patch: formatPatch(patch, FILE_HEADERS_ONLY),
    addedLines: lines.filter((line) => line.startsWith('+')).length,
    removedLines: lines.filter((line) => line.startsWith('-')).length,
    problem: null,
  };
}

/** For a file that differs and is not compared. */
export function withoutPatch(path: string, difference: TextDifference['difference'], problem: string): TextDifference {
  return { path, difference, patch: null, addedLines: 0, removedLines: 0, problem };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return '';
  if (bytes.includes(0)) return undefined;
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
