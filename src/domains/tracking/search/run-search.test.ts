import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeDatabases } from '#testing/platform/sql';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '../testing.ts';

/** Runs a to f: what each was told and what came of it. */
const RUNS = {
  a: { auc: 0.61, params: { depth: '4', kind: 'gbdt' }, tags: { stage: 'Prod', 'a b/c': 'x' } },
  b: { auc: 0.75, params: { depth: '10', kind: 'gbdt' }, tags: { stage: 'prod-eu' } },
  c: { auc: 0.7, params: { depth: '6', kind: 'forest' }, tags: { stage: '100%' } },
  d: { auc: Number.NaN, params: { depth: 'deep', kind: 'forest' }, tags: {} },
  e: { params: {}, tags: { stage: "it's" } },
  f: { auc: Number.NEGATIVE_INFINITY, params: { depth: '06' }, tags: { stage: 'pr_d' } },
} as const;

describeDatabases('the search of runs', (open) => {
  async function setUp() {
    const bench = setUpTracking(await open(TRACKING_TEST_MIGRATIONS));
    const { tracking, clock } = bench;
    await tracking.createExperiment({ name: 'delays' }, 'user:ann');
    await tracking.createExperiment({ name: 'empty' }, 'user:ann');
    const ids = new Map<string, string>();
    for (const [name, run] of Object.entries(RUNS)) {
      clock.advance(1000);
      const params = new Map(Object.entries(run.params));
      const inputs = name < 'c' ? [{ ref: `commit:flights/${name}`, path: null, role: 'training' } as const] : [];
      const tags = new Map(Object.entries(run.tags));
      const { id } = await tracking.createRun({ experiment: 'delays', name, params, tags, inputs }, 'user:ann');
      if ('auc' in run) await tracking.logBatch(id, { metrics: [{ key: 'auc', value: run.auc, step: 0 }] });
      ids.set(name, id);
    }
    const find = async (filter: string, orderBy = ['name']) =>
      (await tracking.searchRuns({ filter, orderBy })).runs.map(({ name }) => name).join('');
    return { ...bench, ids, find };
  }

  it('reads the whole grammar', async () => {
    const { find, tracking, ids } = await setUp();
    await tracking.updateRun(ids.get('b') ?? '', { status: 'finished' });
    const expected: readonly (readonly [string, string])[] = [
      ['metrics.auc > 0.65', 'bc'],
      ['metric.auc >= .7 AND metrics.auc<7.5e-1', 'c'],
      ['metrics.auc = 0.7 or metrics.auc = 0.61', 'ac'],
      ['metrics.auc < 0', 'f'],
      ['metrics.auc != 0.7', 'abf'],
      ['metrics.auc is null', 'e'],
      ['metrics.auc is not null', 'abcdf'],
      ['metrics.auc in (0.7, 0.75)', 'bc'],
      ['not metrics.auc > 0', 'def'],
      ["params.kind = 'gbdt' and (metrics.auc < 0.7 or params.depth = '10')", 'ab'],
      ["params.kind = 'gbdt' and metrics.auc < 0.7 or params.depth = '6'", 'ac'],
      ['params.depth > 5', 'bcf'],
      ['params.depth = 6', 'cf'],
      ["params.depth = '6'", 'c'],
      ["params.depth in ('4', 10)", 'ab'],
      ["params.depth not in ('4', '10')", 'cdf'],
      ["tags.stage like 'prod%'", 'b'],
      ["tags.stage ILIKE 'prod%'", 'ab'],
      ["tags.stage like '100%'", 'c'],
      ["tags.stage like 'pr_d'", 'f'],
      ["tags.stage like 'pr_d%'", 'bf'],
      ["tags.stage = 'it''s'", 'e'],
      ['tags.stage = "it\'s"', 'e'],
      ["tags.`a b/c` = 'x'", 'a'],
      ["tags.stage != 'Prod'", 'bcef'],
      ["inputs.ref = 'commit:flights/a'", 'a'],
      ["inputs.role = 'training'", 'ab'],
      ["inputs.ref like 'commit:flights/%' and not inputs.ref = 'commit:flights/a'", 'b'],
      ['inputs.ref is null', 'cdef'],
      ['inputs.path is not null', ''],
      ["status = 'finished'", 'b'],
      ["attributes.name = 'c' or run.run_name = 'd'", 'cd'],
      ["name in ('a', 'f')", 'af'],
      ['endedAt is null', 'acdef'],
      ['end_time > 0', 'b'],
      ['not endedAt > 0', 'acdef'],
      ["experiment = 'delays' and createdBy = 'user:ann'", 'abcdef'],
      ["tags.stage like '[p]%' or tags.stage like '*'", ''],
      ["tags.stage = ''' or 1=1 --'", ''],
      ['', 'abcdef'],
    ];
    for (const [filter, names] of expected) expect([filter, await find(filter)]).toEqual([filter, names]);
  });

  it('sorts values, then NaN, then runs without one, both ways, and newest first among equals', async () => {
    const { find } = await setUp();
    expect(await find('', ['metrics.auc'])).toBe('facbde');
    expect(await find('', ['metrics.auc desc'])).toBe('bcafde');
    expect(await find('', ['params.depth'])).toBe('afcbde');
    expect(await find('', ['params.depth desc'])).toBe('bcfade');
    expect(await find('', ['tags.stage ASC'])).toBe('caefbd');
    expect(await find('', ['params.kind desc', 'metrics.auc', 'metrics.auc desc'])).toBe('abcdfe');
    expect(await find('', ['startedAt'])).toBe('abcdef');
    expect(await find('', [])).toBe('fedcba');
    expect(await find('', ['inputs.ref desc'])).toBe('bafedc');
  });

  it('answers page after page, each run once, and refuses the token of another search', async () => {
    const { tracking } = await setUp();
    const request = { orderBy: ['metrics.auc desc'], limit: 4 };
    const first = await tracking.searchRuns(request);
    const pageToken = first.nextPageToken ?? '';
    const second = await tracking.searchRuns({ ...request, pageToken });
    expect([...first.runs, ...second.runs].map(({ name }) => name).join('')).toBe('bcafde');
    expect(second.nextPageToken).toBeNull();
    for (const wrong of [
      { ...request, pageToken: 'x' },
      { ...request, orderBy: [], pageToken },
    ]) {
      await expect(tracking.searchRuns(wrong)).rejects.toMatchObject({ code: 'TRACKING_PAGE_TOKEN_INVALID' });
    }
  });

  it('looks in the experiments named, and at deleted runs only when told', async () => {
    const { tracking, ids } = await setUp();
    await tracking.deleteRun(ids.get('a') ?? '');
    const count = async (request: object) => (await tracking.searchRuns(request)).runs.length;
    expect(await count({ experiments: ['empty'] })).toBe(0);
    expect(await count({ experiments: [] })).toBe(0);
    expect(await count({ experiments: ['empty', 'delays'] })).toBe(5);
    expect(await count({ lifecycle: 'deleted' })).toBe(1);
    expect(await count({ lifecycle: 'all' })).toBe(6);
    await expect(count({ experiments: ['none'] })).rejects.toMatchObject({ code: 'TRACKING_EXPERIMENT_NOT_FOUND' });
  });

  it('reads only the columns asked for', async () => {
    const { tracking } = await setUp();
    const columns = ['params.depth', 'metrics.auc'];
    const { runs } = await tracking.searchRuns({ columns, filter: "name = 'a'" });
    expect(runs).toMatchObject([{ params: new Map([['depth', '4']]), metrics: [{ value: 0.61 }], inputs: [] }]);
    expect([runs[0]?.params.size, runs[0]?.tags.size]).toEqual([1, 0]);
    const bare = await tracking.searchRuns({ columns: ['inputs'], filter: "name = 'a'" });
    expect(bare.runs[0]).toMatchObject({ metrics: [], inputs: [{ ref: 'commit:flights/a' }] });
  });

  it('lists the columns of an experiment with how many runs have them', async () => {
    const { tracking, ids } = await setUp();
    await tracking.deleteRun(ids.get('a') ?? '');
    const { metrics, params, tags } = await tracking.listColumns('delays');
    expect(metrics).toEqual([{ key: 'auc', runs: 4 }]);
    expect(params).toEqual([
      { key: 'depth', runs: 4 },
      { key: 'kind', runs: 3 },
    ]);
    expect(tags).toEqual([{ key: 'stage', runs: 4 }]);
  });

  it.each([
    ['metrics.auc', 11, 'expected one of'],
    ['metrics.auc >', 13, 'expected a number'],
    ["metrics.auc > 'x'", 14, 'expected a number'],
    ["params.depth > 'x'", 15, 'expected a number'],
    ['tags.stage = 5', 13, 'expected text in quotes'],
    ["tags.stage > 'a'", 11, 'text is not greater or less'],
    ["metrics.auc like '1'", 12, 'numbers have no like'],
    ['auc > 1', 0, '"auc" is not one of'],
    ['inputs.colour = 1', 0, 'is not one of ref, path, role'],
    ["tags.stage = 'x", 13, 'never closed'],
    ['(metrics.auc > 1', 16, 'expected )'],
    ['metrics.auc > 1)', 15, 'expected and, or, or the end'],
    ['metrics.auc > 1; drop table tracking_run', 15, 'has no meaning here'],
    ['name in ()', 9, 'expected text in quotes'],
    ['constructor = 1', 0, 'is not one of'],
  ])('says where and why it cannot read %s', async (filter, at, problem) => {
    const { find } = await setUp();
    const refused = find(filter);
    await expect(refused).rejects.toMatchObject({ code: 'TRACKING_FILTER_INVALID', details: { at } });
    await expect(refused).rejects.toThrow(problem);
  });

  it('refuses what is too deep or too long before it reaches the database', async () => {
    const { find } = await setUp();
    const code = 'TRACKING_FILTER_INVALID';
    const deep = (depth: number) => `${'('.repeat(depth)}name = 'a'${')'.repeat(depth)}`;
    expect(await find(deep(50))).toBe('a');
    await expect(find(deep(51))).rejects.toMatchObject({
      code,
      details: { problem: 'it is nested more than 50 deep' },
    });
    const long = (parts: number) => Array.from({ length: parts }, () => 'metrics.auc > 0.7').join(' or ');
    expect(await find(long(200))).toBe('b');
    await expect(find(long(201))).rejects.toMatchObject({ code });
  });

  it('answers or refuses whatever it is asked, and never breaks', async () => {
    const { find } = await setUp();
    const pieces = fc.constantFrom(
      ...['metrics.auc', 'params.depth', 'tags.stage', 'name', 'inputs.ref', 'startedAt', 'and', 'or', 'not', '(', ')'],
      ...['=', '!=', '>', 'like', 'in', 'is', 'null', ',', '1', '-2.5e3', "'x'", "'%'", '`k`', "'", 'é', '\\', ' '],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 12 }), async (words) => {
        try {
          await find(words.join(' '));
        } catch (error) {
          expect(error).toMatchObject({ code: 'TRACKING_FILTER_INVALID' });
        }
      }),
      { numRuns: 300 },
    );
  });
});
