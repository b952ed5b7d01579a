import { afterEach, expect, it } from 'vitest';
import { serveTracking } from '#testing/domains/tracking';
import { runCommand } from '../testing.ts';

/** `trimtab experiment`, `trimtab trash` and the commands of `trimtab run` that keep runs in order, over a real server. */

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp() {
  const { tracking, clock, url, closeServer, closeDatabase } = await serveTracking();
  cleanups.push(closeDatabase, closeServer);
  const trimtab = async (...words: string[]) => {
    const { code, stdout, stderr } = await runCommand('--url', url, ...words);
    if (code !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  await trimtab('experiment', 'create', 'delays', '--folder', 'team/flights');
  await trimtab('experiment', 'create', 'other', '--description', 'Else.');
  const start = (name: string) => tracking.createRun({ experiment: 'delays', name, codeCommit: 'c0de' }, 'user:ann');
  return { tracking, clock, trimtab, start };
}

it('moves and copies runs', async () => {
  const { tracking, trimtab, start } = await setUp();
  const run = await start('one');
  expect(await trimtab('run', 'move', run.id, '--to', 'other')).toBe('Moved 1 run to other.');
  expect(await trimtab('run', 'move', run.id, '--to', 'other')).toBe('They are in experiment other already.');
  const copies = ['run', 'copy', run.id, '--to', 'delays', '--key', 'a key of mine', '--json'];
  const [copy] = JSON.parse(await trimtab(...copies)).copies;
  expect(JSON.parse(await trimtab(...copies)).copies).toEqual([copy]);
  expect(await tracking.getRun(copy.to)).toMatchObject({ name: 'one', experiment: 'delays' });
  await expect(trimtab('run', 'move', 'none', '--to', 'other')).rejects.toThrow('no run "none"');
});

it('notes, pins, archives, groups, tags and renames runs', async () => {
  const { tracking, trimtab, start } = await setUp();
  const { id } = await start('one');
  expect(await trimtab('run', 'note', id)).toBe('It has no note.');
  expect(await trimtab('run', 'note', id, '# Good')).toBe('The note is kept.');
  expect(await trimtab('run', 'note', id)).toBe('# Good');
  expect(await trimtab('run', 'pin', id)).toBe('1 run pinned.');
  expect(await trimtab('run', 'archive', id)).toBe('1 run archived.');
  expect(await trimtab('run', 'archive', id, '--off')).toBe('1 run no longer archived.');
  expect(await trimtab('run', 'group', id, '--into', 'nightly')).toBe('1 run in group nightly.');
  expect(await trimtab('run', 'tag', id, '--set', 'team=fraud', 'draft=a=b')).toBe('1 run tagged.');
  expect(await trimtab('run', 'tag', id, '--remove', 'draft')).toBe('1 run tagged.');
  await expect(trimtab('run', 'tag', id)).rejects.toThrow('give --set or --remove');
  expect(await trimtab('run', 'rename', id, 'with holidays')).toBe(`Run ${id} is called with holidays.`);
  const run = await tracking.getRun(id);
  expect(run.name).toBe('with holidays');
  expect(Object.fromEntries(run.tags)).toEqual({
    ...{ 'mlflow.note.content': '# Good', 'trimtab.group': 'nightly', 'trimtab.pinned': 'true', team: 'fraud' },
  });
});

it('tells what two runs differ in', async () => {
  const { tracking, trimtab, start } = await setUp();
  const [left, right] = [await start('one'), await start('two')];
  expect(await trimtab('run', 'diff', left.id, right.id)).toContain('stored neither code nor environment');
  await tracking.putArtifact(left.id, 'requirements.txt', Buffer.from('numpy==1\n'));
  await tracking.putArtifact(right.id, 'requirements.txt', Buffer.from('numpy==2\n'));
  const told = await trimtab('run', 'diff', left.id, right.id);
  expect(told).toMatch(/numpy +pip +1 +2/);
  expect(told).toContain('-numpy==1\n+numpy==2');
});

it('keeps experiments in folders', async () => {
  const { trimtab } = await setUp();
  expect(await trimtab('experiment', 'folders')).toMatch(/team\/flights +delays +1/);
  expect(await trimtab('experiment', 'list', '--folder', 'team')).toContain('delays');
  expect(await trimtab('experiment', 'move', 'other', '--to', 'team')).toBe('Experiment other lies in team.');
  expect(await trimtab('experiment', 'move-folder', 'team', 'crew')).toBe('team is crew now, with 2 experiments.');
  expect(await trimtab('experiment', 'move', 'other')).toBe('Experiment other lies in no folder.');
  expect(await trimtab('experiment', 'list', '--folder', 'team')).toBe('No experiment lies in team.');
  expect(await trimtab('experiment', 'change', 'other', '--name', 'else')).toContain('Else.');
  expect(await trimtab('experiment', 'show', 'delays')).toMatch(/trimtab.folder +crew\/flights/);
});

it('deletes, restores, and deletes for good', async () => {
  const { tracking, clock, trimtab, start } = await setUp();
  const [one, two] = [await start('one'), await start('two')];
  await tracking.putArtifact(one.id, 'a.txt', Buffer.from('abc'));
  expect(await trimtab('run', 'delete', one.id, two.id)).toContain('Put 2 runs into the trash.');
  expect(await trimtab('run', 'restore', two.id)).toBe('Brought 1 run back.');
  expect(await trimtab('experiment', 'delete', 'other')).toContain('trimtab experiment restore 2');
  expect(await trimtab('experiment', 'restore', '2')).toBe('Experiment 2 is back, with its runs.');
  clock.advance(86_400_000);
  await trimtab('run', 'delete', two.id);
  expect(await trimtab('trash', 'list')).toMatch(new RegExp(`run +${two.id} +two +delays.*\\n.*run +${one.id}`));
  const day = ['trash', 'empty', '--older-than', '1d'];
  const gone = '1 runs, 0 experiments, 0 logged models, 1 files of 3 bytes.';
  expect(await trimtab(...day, '--dry-run')).toBe(`Would delete ${gone}`);
  expect(await trimtab(...day)).toBe(`Deleted for good: ${gone}`);
  await expect(trimtab('run', 'show', one.id)).rejects.toThrow('no run');
  expect(await trimtab('trash', 'empty', '--run', two.id, one.id)).toMatch(/1 runs[\s\S]*not in the trash/);
  expect(await trimtab('trash', 'list')).toBe('The trash is empty.');
  await expect(trimtab('trash', 'empty', '--older-than', 'long')).rejects.toThrow('30d');
});
