import { folderErrors } from './errors.ts';

const MAX_LENGTH = 500;
const MAX_DEPTH = 20;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const CONTROL = /[\u0000-\u001f\u007f]/;

/** An experiment and the folder it says it lies in. */
export interface Placed {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
}

export interface Folder {
  readonly path: string;
  /** Those that lie in it directly, by name. */
  readonly experiments: readonly Pick<Placed, 'id' | 'name'>[];
  /** How many lie in it, also deeper. */
  readonly total: number;
}

/** Folders that hold an experiment and their parents, by path, parents first. */
export function foldersOf(experiments: readonly Placed[]): readonly Folder[] {
  const folders = new Map<string, { own: Placed[]; total: number }>();
  for (const experiment of experiments) {
    for (const path of withParents(experiment.folder)) {
      const folder = folders.get(path) ?? { own: [], total: 0 };
      folders.set(path, folder);
      folder.total += 1;
      if (path === experiment.folder) folder.own.push(experiment);
    }
  }
  return [...folders]
    .sort(([a], [b]) => comparePaths(a, b))
    .map(([path, { own, total }]) => ({
      path,
      experiments: own.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ id, name }) => ({ id, name })),
      total,
    }));
}

/** Where a folder goes when the folder `from` becomes `to`; undefined when it is not in `from`. */
export function movedFolder(folder: string, from: string, to: string): string | undefined {
  if (folder === from) return to;
  return folder.startsWith(`${from}/`) ? `${to}${folder.slice(from.length)}` : undefined;
}

/** A tag that any client may set, as a folder: what cannot be one is left out. */
export function folderIn(tag: string | undefined): string | undefined {
  return tag === undefined || folderProblem(tag) ? undefined : tag;
}

/** @throws TRACKING_FOLDER_INVALID */
export function assertFolder(folder: string): void {
  const problem = folderProblem(folder);
  if (problem) throw folderErrors.TRACKING_FOLDER_INVALID({ folder: folder.slice(0, MAX_LENGTH), problem });
}

function folderProblem(folder: string): string | undefined {
  if (folder.length > MAX_LENGTH) return `it has ${folder.length} characters and may have ${MAX_LENGTH}`;
  if (CONTROL.test(folder)) return 'it holds control characters';
  const parts = folder.split('/');
  if (parts.length > MAX_DEPTH) return `it is ${parts.length} deep and may be ${MAX_DEPTH}`;
  if (parts.some((part) => part.trim() !== part)) return 'a name in it begins or ends with a space';
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'a name in it is empty, . or ..';
  return undefined;
}

function withParents(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** By part, so that `a/b` follows `a` and comes before `a b`. */
function comparePaths(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [one, other] = [left[i] ?? '', right[i] ?? ''];
    if (one !== other) return one < other ? -1 : 1;
  }
  return left.length - right.length;
}
