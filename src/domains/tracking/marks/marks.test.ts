import { expect, it } from 'vitest';
import { describeDatabases } from '#testing/platform/sql';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '../testing.ts';

describeDatabases('marks and notes of runs', (open) => {
  it('are tags, set and taken away for all runs or none', async () => {
    const { tracking } = setUpTracking(await open(TRACKING_TEST_MIGRATIONS));
    await tracking.createExperiment({ name: 'delays' }, 'user:ann');
    const start = () => tracking.createRun({ experiment: 'delays' }, 'user:ann');
    const [a, b, deleted] = [await start(), await start(), await start()];
    await tracking.deleteRun(deleted.id);
    const tags = async () => Object.fromEntries((await tracking.getRun(a.id)).tags);
    expect(await tracking.markRuns([a.id, b.id, a.id], { pinned: true, group: 'night' })).toBe(2);
    await tracking.markRuns([a.id], { archived: true });
    await tracking.setRunNote(a.id, '# good');
    expect(await tags()).toEqual({
      ...{ 'trimtab.pinned': 'true', 'trimtab.archived': 'true', 'trimtab.group': 'night' },
      'mlflow.note.content': '# good',
    });
    await tracking.markRuns([a.id], { pinned: false, group: null });
    await tracking.setRunNote(a.id, '');
    expect(await tags()).toEqual({ 'trimtab.archived': 'true' });
    await tracking.markRuns([a.id, b.id], { tags: { team: 'fraud', 'mlflow.runName': 'first', gone: null } });
    expect((await tracking.getRun(b.id)).name).toBe('first');
    await tracking.markRuns([a.id], { tags: { team: null } });
    expect((await tracking.getRun(b.id)).tags.get('team')).toBe('fraud');
    for (const [other, code] of [
      [deleted.id, 'TRACKING_RUN_DELETED'],
      ['none', 'TRACKING_RUN_NOT_FOUND'],
    ] as const) {
      await expect(tracking.markRuns([a.id, other], { pinned: true })).rejects.toMatchObject({ code });
    }
    await expect(tracking.markRuns([a.id], { tags: { good: '1', '/bad': '1' } })).rejects.toThrow('/bad');
    await expect(tracking.markRuns([a.id], { group: 'g'.repeat(251) })).rejects.toThrow('may have 250');
    await expect(tracking.setRunNote(a.id, 'x'.repeat(8001))).rejects.toThrow('may have 8000');
    expect(await tags()).toEqual({ 'trimtab.archived': 'true' });
  });
});
