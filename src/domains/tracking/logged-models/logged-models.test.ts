import { expect, it } from 'vitest';
import { describeDatabases } from '#testing/platform/sql';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '../testing.ts';
import type { LoggedModelSearchRequest } from './logged-models.ts';
import { type NewModelMetric, writeModelMetrics } from './store.ts';

const texts = (object: Readonly<Record<string, string>>) => new Map(Object.entries(object));

describeDatabases('logged models', (open) => {
  async function setUp() {
    const bench = setUpTracking(await open(TRACKING_TEST_MIGRATIONS));
    const { tracking, clock, database } = bench;
    await tracking.createExperiment({ name: 'delays' }, 'user:ann');
    /** Models a, b, c … a second apart. */
    const make = async (name: string, request: object = {}) => {
      clock.advance(1000);
      return tracking.createLoggedModel({ experiment: { name: 'delays' }, name, ...request }, 'user:ann');
    };
    const names = async (request: Partial<LoggedModelSearchRequest>) => {
      const whole = { experiments: [{ name: 'delays' }], filter: '', datasets: [], orderBy: [], offset: 0, limit: 50 };
      return (await tracking.searchLoggedModels({ ...whole, ...request })).models.map(({ name }) => name).join('');
    };
    const measure = (metrics: readonly NewModelMetric[]) =>
      database.transaction((tx) => writeModelMetrics(tx, metrics));
    return { ...bench, make, names, measure };
  }

  it('keep what they are told, below the place of their experiment, with lineage to a known run', async () => {
    const { tracking, make, lineage } = await setUp();
    const run = await tracking.createRun({ experiment: 'delays' }, 'user:ann');
    const model = await make('a', {
      sourceRun: run.id,
      type: 'tree',
      params: texts({ depth: '6' }),
      tags: texts({ t: '1' }),
    });
    expect(model).toMatchObject({
      ...{ name: 'a', experiment: 'delays', experimentId: '1', type: 'tree', status: 'pending', lifecycle: 'active' },
      ...{ sourceRun: run.id, createdBy: 'user:ann', metrics: [] },
    });
    expect(model.id).toMatch(/^m-[0-9a-f]{32}$/);
    expect(model.artifactUri).toBe(`mlflow-artifacts:/1/models/${model.id}/artifacts`);
    expect([...model.params, ...model.tags]).toEqual([
      ['depth', '6'],
      ['t', '1'],
    ]);
    expect(lineage.edges).toEqual([`run:${run.id} logged logged-model:${model.id}`]);
    await make('b', { sourceRun: 'a run of another server' });
    expect(lineage.edges).toHaveLength(1);
  });

  it('answer the same model to a repeated request and refuse its id in another experiment', async () => {
    const { tracking, make, database } = await setUp();
    const id = `m-${'0'.repeat(32)}`;
    const first = await make('a', { id, params: texts({ depth: '6' }) });
    expect(await make('a', { id, params: texts({ depth: '6' }) })).toEqual(first);
    await tracking.createExperiment({ name: 'other' }, 'user:ann');
    const other = tracking.createLoggedModel({ experiment: { name: 'other' }, id }, 'user:ann');
    await expect(other).rejects.toThrow('exists already, in experiment "delays"');
    const outbox = database.tables<{ event_outbox: { topic: string } }>().selectFrom('event_outbox').select('topic');
    const topics = (await outbox.execute()).map(({ topic }) => topic).filter((topic) => topic.includes('logged-model'));
    expect(topics).toEqual(['tracking.logged-model.created']);
  });

  it.each(['', 'my/model', 'my.model', 'my:model', 'my%model', "my'model", 'my"model', 'x'.repeat(501)])(
    'refuse the name "%s"',
    async (name) => {
      const { make, names } = await setUp();
      await expect(make(name)).rejects.toThrow();
      expect(await names({})).toBe('');
    },
  );

  it('are not made in an experiment that is deleted or does not exist', async () => {
    const { tracking, make } = await setUp();
    const none = tracking.createLoggedModel({ experiment: { id: 77 } }, 'user:ann');
    await expect(none).rejects.toMatchObject({ code: 'TRACKING_EXPERIMENT_NOT_FOUND', details: { id: 77 } });
    await tracking.deleteExperiment({ name: 'delays' });
    await expect(make('a')).rejects.toMatchObject({ code: 'TRACKING_EXPERIMENT_DELETED' });
  });

  it('are changed whole or not at all', async () => {
    const { tracking, make, clock } = await setUp();
    const { id } = await make('a', { params: texts({ depth: '6' }), tags: texts({ t: '1', u: '2' }) });
    clock.advance(1);
    const ready = await tracking.changeLoggedModel(id, { status: 'ready', tags: texts({ t: '3' }), removeTags: ['u'] });
    expect(ready).toMatchObject({ status: 'ready', updatedAtMs: clock.now() });
    expect([...ready.tags]).toEqual([['t', '3']]);
    const same = await tracking.changeLoggedModel(id, { params: texts({ depth: '6', eta: '0.1' }) });
    expect(Object.fromEntries(same.params)).toEqual({ depth: '6', eta: '0.1' });
    for (const [change, code] of [
      [{ status: 'failed', params: texts({ depth: '7' }) }, 'TRACKING_LOGGED_MODEL_PARAM_CHANGED'],
      [{ status: 'failed', removeTags: ['none'] }, 'TRACKING_LOGGED_MODEL_TAG_NOT_FOUND'],
      [{ status: 'failed', tags: texts({ ['k'.repeat(501)]: 'x' }) }, 'TRACKING_VALUE_INVALID'],
    ] as const) {
      await expect(tracking.changeLoggedModel(id, change)).rejects.toMatchObject({ code });
    }
    expect(await tracking.getLoggedModel(id)).toEqual(same);
    const none = tracking.changeLoggedModel('m-none', { status: 'ready' });
    await expect(none).rejects.toMatchObject({ code: 'TRACKING_LOGGED_MODEL_NOT_FOUND' });
  });

  it('keep what a learner says of itself, however long', async () => {
    const { tracking, make } = await setUp();
    const long = texts({ ['ü'.repeat(500)]: '\u{20000}'.repeat(100_000) });
    const { id } = await make('a', { params: long, tags: long });
    const { params, tags } = await tracking.getLoggedModel(id);
    expect([params, tags]).toEqual([long, long]);
  });

  it('leave searches when deleted, and come back', async () => {
    const { tracking, make, names } = await setUp();
    const { id } = await make('a');
    expect(await tracking.deleteLoggedModel(id)).toMatchObject({ lifecycle: 'deleted' });
    expect(await names({})).toBe('');
    expect(await tracking.getLoggedModel(id)).toMatchObject({ lifecycle: 'deleted' });
    expect(await tracking.restoreLoggedModel(id)).toMatchObject({ lifecycle: 'active' });
    expect(await names({})).toBe('a');
    await expect(tracking.deleteLoggedModel('m-none')).rejects.toThrow('no logged model "m-none"');
  });

  it('keep each value measured of them once, NaN and infinities too', async () => {
    const { tracking, make, measure } = await setUp();
    const { id } = await make('a');
    const at = { model: id, run: 'r', step: 1, timestampMs: 5 };
    const dataset = { name: 'flights', digest: 'd1' };
    const metrics = [
      { ...at, key: 'auc', value: Number.NaN },
      { ...at, key: 'auc', value: 0 },
      { ...at, key: 'auc', value: 0, dataset },
      { ...at, key: 'loss', value: Number.NEGATIVE_INFINITY },
    ];
    await measure(metrics);
    await measure(metrics);
    const told = (await tracking.getLoggedModel(id)).metrics.map((m) => [
      m.key,
      m.value,
      m.datasetName,
      m.datasetDigest,
    ]);
    expect(told).toHaveLength(4);
    expect(told).toEqual(
      expect.arrayContaining([
        ['auc', Number.NaN, null, null],
        ['auc', 0, null, null],
        ['auc', 0, 'flights', 'd1'],
        ['loss', Number.NEGATIVE_INFINITY, null, null],
      ]),
    );
    const unknown = measure([...metrics, { ...at, model: 'm-none', key: 'auc', value: 1 }]);
    await expect(unknown).rejects.toMatchObject({ code: 'TRACKING_LOGGED_MODEL_NOT_FOUND' });
  });

  it('get what a run logs of them, in the transaction of its batch', async () => {
    const { tracking, make } = await setUp();
    const { id } = await make('a');
    const run = await tracking.createRun({ experiment: 'delays' }, 'user:ann');
    const dataset = { name: 'flights', digest: 'd1' };
    const metric = { key: 'auc', value: 0.7, step: 3, timestampMs: 5 };
    await tracking.logBatch(run.id, {
      metrics: [
        { ...metric, model: id, dataset },
        { ...metric, key: 'loss' },
      ],
    });
    const told = { ...metric, run: run.id, datasetName: 'flights', datasetDigest: 'd1' };
    expect((await tracking.getLoggedModel(id)).metrics).toEqual([told]);
    const unknown = tracking.logBatch(run.id, { metrics: [{ ...metric, value: 1, step: 4, model: 'm-none' }] });
    await expect(unknown).rejects.toMatchObject({ code: 'TRACKING_LOGGED_MODEL_NOT_FOUND' });
    expect((await tracking.getMetricHistory(run.id, 'auc', 10)).total).toBe(1);
  });

  it('are found by the grammar of all searches, newest first', async () => {
    const { tracking, make, names, measure } = await setUp();
    const a = await make('a', { params: texts({ depth: '6' }), sourceRun: 'r1', type: 'tree' });
    const b = await make('b', { tags: texts({ 'tag 3': 'x' }), params: texts({ depth: '10' }) });
    const c = await make('c', { type: 'line' });
    await tracking.changeLoggedModel(b.id, { status: 'ready' });
    const at = { run: 'r', step: 0, timestampMs: 1 };
    await measure([
      { ...at, model: a.id, key: 'auc', value: 0.9 },
      { ...at, model: a.id, key: 'auc', value: 0.2, timestampMs: 0 },
      { ...at, model: c.id, key: 'auc', value: Number.NaN },
    ]);
    const found = [
      ['', 'cba'],
      ["name = 'a'", 'a'],
      ["attributes.name LIKE 'A'", ''],
      ["name ILIKE 'A'", 'a'],
      ["name IN ('a', 'c',)", 'ca'],
      ["name NOT IN ('a')", 'cb'],
      ["name = 'a' OR name = 'b'", 'ba'],
      ["NOT (name = 'a' OR name = 'b')", 'c'],
      ["source_run_id = 'r1'", 'a'],
      ["source_run_id = 'r1' AND source_run_id = 'r2'", ''],
      ['source_run_id IS NULL', 'cb'],
      [`model_id = '${b.id}'`, 'b'],
      ["model_type = 'tree'", 'a'],
      ["status = 'READY'", 'b'],
      ["status != 'LOGGED_MODEL_READY'", 'ca'],
      ["experiment_id = '1'", 'cba'],
      ["creation_timestamp > '2001-03-01T00:00:01Z'", 'cb'],
      ['params.depth > 7', 'b'],
      ["params.depth = '6'", 'a'],
      ["tags.`tag 3` = 'x'", 'b'],
      ['metrics.auc > 0.5', 'a'],
      ['metrics.auc < 0.5', 'a'],
      ['metrics.auc != 0.9', 'a'],
      ['metrics.auc IS NULL', 'b'],
    ] as const;
    for (const [filter, expected] of found) expect([filter, await names({ filter })]).toEqual([filter, expected]);
    expect(await names({ experiments: [{ id: 2 }] })).toBe('');
    expect(await names({ experiments: [] })).toBe('');
    expect(await names({ experiments: undefined })).toBe('cba');
    await expect(names({ experiments: [{ name: 'none' }] })).rejects.toThrow('no experiment "none"');
  });

  it.each([
    ['Foo', 'key'],
    ["name = 'a' name = 'b'", 'clause'],
    ["foo.bar = 'a'", 'entity'],
    ["name > 'foo'", 'operator'],
    ['metrics.foo LIKE 0', 'operator'],
    ["metrics.foo = 'x'", 'value'],
    ["colour = 'x'", 'key'],
  ])('cannot be searched by %s', async (filter, kind) => {
    const { make, names } = await setUp();
    await make('a');
    const details = expect.objectContaining({ reason: expect.objectContaining({ kind }) });
    await expect(names({ filter })).rejects.toMatchObject({ code: 'TRACKING_LOGGED_MODEL_SEARCH_INVALID', details });
  });

  it('are sorted by attributes and by the latest metric on a dataset, those without it last', async () => {
    const { make, names, measure } = await setUp();
    const [a, b, c] = [await make('a'), await make('b'), await make('c')];
    const on = (name: string) => ({ name, digest: `${name}-digest` });
    await measure([
      { model: a.id, run: 'r', key: 'acc', value: 0.9, timestampMs: 1, step: 0, dataset: on('one') },
      { model: a.id, run: 'r', key: 'acc', value: 0.8, timestampMs: 2, step: 0, dataset: on('two') },
      { model: b.id, run: 'r', key: 'acc', value: 0.8, timestampMs: 3, step: 0, dataset: on('one') },
      { model: b.id, run: 'r', key: 'acc', value: 0.9, timestampMs: 4, step: 0, dataset: on('two') },
      { model: b.id, run: 'r', key: 'acc', value: 0.1, timestampMs: 4, step: -1, dataset: on('two') },
      { model: c.id, run: 'r', key: 'odd', value: Number.NaN, timestampMs: 4, step: 0 },
      { model: b.id, run: 'r', key: 'odd', value: 5, timestampMs: 4, step: 0 },
    ]);
    const by = (field: string, more: object = {}) => names({ orderBy: [{ field, ...more }] });
    expect(await by('name')).toBe('abc');
    expect(await by('attributes.name', { descending: true })).toBe('cba');
    expect(await by('creation_time')).toBe('abc');
    expect(await by('metrics.acc', { datasetName: 'one' })).toBe('bac');
    expect(await by('metrics.acc', { datasetName: 'two' })).toBe('abc');
    expect(await by('metrics.acc', { datasetDigest: 'one-digest', descending: true })).toBe('abc');
    expect(await by('metrics.acc')).toBe('abc');
    for (const descending of [true, false]) expect(await by('metrics.odd', { descending })).toBe('bca');
    for (const field of ['params.x', 'colour', 'foo.bar']) {
      await expect(by(field)).rejects.toMatchObject({ code: 'TRACKING_LOGGED_MODEL_ORDER_INVALID' });
    }
  });

  it('are chosen by datasets they were measured on', async () => {
    const { make, names, measure } = await setUp();
    const [a, b, c] = [await make('a'), await make('b'), await make('c')];
    const at = { run: 'r', timestampMs: 0, step: 0 };
    await measure([
      { ...at, model: a.id, key: 'm', value: 0.1, dataset: { name: 'one', digest: 'd1' } },
      { ...at, model: b.id, key: 'm', value: 0.2, dataset: { name: 'one', digest: 'd2' } },
      { ...at, model: c.id, key: 'm', value: 0.3 },
    ]);
    const filter = 'metrics.m >= 0.1';
    expect(await names({ filter })).toBe('cba');
    expect(await names({ filter, datasets: [{ name: 'one' }] })).toBe('ba');
    expect(await names({ filter, datasets: [{ name: 'one', digest: 'd1' }] })).toBe('a');
    expect(await names({ datasets: [{ name: 'one' }] })).toBe('ba');
    expect(await names({ datasets: [{ name: 'two' }] })).toBe('');
  });

  it('come by pages', async () => {
    const { tracking, make } = await setUp();
    for (const name of ['a', 'b', 'c']) await make(name);
    const page = (offset: number) =>
      tracking.searchLoggedModels({ experiments: undefined, filter: '', datasets: [], orderBy: [], offset, limit: 2 });
    expect(await page(0)).toMatchObject({ models: [{ name: 'c' }, { name: 'b' }], nextOffset: 2 });
    expect(await page(2)).toMatchObject({ models: [{ name: 'a' }], nextOffset: null });
  });
});
