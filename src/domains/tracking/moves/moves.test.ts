import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { describeDatabases } from '#testing/platform/sql';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '../testing.ts';

const texts = (object: Readonly<Record<string, string>>) => new Map(Object.entries(object));
const dataset = { name: 'flights', digest: 'd1', sourceType: 'local', source: '{}', schema: null, profile: null };

describeDatabases('moves and copies of runs', (open) => {
  async function setUp() {
    const bench = setUpTracking(await open(TRACKING_TEST_MIGRATIONS));
    const { tracking } = bench;
    for (const name of ['from', 'to']) await tracking.createExperiment({ name }, 'user:ann');
    const start = (request: object = {}) => tracking.createRun({ experiment: 'from', ...request }, 'user:ann');
    /** A run with something of everything. */
    const full = async () => {
      const run = await start({
        ...{ name: 'full', codeCommit: 'c0de', params: texts({ depth: '6' }), tags: texts({ stage: 'x' }) },
        inputs: [{ ref: 'commit:flights/1', path: null, role: 'training' }],
      });
      const metrics = [0, 1, 2].map((step) => ({ key: 'loss', value: 1 / (step + 1), step, timestampMs: step }));
      await tracking.logBatch(run.id, {
        metrics: [...metrics, { key: 'odd', value: Number.NaN, step: 0, timestampMs: 0 }],
      });
      await tracking.addDatasets(run.id, [{ dataset, tags: texts({ 'mlflow.data.context': 'training' }) }]);
      await tracking.addModels(run.id, { outputs: [{ model: 'm-1', step: 3 }] });
      await tracking.putArtifact(run.id, 'plots/roc.txt', Buffer.from('a curve'));
      await tracking.updateRun(run.id, { status: 'finished' });
      return tracking.getRun(run.id);
    };
    return { ...bench, start, full };
  }

  it('move a run with all that belongs to it, under its id', async () => {
    const { tracking, full, moves } = await setUp();
    const run = await full();
    const model = await tracking.createLoggedModel({ experiment: { name: 'from' }, sourceRun: run.id }, 'user:ann');
    expect(await tracking.moveRuns({ runs: [run.id], to: 'to' }, 'user:bob')).toEqual([run.id]);
    const moved = await tracking.getRun(run.id);
    expect(moved).toEqual({ ...run, experiment: 'to', experimentId: '2', changedAtMs: moved.changedAtMs });
    expect(moved.artifactUri).toBe(`mlflow-artifacts:/1/${run.id}/artifacts`);
    expect(await text(await (await tracking.getArtifact(run.id, 'plots/roc.txt')).read())).toBe('a curve');
    expect((await tracking.getMetricHistory(run.id, 'loss', 100)).total).toBe(3);
    expect(await tracking.listExperimentDatasets('from')).toEqual([]);
    expect(await tracking.listExperimentDatasets('to')).toMatchObject([
      { name: 'flights', contexts: ['training'], runs: 1 },
    ]);
    expect(await tracking.getLoggedModel(model.id)).toMatchObject({ experiment: 'to', artifactUri: model.artifactUri });
    expect(moves).toEqual([`run:${run.id}: experiment:1 -> experiment:2`]);
    expect((await tracking.searchRuns({ experiments: ['to'] })).runs.map(({ id }) => id)).toEqual([run.id]);
    expect((await tracking.searchRuns({ experiments: ['from'] })).runs).toEqual([]);
    expect(await tracking.moveRuns({ runs: [run.id], to: 'to' }, 'user:bob')).toEqual([]);
    expect(moves).toHaveLength(1);
  });

  it('move parts along unless told otherwise, and leave deleted parts where they are', async () => {
    const { tracking, start } = await setUp();
    const parent = await start();
    const child = await start({ parent: parent.id });
    const grandchild = await start({ parent: child.id });
    const deleted = await start({ parent: parent.id });
    await tracking.deleteRun(deleted.id);
    const family = [parent.id, child.id, grandchild.id].sort();
    expect(await tracking.moveRuns({ runs: [parent.id], to: 'to' }, 'user:ann')).toEqual(family);
    expect(await tracking.getRun(deleted.id)).toMatchObject({ experiment: 'from' });
    const back = await tracking.moveRuns({ runs: [child.id], to: 'from', withChildren: false }, 'user:ann');
    expect(back).toEqual([child.id]);
    expect(await tracking.getRun(child.id)).toMatchObject({ experiment: 'from', parent: parent.id });
  });

  it('move all runs or none', async () => {
    const { tracking, start, moves } = await setUp();
    const [one, deleted] = [await start(), await start()];
    await tracking.deleteRun(deleted.id);
    await tracking.createExperiment({ name: 'gone' }, 'user:ann');
    await tracking.deleteExperiment({ name: 'gone' });
    for (const [request, code] of [
      [{ runs: [one.id, 'none'], to: 'to' }, 'TRACKING_RUN_NOT_FOUND'],
      [{ runs: [one.id, deleted.id], to: 'to' }, 'TRACKING_RUN_DELETED'],
      [{ runs: [one.id], to: 'none' }, 'TRACKING_EXPERIMENT_NOT_FOUND'],
      [{ runs: [one.id], to: 'gone' }, 'TRACKING_EXPERIMENT_DELETED'],
    ] as const) {
      await expect(tracking.moveRuns(request, 'user:ann')).rejects.toMatchObject({ code });
    }
    expect(await tracking.getRun(one.id)).toMatchObject({ experiment: 'from' });
    expect(moves).toEqual([]);
  });

  it('copy a run with everything under a new id that follows from the key', async () => {
    const { tracking, full, lineage } = await setUp();
    const run = await full();
    const request = { runs: [run.id], to: 'to', key: 'a key of mine' };
    const [copy] = await tracking.copyRuns(request, 'user:bob');
    const id = copy?.to ?? '';
    expect(copy).toEqual({ from: run.id, to: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(await tracking.getRun(run.id)).toEqual(run);
    const made = await tracking.getRun(id);
    expect(made).toEqual({
      ...run,
      ...{ id, experiment: 'to', experimentId: '2', createdBy: 'user:bob', changedAtMs: made.changedAtMs },
      artifactUri: `mlflow-artifacts:/2/${id}/artifacts`,
      tags: new Map([...run.tags, ['trimtab.copiedFrom', run.id]].sort() as [string, string][]),
    });
    expect(await tracking.getMetricHistory(id, 'loss', 100)).toEqual(
      await tracking.getMetricHistory(run.id, 'loss', 100),
    );
    expect((await tracking.getMetricHistory(id, 'odd', 100)).points).toMatchObject([{ value: Number.NaN }]);
    expect(await text(await (await tracking.getArtifact(id, 'plots/roc.txt')).read())).toBe('a curve');
    expect(lineage.edges).toContain(`run:${run.id} copied run:${id}`);
    expect(lineage.edges).toContain(`commit:flights/1 trained-on run:${id}`);
    expect(lineage.edges).toContain(`code:c0de code run:${id}`);

    await tracking.logBatch(run.id, { metrics: [{ key: 'loss', value: 9, step: 9, timestampMs: 9 }] });
    expect((await tracking.getMetricHistory(id, 'loss', 100)).total).toBe(3);
    expect(await tracking.copyRuns(request, 'user:bob')).toEqual([copy]);
    expect((await tracking.searchRuns({ experiments: ['to'] })).runs).toHaveLength(1);
    const [other] = await tracking.copyRuns({ ...request, key: 'another key' }, 'user:bob');
    expect(other?.to).not.toBe(id);
  });

  it('copy nothing where a run or the experiment is missing', async () => {
    const { tracking, start } = await setUp();
    const run = await start();
    const unknown = tracking.copyRuns({ runs: [run.id, 'none'], to: 'to', key: 'some key' }, 'user:ann');
    await expect(unknown).rejects.toMatchObject({ code: 'TRACKING_RUN_NOT_FOUND' });
    const nowhere = tracking.copyRuns({ runs: [run.id], to: 'none', key: 'some key' }, 'user:ann');
    await expect(nowhere).rejects.toMatchObject({ code: 'TRACKING_EXPERIMENT_NOT_FOUND' });
    expect((await tracking.searchRuns({ lifecycle: 'all' })).runs).toHaveLength(1);
  });

  it('copy parts under the copy of their parent', async () => {
    const { tracking, start } = await setUp();
    const parent = await start();
    const child = await start({ parent: parent.id });
    const copies = await tracking.copyRuns({ runs: [parent.id], to: 'to', key: 'some key' }, 'user:ann');
    expect(copies.map(({ from }) => from)).toEqual([parent.id, child.id]);
    expect(await tracking.getRun(copies[1]?.to ?? '')).toMatchObject({ parent: copies[0]?.to, experiment: 'to' });
    const [alone] = await tracking.copyRuns({ runs: [child.id], to: 'to', key: 'some other key' }, 'user:ann');
    expect(await tracking.getRun(alone?.to ?? '')).toMatchObject({ parent: null });
    const [beside] = await tracking.copyRuns({ runs: [child.id], to: 'from', key: 'a third key' }, 'user:ann');
    expect(await tracking.getRun(beside?.to ?? '')).toMatchObject({ parent: parent.id });
  });
});
