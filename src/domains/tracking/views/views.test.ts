import { expect, it } from 'vitest';
import { describeDatabases } from '#testing/platform/sql';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '../testing.ts';

describeDatabases('views of runs', (open) => {
  async function setUp() {
    const bench = setUpTracking(await open(TRACKING_TEST_MIGRATIONS));
    for (const name of ['delays', 'other']) await bench.tracking.createExperiment({ name }, 'user:ann');
    return bench;
  }
  const definition = {
    filter: 'metrics.auc > 0.7',
    columns: [{ name: 'metrics.auc', widthPx: 90 }],
    charts: [{ a: [1] }],
  };

  it('are kept, listed by name, and found by their id', async () => {
    const { tracking, clock } = await setUp();
    const best = await tracking.createRunView('delays', { name: 'best', definition }, 'user:ann');
    expect(best).toEqual({
      ...{ id: best.id, experiment: 'delays', name: 'best', definition, revision: 1 },
      ...{ createdAtMs: clock.now(), createdBy: 'user:ann', updatedAtMs: clock.now(), updatedBy: 'user:ann' },
    });
    await tracking.createRunView('delays', { name: 'all', definition: {} }, 'user:ann');
    await tracking.createRunView('other', { name: 'best', definition: {} }, 'user:ann');
    expect((await tracking.listRunViews('delays')).map(({ name }) => name)).toEqual(['all', 'best']);
    expect(await tracking.getRunView(best.id)).toEqual(best);
    await expect(tracking.listRunViews('none')).rejects.toThrow('no experiment "none"');
    await expect(tracking.getRunView('none')).rejects.toMatchObject({ code: 'TRACKING_VIEW_NOT_FOUND' });
  });

  it('answer the same view to a repeated request, and take no name twice', async () => {
    const { tracking } = await setUp();
    const id = 'a'.repeat(32);
    const first = await tracking.createRunView('delays', { id, name: 'best', definition }, 'user:ann');
    expect(await tracking.createRunView('delays', { id, name: 'best', definition }, 'user:ann')).toEqual(first);
    const taken = tracking.createRunView('delays', { name: 'best', definition }, 'user:bob');
    await expect(taken).rejects.toMatchObject({ code: 'TRACKING_VIEW_EXISTS' });
    const elsewhere = tracking.createRunView('other', { id, name: 'best', definition }, 'user:bob');
    await expect(elsewhere).rejects.toMatchObject({ code: 'TRACKING_VIEW_EXISTS' });
    expect(await tracking.listRunViews('delays')).toHaveLength(1);
  });

  it('are changed only from the revision that is there', async () => {
    const { tracking } = await setUp();
    const { id } = await tracking.createRunView('delays', { name: 'best', definition }, 'user:ann');
    await tracking.createRunView('delays', { name: 'all', definition: {} }, 'user:ann');
    const change = { name: 'better', definition: {}, revision: 1 };
    const changed = await tracking.changeRunView(id, change, 'user:bob');
    expect(changed).toMatchObject({
      name: 'better',
      definition: {},
      revision: 2,
      createdBy: 'user:ann',
      updatedBy: 'user:bob',
    });
    expect(await tracking.changeRunView(id, change, 'user:bob')).toEqual(changed);
    const late = tracking.changeRunView(id, { ...change, name: 'worse' }, 'user:cid');
    await expect(late).rejects.toMatchObject({ code: 'TRACKING_VIEW_CHANGED', details: { revision: 2, given: 1 } });
    const taken = tracking.changeRunView(id, { ...change, name: 'all', revision: 2 }, 'user:bob');
    await expect(taken).rejects.toMatchObject({ code: 'TRACKING_VIEW_EXISTS' });
    const none = tracking.changeRunView('none', change, 'user:bob');
    await expect(none).rejects.toMatchObject({ code: 'TRACKING_VIEW_NOT_FOUND' });
    expect(await tracking.getRunView(id)).toEqual(changed);
  });

  it('are changed by one of two who change at the same time', async () => {
    const { tracking } = await setUp();
    const { id } = await tracking.createRunView('delays', { name: 'best', definition }, 'user:ann');
    const change = (name: string) => tracking.changeRunView(id, { name, definition: {}, revision: 1 }, `user:${name}`);
    const ends = await Promise.allSettled([change('a'), change('b')]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await tracking.getRunView(id)).toMatchObject({ revision: 2 });
  });

  it('refuse what is too large or has no name, and are deleted once', async () => {
    const { tracking } = await setUp();
    const settings = { text: 'x'.repeat(300_000) };
    const large = tracking.createRunView('delays', { name: 'large', definition: { settings } }, 'user:ann');
    await expect(large).rejects.toMatchObject({ code: 'TRACKING_VIEW_TOO_LARGE' });
    for (const name of [' ', 'a\nb', 'x'.repeat(201)]) {
      const bad = tracking.createRunView('delays', { name, definition: {} }, 'user:ann');
      await expect(bad).rejects.toMatchObject({ code: 'TRACKING_KEY_INVALID' });
    }
    const { id } = await tracking.createRunView('delays', { name: 'best', definition }, 'user:ann');
    await tracking.deleteRunView(id);
    await tracking.deleteRunView(id);
    expect(await tracking.listRunViews('delays')).toEqual([]);
  });
});
