import { describe, expect, it } from 'vitest';
import type { Experiment } from '#contract';
import { allFolders, foundRows, type TreeOrder, treeRows, withParents } from './experiment-rows.ts';

function experiment(name: string, folder: string | undefined, runs = 1, lastActivityAtMs = 1): Experiment {
  return {
    ...{ id: name, name, description: null, lifecycle: 'active', artifactLocation: '', createdAtMs: 0, createdBy: '' },
    ...{ updatedAtMs: 0, runs, runningRuns: 0, deletedRuns: 0, lastActivityAtMs },
    tags: folder === undefined ? {} : { 'trimtab.folder': folder },
  };
}

const ALL = [
  experiment('rye', 'bread/dark', 3, 50),
  experiment('white', 'bread', 10, 20),
  experiment('alone', undefined, 2, 40),
  experiment('broken', 'a//b', 1, 30),
];
const BY_NAME: TreeOrder = { by: 'name', descending: false };
const told = (rows: ReturnType<typeof treeRows>) =>
  rows.map((row) => (row.kind === 'folder' ? `${row.path}/ ${row.experiments} ${row.runs}` : row.experiment.name));

describe('experiments in their folders', () => {
  it('lie below open folders, folders first, with what folders amount to', () => {
    const closed = treeRows(ALL, { root: '', open: new Set(), order: BY_NAME });
    expect(told(closed)).toEqual(['bread/ 2 13', 'alone', 'broken']);
    expect(closed[0]).toMatchObject({ lastActivityAtMs: 50, isOpen: false, level: 0 });
    const opened = treeRows(ALL, { root: '', open: new Set(['bread', 'bread/dark']), order: BY_NAME });
    expect(told(opened)).toEqual(['bread/ 2 13', 'bread/dark/ 1 3', 'rye', 'white', 'alone', 'broken']);
    expect(opened.map(({ level }) => level)).toEqual([0, 1, 2, 1, 0, 0]);
  });

  it('are shown from a folder down, and in any order', () => {
    expect(told(treeRows(ALL, { root: 'bread', open: new Set(), order: BY_NAME }))).toEqual([
      'bread/dark/ 1 3',
      'white',
    ]);
    expect(treeRows(ALL, { root: 'brea', open: new Set(), order: BY_NAME })).toEqual([]);
    const byActivity = { by: 'activity', descending: true } as const;
    expect(told(treeRows(ALL, { root: '', open: new Set(), order: byActivity }))).toEqual([
      'bread/ 2 13',
      'alone',
      'broken',
    ]);
  });

  it('are found by words in name and folder, and tell where they lie', () => {
    expect(foundRows(ALL, { search: 'RY bread', order: BY_NAME })).toMatchObject([
      { experiment: { name: 'rye' }, folder: 'bread/dark' },
    ]);
    const most = foundRows(ALL, { search: 'bread', order: { by: 'runs', descending: true } });
    expect(told(most)).toEqual(['white', 'rye']);
    expect(foundRows(ALL, { search: 'nothing', order: BY_NAME })).toEqual([]);
  });

  it('have folders with their parents', () => {
    expect(allFolders(ALL)).toEqual(['bread', 'bread/dark']);
    expect([withParents('a/b'), withParents('')]).toEqual([['a', 'a/b'], []]);
  });
});
