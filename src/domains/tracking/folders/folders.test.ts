import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDatabases } from '#testing/platform/sql';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '../testing.ts';
import { foldersOf, movedFolder } from './folder-tree.ts';

describe('a tree of folders', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'a b', 'a.b'), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/'));
  const placed = fc
    .array(path, { maxLength: 20 })
    .map((folders) => folders.map((folder, i) => ({ id: String(i), name: `e${i}`, folder })));

  it('holds every experiment once, counts it in every parent, and tells parents first', () => {
    fc.assert(
      fc.property(placed, (experiments) => {
        const folders = foldersOf(experiments);
        expect(folders.flatMap((folder) => folder.experiments)).toHaveLength(experiments.length);
        for (const { path: at, total } of folders) {
          const inside = experiments.filter(({ folder }) => folder === at || folder.startsWith(`${at}/`));
          expect(total).toBe(inside.length);
        }
        const paths = folders.map((folder) => folder.path);
        for (const [index, at] of paths.entries()) {
          const parent = at.slice(0, Math.max(at.lastIndexOf('/'), 0));
          if (parent !== '') expect(paths.indexOf(parent)).toBeLessThan(index);
        }
      }),
    );
  });

  it('moves a folder and back', () => {
    fc.assert(
      fc.property(path, path, (folder, from) => {
        const moved = movedFolder(folder, from, 'elsewhere/x');
        if (moved === undefined) expect(folder === from || folder.startsWith(`${from}/`)).toBe(false);
        else expect(movedFolder(moved, 'elsewhere/x', from)).toBe(folder);
      }),
    );
  });
});

describeDatabases('folders of experiments', (open) => {
  async function setUp() {
    const bench = setUpTracking(await open(TRACKING_TEST_MIGRATIONS));
    const { tracking } = bench;
    for (const name of ['one', 'two', 'three']) await tracking.createExperiment({ name }, 'user:ann');
    const told = async () =>
      (await tracking.listFolders()).map(
        ({ path, experiments, total }) => `${path} ${experiments.map((e) => e.name)} ${total}`,
      );
    return { ...bench, told };
  }

  it('are there while an experiment lies in them', async () => {
    const { tracking, told } = await setUp();
    await tracking.setFolder('one', 'team/project');
    await tracking.setFolder('two', 'team');
    await tracking.setExperimentTags({ name: 'three' }, new Map([['trimtab.folder', 'team/project']]));
    expect(await told()).toEqual(['team two 3', 'team/project one,three 2']);
    await tracking.deleteExperiment({ name: 'three' });
    await tracking.setFolder('one', null);
    await tracking.setFolder('one', null);
    expect(await told()).toEqual(['team two 1']);
    await tracking.setExperimentTags({ name: 'two' }, new Map([['trimtab.folder', '../x']]));
    expect(await told()).toEqual([]);
  });

  it('are moved with everything in them', async () => {
    const { tracking, told } = await setUp();
    await tracking.setFolder('one', 'team/a');
    await tracking.setFolder('two', 'team/a/deep');
    await tracking.setFolder('three', 'team/ab');
    await tracking.deleteExperiment({ name: 'two' });
    expect(await tracking.moveFolder('team/a', 'other')).toBe(2);
    await tracking.restoreExperiment({ name: 'two' });
    expect(await told()).toEqual(['other one 2', 'other/deep two 1', 'team  1', 'team/ab three 1']);
  });

  it.each([
    ['team/', 'empty'],
    ['/team', 'empty'],
    ['a//b', 'empty'],
    ['a/../b', '. or ..'],
    [' a', 'space'],
    ['a\nb', 'control'],
    [Array(21).fill('a').join('/'), 'deep'],
    ['x'.repeat(501), 'characters'],
  ])('are not called %j', async (folder, problem) => {
    const { tracking, told } = await setUp();
    await expect(tracking.setFolder('one', folder)).rejects.toThrow(problem);
    await tracking.setFolder('one', 'team');
    await expect(tracking.moveFolder('team', folder)).rejects.toThrow(problem);
    expect(await told()).toEqual(['team one 1']);
  });

  it('are not moved into themselves, and must exist', async () => {
    const { tracking } = await setUp();
    await tracking.setFolder('one', 'team');
    await expect(tracking.moveFolder('team', 'team/sub')).rejects.toMatchObject({ code: 'TRACKING_FOLDER_INVALID' });
    await expect(tracking.moveFolder('none', 'x')).rejects.toMatchObject({ code: 'TRACKING_FOLDER_NOT_FOUND' });
    await expect(tracking.setFolder('none', 'x')).rejects.toMatchObject({ code: 'TRACKING_EXPERIMENT_NOT_FOUND' });
    await tracking.deleteExperiment({ name: 'two' });
    await expect(tracking.setFolder('two', 'x')).rejects.toMatchObject({ code: 'TRACKING_EXPERIMENT_DELETED' });
  });
});
