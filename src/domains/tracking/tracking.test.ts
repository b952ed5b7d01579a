import { text } from 'node:stream/consumers';
import { sql as raw } from 'kysely';
import { expect, it } from 'vitest';
import type { Database } from '#platform/sql';
import { describeDatabases } from '#testing/platform/sql';
import type { Batch } from './model.ts';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from './testing.ts';

const NONE: Batch = { metrics: [], params: new Map(), tags: new Map() };
const point = (key: string, value: number, step = 0, timestampMs = 0) => ({ key, value, step, timestampMs });

async function countOf(database: Database, table: string): Promise<number> {
  const counted = await database
    .tables<Record<string, object>>()
    .selectFrom(table)
    .select((e) => e.fn.countAll().as('n'))
    .executeTakeFirstOrThrow();
  return Number(counted.n);
}

describeDatabases('tracking', (open) => {
  async function setUp() {
    const bench = setUpTracking(await open(TRACKING_TEST_MIGRATIONS));
    await bench.tracking.createExperiment({ name: 'delays' }, 'user:ann');
    const start = (request: object = {}) => bench.tracking.createRun({ experiment: 'delays', ...request }, 'user:ann');
    return { ...bench, start };
  }

  it('numbers experiments and answers the one that exists to whoever makes it again', async () => {
    const { tracking } = await setUp();
    const others = await Promise.all(
      ['b', 'c', 'b', 'delays'].map((name) => tracking.createExperiment({ name }, 'user:bob')),
    );
    expect(others[0]?.id).toBe(others[2]?.id);
    expect(others[3]).toMatchObject({ id: '1', createdBy: 'user:ann' });
    expect(new Set((await tracking.listExperiments()).map(({ id }) => id))).toEqual(new Set(['1', '2', '3']));
  });

  it('counts the runs of an experiment and notes its last activity', async () => {
    const { tracking, start, clock } = await setUp();
    const [a, b, c] = [await start(), await start(), await start()];
    clock.advance(5000);
    await tracking.logBatch(a.id, { ...NONE, metrics: [point('auc', 1)] });
    await tracking.updateRun(b.id, { status: 'finished' });
    await tracking.deleteRun(c.id);
    expect(await tracking.getExperiment('delays')).toMatchObject({
      runs: 2,
      runningRuns: 1,
      deletedRuns: 1,
      lastActivityAtMs: clock.now(),
    });
  });

  it('answers the same run to a repeated request and refuses its id in another experiment', async () => {
    const { tracking, start, lineage } = await setUp();
    const id = 'a'.repeat(32);
    const inputs = [{ ref: 'commit:flights/1', path: null, role: 'training' }];
    const request = { id, inputs, codeCommit: 'c0de', params: new Map([['depth', '6']]) };
    const first = await start(request);
    expect(await start(request)).toEqual(first);
    expect(first.name).toMatch(/^[a-z]+-[a-z]+-\d{3}$/);
    expect(lineage.edges).toEqual([`commit:flights/1 trained-on run:${id}`, `code:c0de code run:${id}`]);
    await tracking.createExperiment({ name: 'other' }, 'user:ann');
    await expect(tracking.createRun({ experiment: 'other', id }, 'x')).rejects.toMatchObject({
      code: 'TRACKING_RUN_EXISTS',
    });
    await expect(start({ parent: 'nobody' })).rejects.toMatchObject({ code: 'TRACKING_RUN_NOT_FOUND' });
    expect((await tracking.getExperiment('delays')).runs).toBe(1);
  });

  it('adds what a run read, each input once', async () => {
    const { tracking, start, lineage } = await setUp();
    const run = await start();
    const inputs = [
      { ref: 'commit:flights/1', path: 'a.parquet', role: 'validation' },
      { ref: 'commit:flights/1', path: null, role: 'test' },
    ] as const;
    await tracking.addInputs(run.id, inputs);
    expect((await tracking.addInputs(run.id, inputs)).inputs).toHaveLength(2);
    expect(lineage.edges).toEqual([
      `commit:flights/1 validated-on run:${run.id}`,
      `commit:flights/1 tested-on run:${run.id}`,
    ]);
  });

  it('takes the latest metric by step, then time, then value, in whatever order and batch they come', async () => {
    const { tracking, start } = await setUp();
    const { id } = await start();
    await tracking.logBatch(id, {
      ...NONE,
      metrics: [point('loss', 5, 3, 10), point('loss', 9, 1, 99), point('loss', 4, 3, 11), point('auc', Number.NaN)],
    });
    await tracking.logBatch(id, { ...NONE, metrics: [point('loss', 3, 3, 11), point('loss', 7, 2, 50)] });
    const [auc, loss] = (await tracking.getRun(id)).metrics;
    expect(loss).toEqual({ key: 'loss', value: 4, step: 3, timestampMs: 11, min: 3, max: 9 });
    expect(auc).toEqual({ key: 'auc', value: Number.NaN, step: 0, timestampMs: 0, min: null, max: null });
  });

  it('keeps NaN and infinities apart from zero and from large numbers', async () => {
    const { tracking, start } = await setUp();
    const { id } = await start();
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 1.5e308];
    await tracking.logBatch(id, { ...NONE, metrics: values.map((value, step) => point('x', value, step)) });
    const history = await tracking.getMetricHistory(id, 'x', 100);
    expect(history.points.map(({ value }) => value)).toEqual(values);
    expect((await tracking.getRun(id)).metrics[0]).toMatchObject({
      min: Number.NEGATIVE_INFINITY,
      max: Number.POSITIVE_INFINITY,
    });
  });

  it('writes a repeated batch once', async () => {
    const { tracking, start, database } = await setUp();
    const { id } = await start();
    const metrics = Array.from({ length: 1000 }, (_, i) => point(`m${i % 150}`, i / 7, i, i));
    const batch = { metrics, params: new Map([['depth', '6']]), tags: new Map([['stage', 'x']]) };
    await tracking.logBatch(id, batch);
    await Promise.all([tracking.logBatch(id, batch), tracking.logBatch(id, batch)]);
    expect(await countOf(database, 'tracking_point')).toBe(1000);
    expect((await tracking.getRun(id)).metrics).toHaveLength(150);
  });

  it('stores all of a batch or nothing, and refuses only the batch at fault', async () => {
    const { tracking, start, database } = await setUp();
    const { id } = await start({ params: new Map([['depth', '6']]) });
    const other = await start();
    const bad = { metrics: [point('bad', 1)], params: new Map([['depth', '7']]), tags: new Map([['bad', '1']]) };
    const good = { ...NONE, metrics: [point('good', 1)] };
    const outcomes = await Promise.allSettled([
      tracking.logBatch(id, good),
      tracking.logBatch(id, bad),
      tracking.logBatch('missing', good),
      tracking.logBatch(other.id, good),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({
      reason: { code: 'TRACKING_PARAM_CHANGED', details: { key: 'depth', value: '6', given: '7' } },
    });
    expect(outcomes[2]).toMatchObject({ reason: { code: 'TRACKING_RUN_NOT_FOUND' } });
    const run = await tracking.getRun(id);
    expect(run.metrics.map(({ key }) => key)).toEqual(['good']);
    expect([...run.params, ...run.tags]).toEqual([['depth', '6']]);
    expect(await countOf(database, 'tracking_point')).toBe(2);
  });

  it('refuses text that a database cannot hold, also from callers within the program', async () => {
    const { tracking, start } = await setUp();
    const { id } = await start();
    const tags = new Map([['x', 'a\0b']]);
    const refused = tracking.logBatch(id, { metrics: [point('x', 1)], tags });
    await expect(refused).rejects.toMatchObject({ code: 'TRACKING_VALUE_INVALID', details: { field: 'tags.x' } });
    expect((await tracking.getRun(id)).metrics).toEqual([]);
  });

  it('lets many writers of the same runs through', async () => {
    const { tracking, start, database } = await setUp();
    const runs = await Promise.all(Array.from({ length: 5 }, () => start()));
    const batches = Array.from({ length: 100 }, (_, i) =>
      tracking.logBatch(runs[i % 5]?.id ?? '', { ...NONE, metrics: [point('a', i, i), point('b', -i, i)] }),
    );
    await Promise.all(batches);
    expect(await countOf(database, 'tracking_point')).toBe(200);
  });

  it('finds runs by their ids among all others, when it asks for active ones', async () => {
    const { database } = await setUp();
    // PostgreSQL knows how many there are; SQLite does not, and an index of all by lifecycle would seem good to it.
    if (database.dialect === 'postgres') return;
    const plan = await raw<{ detail: string }>`explain query plan update tracking_run set changed_at = 1
      where lifecycle = 'active' and id in (select value from json_each('["a"]'))`.execute(database.tables());
    expect(plan.rows[0]?.detail).toContain('(id=?)');
  });

  it('ends a run once, whatever the caller repeats', async () => {
    const { tracking, start, clock } = await setUp();
    const { id } = await start();
    const ended = await tracking.updateRun(id, { status: 'failed', tags: new Map([['why', 'disk']]) });
    clock.advance(1000);
    const again = await tracking.updateRun(id, { status: 'failed', name: 'second' });
    expect(again).toMatchObject({ status: 'failed', endedAtMs: ended.endedAtMs, name: 'second' });
    expect(again.tags.get('why')).toBe('disk');
    expect(await tracking.updateRun(id, { status: 'running' })).toMatchObject({ endedAtMs: null });
  });

  it('writes nothing to a deleted run until it is restored', async () => {
    const { tracking, start } = await setUp();
    const { id } = await start();
    await tracking.deleteRun(id);
    expect((await tracking.deleteRun(id)).lifecycle).toBe('deleted');
    const refused = { code: 'TRACKING_RUN_DELETED' };
    await expect(tracking.logBatch(id, { ...NONE, metrics: [point('x', 1)] })).rejects.toMatchObject(refused);
    await expect(tracking.updateRun(id, { status: 'finished' })).rejects.toMatchObject(refused);
    await expect(tracking.putArtifact(id, 'a.txt', new Uint8Array(1))).rejects.toMatchObject(refused);
    expect((await tracking.getRun(id)).metrics).toEqual([]);
    await tracking.restoreRun(id);
    await tracking.logBatch(id, { ...NONE, metrics: [point('x', 1)] });
    expect((await tracking.getRun(id)).metrics).toHaveLength(1);
  });

  it('thins a long history without losing its peaks, page after page', async () => {
    const { tracking, start } = await setUp();
    const { id } = await start();
    const total = 45_000;
    for (let from = 0; from < total; from += 5000) {
      const metrics = Array.from({ length: 5000 }, (_, i) => point('wave', Math.sin((from + i) / 1000), from + i));
      await tracking.logBatch(id, { ...NONE, metrics });
    }
    await tracking.logBatch(id, { ...NONE, metrics: [point('wave', 77, 31_337, 5), point('wave', -77, 40_001, 5)] });
    const thin = await tracking.getMetricHistory(id, 'wave', 200);
    expect(thin.total).toBe(total + 2);
    expect(thin.points.length).toBeLessThanOrEqual(200);
    expect(thin.points.length).toBeGreaterThan(150);
    expect(thin.points).toEqual([...thin.points].sort((a, b) => a.step - b.step));
    expect([thin.points[0]?.step, thin.points.at(-1)?.step]).toEqual([0, total - 1]);
    expect(thin.points.filter(({ value }) => Math.abs(value) === 77).map(({ step }) => step)).toEqual([31_337, 40_001]);
    expect((await tracking.getMetricHistory(id, 'wave', 100_000)).points).toHaveLength(total + 2);
    await expect(tracking.getMetricHistory(id, 'none', 10)).rejects.toMatchObject({
      code: 'TRACKING_METRIC_NOT_FOUND',
    });
  });

  it('keeps files by content, replaces a path and lists a folder', async () => {
    const { tracking, start, blobs } = await setUp();
    const { id } = await start();
    const bytes = (content: string) => new TextEncoder().encode(content);
    await tracking.putArtifact(id, 'plots/roc.png', bytes('one'));
    await tracking.putArtifact(id, 'plots/deep/x.txt', bytes('one'));
    await tracking.putArtifact(id, 'plotsX', bytes('three'));
    await tracking.putArtifact(id, 'plots/roc.png', bytes('two'));
    const listed = await tracking.listArtifacts(id, 'plots');
    expect(listed.map(({ path, contentType }) => [path, contentType])).toEqual([
      ['plots/deep/x.txt', 'text/plain; charset=utf-8'],
      ['plots/roc.png', 'image/png'],
    ]);
    const { artifact, read } = await tracking.getArtifact(id, 'plots/roc.png');
    expect([artifact.sizeBytes, await text(await read())]).toEqual([3, 'two']);
    let stored = 0;
    for await (const _ of blobs.list('')) stored++;
    expect(stored).toBe(3);
    await expect(tracking.getArtifact(id, 'plots')).rejects.toMatchObject({ code: 'TRACKING_ARTIFACT_NOT_FOUND' });
  });

  it('compares runs side by side and marks what differs', async () => {
    const { tracking, start } = await setUp();
    const a = await start({ params: new Map(Object.entries({ depth: '6', rate: '0.1' })) });
    const b = await start({ params: new Map(Object.entries({ depth: '6', rate: '0.2' })) });
    for (const { id } of [a, b]) await tracking.logBatch(id, { ...NONE, metrics: [point('nan', Number.NaN)] });
    await tracking.logBatch(b.id, { ...NONE, metrics: [point('auc', 0.7)] });
    const compared = await tracking.compareRuns([b.id, a.id]);
    expect(compared.params).toEqual([
      { key: 'depth', values: ['6', '6'], differs: false },
      { key: 'rate', values: ['0.2', '0.1'], differs: true },
    ]);
    expect(compared.metrics).toEqual([
      { key: 'auc', values: [0.7, null], differs: true },
      { key: 'nan', values: [Number.NaN, Number.NaN], differs: false },
    ]);
    await expect(tracking.compareRuns([a.id, 'none'])).rejects.toMatchObject({ code: 'TRACKING_RUN_NOT_FOUND' });
  });

  it('tells the pages of a logged run once, however often it logs', async () => {
    const { tracking, start, database } = await setUp();
    const { id } = await start();
    const before = await countOf(database, 'event_outbox');
    for (let step = 0; step < 20; step++) await tracking.logBatch(id, { ...NONE, metrics: [point('x', step, step)] });
    await tracking.stop();
    expect(await countOf(database, 'event_outbox')).toBe(before + 1);
  });
});
