import { expect, it } from 'vitest';
import { describeDatabases } from '#testing/platform/sql';
import type { RunFacts } from '../ports.ts';
import { goodMeasurements, REGISTRY_TEST_MIGRATIONS, registered, setUpRegistry } from '../testing.ts';
import type { CatalogSearch } from './search.ts';

const ann = 'user:ann';
const reader = { id: ann };
const run: RunFacts = {
  name: 'bold-heron',
  params: new Map([['depth', '6']]),
  metrics: new Map([['valid.auc', 0.8]]),
  datasets: [{ name: 'iris', digest: 'd1', role: 'training' }],
  inputs: [],
  experiment: 'trees',
  experimentId: '7',
  codeCommit: 'def456',
};

describeDatabases('the catalog', (open) => {
  /** delays with three versions, `iris` with one without a file, `empty`, and a prompt. */
  async function setUp(mayRead: (reader: object, model: string) => boolean = () => true) {
    const bench = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS), {
      runsOf: async (refs) => new Map(refs.filter((ref) => ref === 'run:r9').map((ref) => [ref, run])),
      mayRead,
    });
    const { registry } = bench;
    await registered(registry, 'one', { metrics: { 'test.auc': 0.6 } });
    await registered(registry, 'two', { metrics: { 'test.auc': 0.7 }, inputs: ['commit:flights/c2'], tags: {} });
    await registered(registry, 'three', {
      metrics: { 'test.auc': 0.65 },
      codeCommit: 'new789',
      description: 'with the Weather',
      signature: { inputs: [{ name: 'windSpeed', type: 'number', nullable: false }], output: 'probability' },
      golden: undefined,
    });
    await registry.setAlias('delays', 'beta', { version: 2, reason: 'try' }, ann);
    await registry.runGate('delays', '1', { measurements: goodMeasurements() }, ann);
    await registry.requestPromotion('delays', { version: '1', environment: 'dev' }, ann);
    await registry.addModel({ name: 'iris', tags: { team: 'Flowers' } }, ann);
    const source = { uri: 's3://b/m', location: 's3://b/m', loggedModel: null, runLink: null };
    await registry.registerSource('iris', { description: '', run: 'run:r9', source, tags: {} }, ann);
    await registry.createModel({ name: 'empty', description: 'nothing yet' }, ann);
    await registry.addModel({ name: 'greeting', tags: { 'mlflow.prompt.is_prompt': 'true' } }, ann);
    const search = (asked: Partial<CatalogSearch>) =>
      registry.searchCatalog({ each: 'version', limit: 100, ...asked }, reader);
    const found = async (asked: Partial<CatalogSearch>) =>
      (await search(asked)).entries.map(({ model, version }) => (version ? `${model}/${version.version}` : model));
    return { ...bench, search, found };
  }

  it('finds versions by everything that is known of them', async () => {
    const { found } = await setUp();
    const finds: readonly [filter: string, versions: readonly string[]][] = [
      ["model = 'delays'", ['delays/3', 'delays/2', 'delays/1']],
      ["name LIKE 'iri%'", ['iris/1']],
      ['version >= 2', ['delays/3', 'delays/2']],
      ['metrics.test.auc > 0.62', ['delays/3', 'delays/2']],
      ['metrics.valid.auc > 0.62', ['iris/1']],
      ["params.depth = '6'", ['iris/1']],
      ["column = 'windSpeed'", ['delays/3']],
      ["columns.distance = 'number'", ['delays/2', 'delays/1']],
      ["data = 'commit:flights/c2'", ['delays/2']],
      ["dataset = 'iris'", ['iris/1']],
      ["code = 'new789' or code = 'def456'", ['delays/3', 'iris/1']],
      ["run = 'r9' and run_name ILIKE 'BOLD%'", ['iris/1']],
      ["alias = 'beta'", ['delays/2']],
      ["alias IS NULL and model != 'iris'", ['delays/3', 'delays/1']],
      ["environment = 'dev'", ['delays/1']],
      ["gate = 'passed'", ['delays/1']],
      ["tags.team = 'ops'", ['delays/3', 'delays/1']],
      ["tags.team = 'Flowers'", ['iris/1']],
      ["description ILIKE '%weather%'", ['delays/3']],
      ["not (model = 'delays' and version in (1, 2))", ['delays/3', 'iris/1']],
    ];
    for (const [filter, versions] of finds) expect([filter, await found({ filter })]).toEqual([filter, versions]);
  });

  it('finds models and versions by words, which all must stand somewhere', async () => {
    const { found, search } = await setUp();
    expect(await found({ text: 'weather' })).toEqual(['delays/3']);
    expect(await found({ text: '  DELAYS beta ' })).toEqual(['delays/2']);
    expect(await found({ text: 'delays flowers' })).toEqual([]);
    expect(await found({ text: 'distance', each: 'model' })).toEqual(['delays/2']);
    expect(await found({ text: 'nothing', each: 'model' })).toEqual(['empty']);
    expect(await found({ text: 'nothing' })).toEqual([]);
    expect((await search({ text: 'greeting', each: 'model' })).entries).toEqual([]);
  });

  it('has an entry a model with the first version that matches, and tells all of it', async () => {
    const { found, search } = await setUp();
    expect(await found({ each: 'model' })).toEqual(['delays/3', 'empty', 'iris/1']);
    const best = await search({ each: 'model', orderBy: 'metrics.test.auc desc' });
    expect(best.entries[0]).toMatchObject({
      ...{ model: 'delays', versions: 3, matching: 3 },
      version: { version: 2, metrics: { 'test.auc': 0.7 }, aliases: ['beta'], environments: [], gatePassed: null },
    });
    expect(best.entries.map(({ model }) => model)).toEqual(['delays', 'empty', 'iris']);
    const [iris] = (await search({ each: 'model', filter: "model = 'iris'" })).entries;
    expect(iris).toMatchObject({
      tags: { team: 'Flowers' },
      version: { run: 'run:r9', codeCommit: 'def456', metrics: { 'valid.auc': 0.8 }, data: [] },
    });
    const [empty] = (await search({ each: 'model', text: 'empty' })).entries;
    expect(empty).toMatchObject({ versions: 0, matching: 0, version: null });
  });

  it('sorts by any field, and goes on where a page ended', async () => {
    const { search, found } = await setUp();
    expect(await found({ orderBy: 'metrics.test.auc' })).toEqual(['delays/1', 'delays/3', 'delays/2', 'iris/1']);
    const first = await search({ orderBy: 'version desc', limit: 3 });
    expect(first).toMatchObject({ total: 4, nextPageToken: expect.any(String) });
    const last = await search({ orderBy: 'version desc', limit: 3, pageToken: first.nextPageToken ?? '' });
    expect([...first.entries, ...last.entries].map(({ version }) => version?.version)).toEqual([3, 2, 1, 1]);
    expect(last.nextPageToken).toBeNull();
    await expect(search({ pageToken: 'x' })).rejects.toMatchObject({ code: 'REGISTRY_CATALOG_PAGE_INVALID' });
  });

  it('shows nobody what he may not read, and forgets what was deleted', async () => {
    const { registry, found, search } = await setUp((_, model) => model !== 'iris');
    expect(await found({ each: 'model' })).toEqual(['delays/3', 'empty']);
    expect(await search({ filter: "model = 'iris'" })).toMatchObject({ entries: [], total: 0 });
    await registry.deleteVersion('delays', '3', 'old', ann);
    await registry.deleteModel('empty', 'old', ann);
    expect(await found({ each: 'model' })).toEqual(['delays/2']);
    await registry.renameModel('delays', 'lateness', 'user:ann');
    expect(await found({})).toEqual(['lateness/2', 'lateness/1']);
  });

  it('says where a search cannot be read', async () => {
    const { search } = await setUp();
    for (const asked of [{ filter: 'metrics.auc >' }, { filter: 'colour = 1' }, { orderBy: 'version sideways' }]) {
      await expect(search(asked)).rejects.toMatchObject({ code: 'REGISTRY_CATALOG_FILTER_INVALID', kind: 'invalid' });
    }
  });
});
