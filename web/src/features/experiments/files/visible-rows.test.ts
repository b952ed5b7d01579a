import { describe, expect, it } from 'vitest';
import { afterKey, foldersAbove, type Listing, visibleRows } from './visible-rows.ts';

const folder = (path: string) => ({ name: path.split('/').at(-1) ?? '', path, isFolder: true, sizeBytes: null });
const file = (path: string) => ({ name: path.split('/').at(-1) ?? '', path, isFolder: false, sizeBytes: 3 });
const LISTED: Readonly<Record<string, readonly ReturnType<typeof file>[] | readonly ReturnType<typeof folder>[]>> = {
  '': [folder('plots'), folder('model'), file('a.txt')] as never,
  plots: [folder('plots/deep'), file('plots/roc.png')] as never,
};
const listingOf = (path: string): Listing => {
  const entries = LISTED[path];
  return entries ? { state: 'listed', entries } : { state: 'waiting' };
};

describe('a tree of files', () => {
  it('shows what lies in open folders below them, and what is on its way', () => {
    const rows = visibleRows(listingOf, new Set(['plots', 'plots/deep', 'elsewhere']));
    expect(rows.map(({ path, level, kind }) => [path, level, kind])).toEqual([
      ['plots', 1, 'folder'],
      ['plots/deep', 2, 'folder'],
      ['plots/deep/', 3, 'waiting'],
      ['plots/roc.png', 2, 'file'],
      ['model', 1, 'folder'],
      ['a.txt', 1, 'file'],
    ]);
    expect(rows.at(-1)).toMatchObject({ place: 3, setSize: 3, sizeBytes: 3 });
    expect(visibleRows(() => ({ state: 'failed', words: 'no' }), new Set())).toMatchObject([{ name: 'no' }]);
  });

  it('is walked through by keyboard', () => {
    const rows = visibleRows(listingOf, new Set(['plots']));
    const on = (current: string | undefined, key: string) => afterKey(rows, current, key);
    expect(on(undefined, 'ArrowDown')).toEqual({ to: 'plots' });
    expect(on('plots', 'ArrowRight')).toEqual({ to: 'plots/deep' });
    expect(on('plots/deep', 'ArrowRight')).toEqual({ toggle: 'plots/deep' });
    expect(on('plots/roc.png', 'ArrowLeft')).toEqual({ to: 'plots' });
    expect(on('plots', 'ArrowLeft')).toEqual({ toggle: 'plots' });
    expect(on('model', 'ArrowLeft')).toEqual({});
    expect(on('a.txt', 'ArrowDown')).toEqual({ to: 'a.txt' });
    expect(on('a.txt', 'Enter')).toEqual({ choose: 'a.txt' });
    expect(on('model', ' ')).toEqual({ toggle: 'model' });
    expect([on('a.txt', 'Home'), on('plots', 'End')]).toEqual([{ to: 'plots' }, { to: 'a.txt' }]);
    expect(on('a.txt', 'x')).toBeUndefined();
  });

  it('knows the folders that a file lies in', () => {
    expect(foldersAbove('a/b/c.txt')).toEqual(['a', 'a/b']);
    expect(foldersAbove('c.txt')).toEqual([]);
  });
});
