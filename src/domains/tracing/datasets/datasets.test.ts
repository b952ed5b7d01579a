import { expect, it } from 'vitest';
import { setUpTracing, TRACING_TEST_MIGRATIONS } from '#testing/domains/tracing';
import { describeDatabases } from '#testing/platform/sql';
import type { RecordContent } from './model.ts';

describeDatabases('evaluation datasets', (open) => {
  const setUp = async () => setUpTracing(await open(TRACING_TEST_MIGRATIONS));

  it('are made once for an id, tagged, tied to experiments and deleted', async () => {
    const { tracing, clock } = await setUp();
    const id = `d-${'0'.repeat(32)}`;
    const request = { id, name: 'qa', tags: new Map([['mlflow.user', 'ann']]), experimentIds: ['1', '1'] };
    const made = await tracing.createDataset(request);
    expect(made).toMatchObject({ name: 'qa', createdBy: 'ann', experimentIds: ['1'], recordCount: 0, schema: null });
    expect(await tracing.createDataset({ ...request, name: 'other' })).toEqual(made);
    clock.advance(1000);
    const tagged = await tracing.tagDataset(
      id,
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
      ['mlflow.user', 'none'],
    );
    expect([...tagged.tags]).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
    expect((await tracing.tieDataset(id, { add: ['2'], remove: ['1', '7'] })).experimentIds).toEqual(['2']);
    await expect(tracing.tieDataset(id, { add: ['7'] })).rejects.toMatchObject({
      code: 'TRACING_EXPERIMENT_NOT_FOUND',
    });
    expect(await tracing.experimentsOfDataset(id)).toEqual(['2']);
    await tracing.forgetExperiment('2');
    expect(await tracing.experimentsOfDataset(id)).toEqual([]);
    await tracing.putDatasetRecords(id, [{ inputs: { q: 1 } }]);
    await tracing.deleteDataset(id);
    await tracing.deleteDataset(id);
    for (const ask of [
      () => tracing.getDataset(id),
      () => tracing.tagDataset(id, new Map()),
      () => tracing.putDatasetRecords(id, []),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: 'TRACING_DATASET_NOT_FOUND' });
    }
    await expect(tracing.createDataset({ name: '' })).rejects.toMatchObject({ code: 'TRACING_VALUE_INVALID' });
  });

  it('hold each question once, and grow it by what is told of it again', async () => {
    const { tracing, clock } = await setUp();
    const { id, digest } = await tracing.createDataset({ name: 'qa' });
    const put = await tracing.putDatasetRecords(id, [
      { inputs: { q: 'a', n: 1 }, expectations: { answer: 'x' }, tags: { level: 'easy', 'mlflow.user': 'bob' } },
      { inputs: { q: 'b' }, outputs: ['one', 'two'], source: { source_type: 'HUMAN' } },
      { inputs: { n: 1, q: 'a' }, outputs: { text: 'y' } },
    ]);
    expect(put).toEqual({ inserted: 2, updated: 1 });
    const before = await tracing.getDataset(id);
    expect(before).toMatchObject({ recordCount: 2, changedBy: 'bob' });
    expect(before.digest).not.toBe(digest);
    expect(before.schema).toEqual({
      inputs: { q: 'string', n: 'integer' },
      outputs: 'array',
      expectations: { answer: 'string' },
      version: '1.0',
    });
    clock.advance(1000);
    const again: RecordContent[] = [
      { inputs: { q: 'a', n: 1 }, expectations: { tone: 2.5 } },
      { inputs: { q: 'b' }, outputs: null },
    ];
    expect(await tracing.putDatasetRecords(id, again)).toEqual({ inserted: 0, updated: 2 });
    const { records, next } = await tracing.listDatasetRecords(id, { after: 0, limit: 1 });
    expect(records).toMatchObject([
      {
        inputs: { q: 'a', n: 1 },
        outputs: { text: 'y' },
        expectations: { answer: 'x', tone: 2.5 },
        tags: { level: 'easy' },
        createdBy: 'bob',
        changedAtMs: clock.now(),
        createdAtMs: clock.now() - 1000,
      },
    ]);
    const second = await tracing.listDatasetRecords(id, { after: next ?? 0, limit: 1 });
    expect(second).toMatchObject({ records: [{ inputs: { q: 'b' }, outputs: null }], next: null });
    const ids = [...records, ...second.records].map((record) => record.id);
    expect(await tracing.deleteDatasetRecords(id, [ids[0] ?? '', 'dr-none'])).toBe(1);
    expect((await tracing.getDataset(id)).recordCount).toBe(1);
  });

  it('take records of many writers at once', async () => {
    const { tracing } = await setUp();
    const { id } = await tracing.createDataset({ name: 'qa' });
    const put = (n: number) => tracing.putDatasetRecords(id, [{ inputs: { shared: 1 } }, { inputs: { n } }]);
    const counts = await Promise.all(Array.from({ length: 8 }, (_, n) => put(n)));
    expect(counts.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(9);
    expect((await tracing.getDataset(id)).recordCount).toBe(9);
  });

  it('are found by experiment, name, tags and order', async () => {
    const { tracing, clock } = await setUp();
    for (const [name, team, experimentIds] of [
      ['b', 'ml', ['1']],
      ['a', 'data', ['1', '2']],
      ['c', 'ml', []],
    ] as const) {
      clock.advance(1000);
      await tracing.createDataset({ name, tags: new Map([['team', team]]), experimentIds });
    }
    const search = async (
      part: { experimentIds?: string[]; filter?: string; orderBy?: string[] },
      offset = 0,
      limit = 9,
    ) => {
      const found = await tracing.searchDatasets({ filter: '', orderBy: [], ...part, offset, limit });
      return [found.datasets.map(({ name }) => name).join(''), found.nextOffset];
    };
    expect(await search({})).toEqual(['cab', null]);
    expect(await search({ experimentIds: ['1'] })).toEqual(['ab', null]);
    expect(await search({ experimentIds: ['9'] })).toEqual(['', null]);
    expect(await search({ filter: "tags.team = 'ml'" })).toEqual(['cb', null]);
    expect(await search({ filter: "name LIKE '%a%' OR created_time > 0", orderBy: ['name ASC'] })).toEqual([
      'abc',
      null,
    ]);
    expect(await search({}, 0, 2)).toEqual(['ca', 2]);
    expect(await search({}, 2, 2)).toEqual(['b', null]);
    await expect(search({ filter: "colour = 'x'" })).rejects.toMatchObject({ code: 'TRACING_FILTER_INVALID' });
  });
});
