import { parsePatch, type StructuredPatch } from 'diff';
import { type TextDifference, textDifference, withoutPatch } from './text-difference.ts';

/** Lines of a file up to which its changes are compared. */
const MAX_LINE = 200_000;

/**
 * What two sets of uncommitted changes to one commit differ in, file by file. The files are not at hand and need not be:
 * a change stands between lines that are the same in the commit, and where neither side changed a line, both have it.
 *
 * @param left what `git diff` printed, empty for no changes
 * @returns undefined when one of them cannot be read so
 */
export function compareChanges(left: string, right: string): readonly TextDifference[] | undefined {
  const [from, to] = [sectionsOf(left), sectionsOf(right)];
  if (!from || !to) return undefined;
  const differences: TextDifference[] = [];
  for (const path of [...new Set([...from.keys(), ...to.keys()])].sort()) {
    const [a, b] = [from.get(path), to.get(path)];
    if (a?.text === b?.text) continue;
    if ([a, b].some((section) => section && section.patch.hunks.length === 0)) {
      differences.push(withoutPatch(path, 'changed', 'it is no text, or only its mode changed'));
      continue;
    }
    const base = baseOf([a, b].flatMap((section) => (section ? [section.patch] : [])));
    if (base === undefined) return undefined;
    const difference = textDifference(path, applied(base, a?.patch), applied(base, b?.patch));
    if (difference) differences.push(difference);
  }
  return differences;
}

interface Section {
  readonly text: string;
  readonly patch: StructuredPatch;
}

/** The changes of each file, by its path. */
function sectionsOf(changes: string): ReadonlyMap<string, Section> | undefined {
  const sections = new Map<string, Section>();
  for (const text of changes.split(/^(?=diff --git )/m)) {
    if (text.trim() === '') continue;
    const path = /^diff --git a\/(.+) b\/\1$/m.exec(text)?.[1];
    // What was renamed, and names that are quoted.
    if (path === undefined) return undefined;
    const binary = /^(GIT binary patch|Binary files .* differ)$/m.test(text);
    const patch = binary ? emptyPatch(path) : parsed(text);
    if (!patch || sections.has(path)) return undefined;
    sections.set(path, { text, patch });
  }
  return sections;
}

function parsed(text: string): StructuredPatch | undefined {
  try {
    const patches = parsePatch(text);
    return patches.length === 1 ? patches[0] : undefined;
  } catch {
    return undefined;
  }
}

function emptyPatch(path: string): StructuredPatch {
  return { oldFileName: path, newFileName: path, oldHeader: undefined, newHeader: undefined, hunks: [] };
}

/** The lines of a file in the commit: those that patches show, and a stand-in for every other up to the last. */
type Base = readonly string[] | 'no file';

function baseOf(patches: readonly StructuredPatch[]): Base | undefined {
  const created = patches.filter(({ oldFileName, isCreate }) => isCreate || oldFileName === '/dev/null');
  if (created.length > 0) return created.length === patches.length ? 'no file' : undefined;
  const lines: string[] = [];
  for (const { oldStart, lines: shown } of patches.flatMap(({ hunks }) => hunks)) {
    if (oldStart + shown.length > MAX_LINE) return undefined;
    // Without any line of the file before them, lines are put after the one that is named.
    let at = oldStart - 1;
    for (const line of shown) if (isOld(line)) lines[at++] = line.slice(1);
  }
  return Array.from(lines, (line, at) => line ?? `\uE000${at}`);
}

function isOld(line: string): boolean {
  return line.startsWith(' ') || line.startsWith('-');
}

/** A file after its changes; undefined when there is none. */
function applied(base: Base, patch: StructuredPatch | undefined): Uint8Array | undefined {
  if (patch === undefined) return base === 'no file' ? undefined : bytesOf(base);
  if (patch.isDelete || patch.newFileName === '/dev/null') return undefined;
  const old = base === 'no file' ? [] : base;
  const parts: (readonly string[])[] = [];
  let at = 0;
  for (const { oldStart, oldLines, lines } of patch.hunks) {
    const start = oldLines === 0 ? oldStart : oldStart - 1;
    parts.push(old.slice(at, start));
    parts.push(lines.filter((line) => line.startsWith(' ') || line.startsWith('+')).map((line) => line.slice(1)));
    at = start + oldLines;
  }
  return bytesOf([...parts, old.slice(at)].flat());
}

function bytesOf(lines: readonly string[]): Uint8Array {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}
