import { expect, it } from 'vitest';
import type { CardSignature } from '#contract';
import { describeDatabases } from '#testing/platform/sql';
import type { RunFacts } from '../ports.ts';
import { REGISTRY_TEST_MIGRATIONS, registered, setUpRegistry } from '../testing.ts';

const reader = { id: 'user:ann' };

const runs = new Map<string, RunFacts>([
  ['run:r1', factsOf({ depth: '4', rate: '0.1' }, { 'valid.auc': 0.6 })],
  ['run:r2', factsOf({ depth: '6' }, { 'valid.auc': 0.7 })],
]);

const part = (name: string | null, type: string, shape: number[] | null = null) => ({
  name,
  type,
  shape,
  nullable: false,
});
const signatures = new Map<string, CardSignature>([
  ['m-1', { inputs: [part('a', 'double'), part('b', 'string')], outputs: [part(null, 'tensor of int64', [-1])] }],
  ['m-2', { inputs: [part('a', 'long'), part('c', 'double')], outputs: [part('late', 'boolean')] }],
  ['m-3', { inputs: [part(null, 'tensor of float32', [-1, 4])], outputs: [] }],
]);

function factsOf(params: Record<string, string>, metrics: Record<string, number>): RunFacts {
  return {
    name: 'fit',
    params: new Map(Object.entries(params)),
    metrics: new Map(Object.entries(metrics)),
    datasets: [{ name: 'flights', digest: 'd1', role: 'training' }],
    inputs: [],
    experiment: 'trees',
    experimentId: '7',
    codeCommit: 'def456',
  };
}

describeDatabases('versions compared', (open) => {
  async function setUp() {
    const bench = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS), {
      signatureOf: async (model, { id }) => (id === reader.id ? signatures.get(model) : undefined),
      runsOf: async (refs) => new Map([...runs].filter(([ref]) => refs.includes(ref))),
    });
    const compare = (left: string, right: string, model = 'delays', otherModel = 'delays') =>
      bench.registry.compareVersions({ model, version: left }, { model: otherModel, version: right }, reader);
    return { ...bench, compare };
  }
  const column = (name: string, type: 'number' | 'string', nullable = false) => ({ name, type, nullable });

  it('differ in metrics, columns, params, tags, data and code', async () => {
    const { registry, compare } = await setUp();
    await registered(registry, 'one', {
      signature: { inputs: [column('a', 'number'), column('b', 'string'), column('c', 'number')], output: 'value' },
      golden: undefined,
      metrics: { 'test.auc': 0.6, 'test.logLoss': null },
      tags: { team: 'ops' },
    });
    await registered(registry, 'two', {
      run: 'run:r2',
      golden: undefined,
      signature: {
        inputs: [column('a', 'number'), column('c', 'number', true), column('d', 'string')],
        output: 'value',
      },
      metrics: { 'test.auc': 0.75, 'test.brier': 0.2 },
      inputs: ['commit:flights/c1', 'commit:flights/c2'],
      codeCommit: 'new789',
      tags: { team: 'ops', note: 'wider' },
    });
    const found = await compare('1', 'latest');
    expect(found.metrics).toEqual([
      { name: 'test.auc', left: 0.6, right: 0.75, difference: expect.closeTo(0.15, 9) },
      { name: 'test.brier', left: null, right: 0.2, difference: null },
    ]);
    expect(found.signature).toEqual({
      known: true,
      columns: [
        { name: 'b', change: 'removed', left: { type: 'string', nullable: false }, right: null },
        {
          name: 'c',
          change: 'changed',
          left: { type: 'number', nullable: false },
          right: { type: 'number', nullable: true },
        },
        { name: 'd', change: 'added', left: null, right: { type: 'string', nullable: false } },
        {
          name: 'a',
          change: 'same',
          left: { type: 'number', nullable: false },
          right: { type: 'number', nullable: false },
        },
      ],
      leftOutput: 'value',
      rightOutput: 'value',
    });
    expect(found.params).toEqual([
      { name: 'depth', left: '4', right: '6' },
      { name: 'rate', left: '0.1', right: null },
    ]);
    expect(found.tags).toEqual([
      { name: 'note', left: null, right: 'wider' },
      { name: 'team', left: 'ops', right: 'ops' },
    ]);
    expect(found.data).toEqual([
      { name: 'commit:flights/c1', left: true, right: true },
      { name: 'commit:flights/c2', left: false, right: true },
      { name: 'flights (d1)', left: true, right: true },
    ]);
    expect([found.left.codeCommit, found.right.codeCommit]).toEqual(['abc123', 'new789']);
    expect(found.sameFile).toBe(false);
  });

  it('are compared by segment, and with those of another model', async () => {
    const { registry, compare } = await setUp();
    await registry.createModel({ name: 'other' }, 'user:ann');
    const evaluation = (auc: number, segments: object[]) => ({ overall: { rows: 100, auc: { value: auc } }, segments });
    const { file } = await registered(registry, 'one', {
      evaluation: evaluation(0.6, [{ column: 'origin', value: 'ATL', rows: 40, auc: 0.5, note: 'x' }]),
    });
    await registry.registerVersion(
      'other',
      {
        run: null,
        inputs: [],
        file: file?.digest ?? '',
        signature: { inputs: [column('a', 'number')], output: 'value' },
        metrics: {},
        evaluation: evaluation(0.7, [{ column: 'origin', value: 'SFO', rows: 60, auc: 0.9 }]),
      },
      'user:ann',
    );
    const found = await compare('1', '1', 'delays', 'other');
    const pair = (left: number | null, right: number | null) => ({
      ...{ name: 'auc', left, right },
      difference: left === null || right === null ? null : expect.closeTo(right - left, 9),
    });
    expect(found.segments).toEqual([
      { segment: 'overall', leftRows: 100, rightRows: 100, figures: [pair(0.6, 0.7)] },
      { segment: 'origin ATL', leftRows: 40, rightRows: null, figures: [pair(0.5, null)] },
      { segment: 'origin SFO', leftRows: null, rightRows: 60, figures: [pair(null, 0.9)] },
    ]);
    expect(found.sameFile).toBe(true);
    expect(found.right).toMatchObject({ model: 'other', run: null, metricsFrom: 'nowhere' });
  });

  it('that were registered without a file have the metrics of their runs and no signature', async () => {
    const { registry, compare } = await setUp();
    for (const run of ['run:r1', 'run:r2']) {
      const source = { uri: 's3://b/m', location: 's3://b/m', loggedModel: null, runLink: null };
      await registry.registerSource('delays', { description: '', run, source, tags: {} }, 'user:ann');
    }
    const found = await compare('1', '2');
    expect(found.metrics).toEqual([{ name: 'valid.auc', left: 0.6, right: 0.7, difference: expect.closeTo(0.1, 9) }]);
    expect(found).toMatchObject({
      left: { metricsFrom: 'run', codeCommit: 'def456' },
      signature: { known: false, columns: [], leftOutput: null },
      sameFile: null,
      segments: [],
    });
    await expect(compare('1', '9')).rejects.toMatchObject({ code: 'REGISTRY_VERSION_NOT_FOUND' });
    await expect(compare('1', '1', 'delays', 'none')).rejects.toMatchObject({ code: 'REGISTRY_MODEL_NOT_FOUND' });
  });

  it('of clients of MLflow differ in the columns that their MLmodel files tell', async () => {
    const { registry, compare } = await setUp();
    for (const loggedModel of ['m-1', 'm-2', 'm-3', 'm-unknown']) {
      const source = { uri: `models:/${loggedModel}`, location: 's3://b/m', loggedModel, runLink: null };
      await registry.registerSource('delays', { description: '', run: null, source, tags: {} }, 'user:ann');
    }
    const facts = (type: string) => ({ type, nullable: false });
    expect((await compare('1', '2')).signature).toEqual({
      known: true,
      columns: [
        { name: 'a', change: 'changed', left: facts('double'), right: facts('long') },
        { name: 'b', change: 'removed', left: facts('string'), right: null },
        { name: 'c', change: 'added', left: null, right: facts('double') },
      ],
      leftOutput: 'tensor of int64, N',
      rightOutput: 'late (boolean)',
    });
    expect((await compare('3', '3')).signature).toMatchObject({
      columns: [{ name: 'input', change: 'same', left: facts('tensor of float32, N × 4') }],
      rightOutput: '',
    });
    expect((await compare('1', '4')).signature).toMatchObject({ known: false, columns: [], rightOutput: null });
  });
});
