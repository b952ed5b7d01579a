import type { Experiment } from '#contract';

/** Where an experiment lies; a tag, so that MLflow's clients see and set it too. */
const FOLDER_TAG = 'trimtab.folder';

interface FolderRow {
  readonly kind: 'folder';
  readonly path: string;
  readonly name: string;
  readonly level: number;
  readonly isOpen: boolean;
  /** How many experiments lie in it, also deeper. */
  readonly experiments: number;
  readonly runs: number;
  readonly runningRuns: number;
  readonly lastActivityAtMs: number;
}

interface ExperimentRow {
  readonly kind: 'experiment';
  readonly experiment: Experiment;
  readonly level: number;
  /** Where it lies, told where the tree does not show it. */
  readonly folder: string | undefined;
}

export type TreeRow = FolderRow | ExperimentRow;

export interface TreeOrder {
  readonly by: 'name' | 'runs' | 'activity';
  readonly descending: boolean;
}

interface TreeWanted {
  /** Only what lies in this folder; all when empty. */
  readonly root: string;
  readonly open: ReadonlySet<string>;
  readonly order: TreeOrder;
}

/** The folder that an experiment lies in; empty for none. */
export function folderOf({ tags }: Pick<Experiment, 'tags'>): string {
  const folder = tags[FOLDER_TAG] ?? '';
  return folder.split('/').includes('') ? '' : folder;
}

/** Folders and experiments as rows: folders before experiments, what lies in an open folder below it. */
export function treeRows(experiments: readonly Experiment[], { root, open, order }: TreeWanted): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const compare = comparing(order);
  addLevel(inside(experiments, root), root, 0);
  return rows;

  function addLevel(members: readonly Experiment[], folder: string, level: number): void {
    const named = Map.groupBy(members, (experiment) => nextPart(folderOf(experiment), folder));
    const folders = [...named].flatMap(([name, own]) => (name === undefined ? [] : [{ name, own }]));
    const summed = folders.map(({ name, own }) => ({ own, row: folderRow(name, own) }));
    for (const { own, row } of summed.toSorted((a, b) => compare(a.row, b.row))) {
      rows.push(row);
      if (row.isOpen) addLevel(own, row.path, level + 1);
    }
    for (const experiment of (named.get(undefined) ?? []).toSorted(compare)) {
      rows.push({ kind: 'experiment', experiment, level, folder: undefined });
    }

    function folderRow(name: string, own: readonly Experiment[]): FolderRow {
      const path = folder === '' ? name : `${folder}/${name}`;
      const sum = (of: (one: Experiment) => number) => own.reduce((total, one) => total + of(one), 0);
      return {
        ...{ kind: 'folder', path, name, level, isOpen: open.has(path), experiments: own.length },
        runs: sum(({ runs }) => runs),
        runningRuns: sum(({ runningRuns }) => runningRuns),
        lastActivityAtMs: own.reduce((latest, one) => Math.max(latest, one.lastActivityAtMs), 0),
      };
    }
  }
}

/** Compares folders and experiments for an order; those that are alike in it by name. */
function comparing({ by, descending }: TreeOrder): (a: Sortable, b: Sortable) => number {
  const sign = descending ? -1 : 1;
  return (a, b) => {
    if (by === 'runs' && a.runs !== b.runs) return sign * (a.runs - b.runs);
    if (by === 'activity' && a.lastActivityAtMs !== b.lastActivityAtMs) {
      return sign * (a.lastActivityAtMs - b.lastActivityAtMs);
    }
    return (by === 'name' ? sign : 1) * NAMES.compare(a.name, b.name);
  };
}

type Sortable = Pick<Experiment, 'name' | 'runs' | 'lastActivityAtMs'>;
const NAMES = new Intl.Collator('en', { numeric: true });

/** Experiments, in whatever folder, that hold all the words in their name, folder or description. */
export function foundRows(
  experiments: readonly Experiment[],
  { search, order }: { readonly search: string; readonly order: TreeOrder },
): readonly TreeRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return experiments
    .filter((experiment) => {
      const text = `${experiment.name} ${folderOf(experiment)} ${experiment.description ?? ''}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .toSorted(comparing(order))
    .map((experiment) => ({ kind: 'experiment', experiment, level: 0, folder: folderOf(experiment) || undefined }));
}

/** All folders there are, parents before what is in them. */
export function allFolders(experiments: readonly Experiment[]): readonly string[] {
  const folders = new Set(experiments.flatMap((experiment) => withParents(folderOf(experiment))));
  return [...folders].toSorted(NAMES.compare);
}

/** A folder and those it lies in, the outermost first. */
export function withParents(folder: string): readonly string[] {
  if (folder === '') return [];
  const parts = folder.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function inside(experiments: readonly Experiment[], root: string): readonly Experiment[] {
  return root === ''
    ? experiments
    : experiments.filter((experiment) => `${folderOf(experiment)}/`.startsWith(`${root}/`));
}

/** The name of the folder directly in `parent` that leads to `folder`; undefined when they are the same. */
function nextPart(folder: string, parent: string): string | undefined {
  const rest = parent === '' ? folder : folder.slice(parent.length + 1);
  return rest === '' ? undefined : rest.split('/')[0];
}
