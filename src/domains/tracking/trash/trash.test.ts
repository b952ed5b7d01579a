import { expect, it } from 'vitest';
import type { Database } from '#platform/sql';
import { describeDatabases } from '#testing/platform/sql';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '../testing.ts';

const DAY = 86_400_000;
const NOTHING = { runs: 0, experiments: 0, loggedModels: 0, files: 0, bytes: 0, more: false, left: [] };

/** Tables of tracking that a run or an experiment leaves rows in, with how many they hold. */
async function rowsOf(database: Database): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of [
    ...['run', 'param', 'tag', 'input', 'series', 'point', 'run_dataset', 'run_model', 'dataset', 'file'],
    ...['logged_model', 'logged_model_param', 'logged_model_tag', 'logged_model_metric'],
    ...['experiment_tag', 'view', 'erased_files'],
  ]) {
    const { n } = await database
      .tables<Record<string, object>>()
      .selectFrom(`tracking_${table}`)
      .select((e) => e.fn.countAll().as('n'))
      .executeTakeFirstOrThrow();
    if (Number(n) > 0) counts[table] = Number(n);
  }
  return counts;
}

describeDatabases('the trash', (open) => {
  async function setUp() {
    const bench = setUpTracking(await open(TRACKING_TEST_MIGRATIONS));
    const { tracking } = bench;
    await tracking.createExperiment({ name: 'delays' }, 'user:ann');
    const start = (request: object = {}) => tracking.createRun({ experiment: 'delays', ...request }, 'user:ann');
    const full = async (content: string) => {
      const run = await start({ params: new Map([['depth', '6']]), tags: new Map([['t', '1']]) });
      await tracking.logBatch(run.id, { metrics: [{ key: 'loss', value: 1, step: 0, timestampMs: 0 }] });
      await tracking.addInputs(run.id, [{ ref: 'commit:flights/1', path: null, role: 'training' }]);
      const dataset = { name: 'f', digest: 'd', sourceType: 'local', source: '{}', schema: null, profile: null };
      await tracking.addDatasets(run.id, [{ dataset, tags: new Map() }]);
      await tracking.addModels(run.id, { outputs: [{ model: 'm-1', step: 0 }] });
      await tracking.putArtifact(run.id, 'note.txt', Buffer.from(content));
      return run;
    };
    const model = () =>
      tracking.createLoggedModel(
        { experiment: { name: 'delays' }, params: new Map([['a', 'b']]), tags: new Map([['t', '1']]) },
        'user:ann',
      );
    const empty = (request: object = {}) => tracking.emptyTrash(request, 'user:ann');
    const items = async () =>
      (await tracking.listTrash({ limit: 100, offset: 0 })).items.map(({ kind, id }) => `${kind} ${id}`);
    return { ...bench, start, full, model, empty, items };
  }

  it('lists what was put there, the latest first, and counts it', async () => {
    const { tracking, start, model, clock, items } = await setUp();
    const [run, other, logged] = [await start(), await start(), await model()];
    await tracking.createExperiment({ name: 'old' }, 'user:ann');
    await tracking.createRun({ experiment: 'old' }, 'user:ann');
    expect(await tracking.putIntoTrash({ runs: [run.id, other.id] })).toEqual({
      runs: 2,
      experiments: 0,
      loggedModels: 0,
    });
    await tracking.restoreFromTrash({ runs: [other.id] });
    clock.advance(1);
    await tracking.putIntoTrash({ loggedModels: [logged.id] });
    clock.advance(1);
    expect(await tracking.putIntoTrash({ experiments: ['2'] })).toEqual({ runs: 0, experiments: 1, loggedModels: 0 });
    expect(await tracking.putIntoTrash({ experiments: ['2'], runs: [run.id] })).toMatchObject({
      runs: 0,
      experiments: 0,
    });
    expect(await items()).toEqual(['experiment 2', `logged-model ${logged.id}`, `run ${run.id}`]);
    const runs = await tracking.listTrash({ kind: 'run', limit: 10, offset: 0 });
    expect(runs).toMatchObject({
      items: [{ name: run.name, experiment: 'delays' }],
      counts: { runs: 1, experiments: 0 },
    });
    const paged = await tracking.listTrash({ experiment: 'delays', limit: 1, offset: 1 });
    expect(paged).toMatchObject({ items: [{ id: run.id }], counts: { runs: 1, experiments: 0, loggedModels: 1 } });
    await expect(tracking.listTrash({ experiment: 'none', limit: 1, offset: 0 })).rejects.toThrow(
      'no experiment "none"',
    );
  });

  it('gives back what is asked for, as a whole or not at all', async () => {
    const { tracking, start, model, items } = await setUp();
    const [run, logged] = [await start(), await model()];
    await tracking.putIntoTrash({ runs: [run.id], loggedModels: [logged.id], experiments: ['1'] });
    expect(await items()).toEqual(['experiment 1']);
    for (const selection of [{ runs: [run.id] }, { loggedModels: [logged.id] }]) {
      const code = 'TRACKING_TRASH_EXPERIMENT_DELETED';
      await expect(tracking.restoreFromTrash(selection)).rejects.toMatchObject({ code });
    }
    expect(await tracking.restoreFromTrash({ experiments: ['1'] })).toMatchObject({ experiments: 1 });
    // Runs come back with their experiment, as in MLflow; a logged model was deleted by itself.
    expect(await tracking.getRun(run.id)).toMatchObject({ lifecycle: 'active' });
    expect(await items()).toEqual([`logged-model ${logged.id}`]);
    const unknown = tracking.restoreFromTrash({ loggedModels: [logged.id, 'm-none'] });
    await expect(unknown).rejects.toMatchObject({ code: 'TRACKING_LOGGED_MODEL_NOT_FOUND' });
    for (const selection of [{ runs: ['none'] }, { experiments: ['77'] }, { experiments: ['delays'] }]) {
      await expect(tracking.putIntoTrash(selection)).rejects.toThrow();
    }
    expect(await items()).toEqual([`logged-model ${logged.id}`]);
  });

  it('forgets runs with all that hangs on them, and nothing else', async () => {
    const { tracking, full, empty, database, blobs, moves } = await setUp();
    const kept = await full('shared');
    const before = await rowsOf(database);
    const [same, own] = [await full('shared'), await full('its own')];
    await tracking.putIntoTrash({ runs: [same.id, own.id] });
    expect(await empty({ dryRun: true })).toEqual({ ...NOTHING, runs: 2, files: 2, bytes: 13 });
    expect(await tracking.getRun(own.id)).toMatchObject({ lifecycle: 'deleted' });
    expect(await empty({ reason: 'no longer needed' })).toEqual({ ...NOTHING, runs: 2, files: 2, bytes: 13 });
    expect(await rowsOf(database)).toEqual(before);
    const keys: string[] = [];
    for await (const key of blobs.list('artifacts/')) keys.push(key);
    expect(keys).toHaveLength(1);
    expect(await tracking.getRun(kept.id)).toMatchObject({ lifecycle: 'active' });
    await expect(tracking.getRun(own.id)).rejects.toMatchObject({ code: 'TRACKING_RUN_NOT_FOUND' });
    expect(moves.sort()).toEqual([same.id, own.id].sort().map((id) => `run:${id}: experiment:1 -> null`));
    expect((await tracking.searchRuns({ lifecycle: 'all' })).runs.map(({ id }) => id)).toEqual([kept.id]);
    expect(await empty()).toEqual(NOTHING);
  });

  it('forgets an experiment with everything in it, and never gives its number to another', async () => {
    const { tracking, full, model, empty, database, moves } = await setUp();
    await tracking.createExperiment({ name: 'last' }, 'user:ann');
    await full('x');
    await model();
    await tracking.setFolder('delays', 'team/a');
    await tracking.createRunView('delays', { name: 'mine', definition: {} }, 'user:ann');
    await tracking.putIntoTrash({ experiments: ['1', '2'] });
    expect(await empty({ experiments: ['1', '2'] })).toMatchObject({
      runs: 1,
      experiments: 2,
      loggedModels: 1,
      files: 1,
    });
    expect(await rowsOf(database)).toEqual({});
    expect(moves).toContain('experiment:1: null -> null');
    expect(await tracking.createExperiment({ name: 'delays' }, 'user:ann')).toMatchObject({
      id: '3',
      lifecycle: 'active',
    });
  });

  it('keeps what has not been there long, what is not there, and what was brought back', async () => {
    const { tracking, start, empty, clock } = await setUp();
    const [old, young, active] = [await start(), await start(), await start()];
    await tracking.putIntoTrash({ runs: [old.id] });
    clock.advance(30 * DAY);
    await tracking.putIntoTrash({ runs: [young.id] });
    const left = [
      { id: young.id, reason: expect.stringContaining('later than asked for') },
      { id: active.id, reason: 'it is not in the trash' },
      { id: 'none', reason: 'it is not in the trash' },
    ];
    const named = { runs: [young.id, active.id, 'none'], olderThanMs: DAY };
    expect(await empty(named)).toEqual({ ...NOTHING, left });
    expect(await empty({ olderThanMs: 30 * DAY })).toEqual({ ...NOTHING, runs: 1 });
    expect(await tracking.getRun(young.id)).toMatchObject({ lifecycle: 'deleted' });
    await tracking.restoreFromTrash({ runs: [young.id] });
    expect(await empty()).toEqual(NOTHING);
  });

  it('keeps the experiment that every server has, and what others need', async () => {
    const { database, start } = await setUp();
    const needed = new Map<string, string>();
    const { tracking } = setUpTracking(database, { of: async () => needed });
    const [run, free] = [await start(), await start()];
    needed.set(`run:${run.id}`, 'version flights/3 was made from it');
    await tracking.putIntoTrash({ experiments: ['0', '1'] });
    expect(await tracking.emptyTrash({}, 'user:ann')).toEqual({
      ...{ ...NOTHING, runs: 1 },
      left: [
        { id: '0', reason: 'it is the experiment that every server has' },
        { id: run.id, reason: 'version flights/3 was made from it' },
        { id: '1', reason: 'it still holds runs or logged models' },
      ],
    });
    await expect(tracking.getRun(free.id)).rejects.toThrow();
    expect(await tracking.getRun(run.id)).toMatchObject({ experiment: 'delays', lifecycle: 'deleted' });
  });

  it('leaves files where they are when told so', async () => {
    const { tracking, full, empty, blobs, database } = await setUp();
    const run = await full('kept');
    await tracking.putIntoTrash({ runs: [run.id] });
    expect(await empty({ keepArtifacts: true })).toEqual({ ...NOTHING, runs: 1 });
    const keys: string[] = [];
    for await (const key of blobs.list('artifacts/')) keys.push(key);
    expect(keys).toHaveLength(1);
    expect(await rowsOf(database)).toEqual({ file: 1, dataset: 1 });
  });
});
