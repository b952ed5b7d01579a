import { expect, it } from 'vitest';
import type { NewStudy } from '#contract';
import type { Database } from '#platform/sql';
import { describeDatabases } from '#testing/platform/sql';
import { allows, setUpTuning, TUNING_TEST_MIGRATIONS } from './testing.ts';
import { TrialHistory } from './trial-history.ts';

const STUDY: NewStudy = {
  name: 'gbdt',
  directions: ['minimize'],
  space: { rate: { kind: 'float', low: 0.01, high: 1, log: true }, depth: { kind: 'int', low: 2, high: 8 } },
};

describeDatabases('tuning', (open) => {
  async function setUp(changes: Partial<NewStudy> = {}) {
    const database: Database = await open(TUNING_TEST_MIGRATIONS);
    const bench = setUpTuning(database);
    const study = await bench.tuning.createStudy({ ...STUDY, ...changes }, 'user:ann');
    const ask = (key?: string) => bench.tuning.ask('gbdt', key, 'user:ann');
    return { ...bench, study, ask };
  }

  it('makes a study once and writes down every option of its strategies', async () => {
    const { tuning, study } = await setUp({ pruner: { name: 'median', warmupSteps: 2 } });
    expect(study.sampler).toMatchObject({ name: 'tpe', startupTrials: 10, candidates: 24, seed: expect.any(Number) });
    expect(study.pruner).toEqual({ name: 'median', startupTrials: 5, warmupSteps: 2, intervalSteps: 1, minTrials: 1 });
    const again: NewStudy = { ...STUDY, pruner: { name: 'median', warmupSteps: 2, startupTrials: 5 } };
    expect(await tuning.createStudy(again, 'user:bob')).toEqual(study);
    const others: readonly [Partial<NewStudy>, string][] = [
      [{ directions: ['maximize'] }, 'direction'],
      [{ space: { depth: { kind: 'int', low: 2, high: 8 } } }, 'search space'],
      [{ sampler: { name: 'random' } }, 'sampler'],
      [{ sampler: { name: 'tpe', seed: (Number(study.sampler.seed) + 1) % 2 ** 32 } }, 'sampler'],
      [{ pruner: { name: 'none' } }, 'pruner'],
      [{ experiment: 'delays' }, 'experiment'],
    ];
    for (const [change, part] of others) {
      await expect(tuning.createStudy({ ...again, ...change }, 'user:bob')).rejects.toMatchObject({
        code: 'TUNING_STUDY_EXISTS',
        details: { part },
      });
    }
    expect(await tuning.listStudies()).toEqual([study]);
  });

  it('takes a study from ask to tell and finds the best', async () => {
    const { tuning, ask, study } = await setUp();
    for (const value of [3, 1, 2]) {
      const trial = await ask();
      expect(allows(study.space, trial.params)).toBe(true);
      await tuning.tell('gbdt', trial.number, { values: [value] });
    }
    await tuning.tell('gbdt', (await ask()).number, { state: 'failed', words: 'out of memory' });
    await tuning.tell('gbdt', (await ask()).number, { values: [Number.NaN] });
    await ask();
    const { counts, best } = await tuning.getStudy('gbdt');
    expect(counts).toEqual({ running: 1, complete: 3, pruned: 0, failed: 2 });
    expect(best).toMatchObject([{ number: 1, values: [1] }]);
    const trials = await tuning.listTrials('gbdt', { state: 'failed', limit: 10 });
    expect(trials.map(({ number, words }) => [number, words])).toEqual([
      [3, 'out of memory'],
      [4, 'Its value is NaN.'],
    ]);
    expect((await tuning.listTrials('gbdt', { after: 1, limit: 2 })).map(({ number }) => number)).toEqual([2, 3]);
  });

  it('answers the same trial to a repeated key and keeps numbers without gaps', async () => {
    const { tuning, ask } = await setUp();
    const asked = await Promise.all(['a', 'b', 'a', 'c', 'b', 'a'].map((key) => ask(key)));
    expect(asked.map(({ number }) => number)).toEqual([0, 1, 0, 2, 1, 0]);
    await tuning.tell('gbdt', 0, { values: [1] });
    expect(await ask('a')).toMatchObject({ number: 0, state: 'complete', params: asked[0]?.params });
    expect((await ask()).number).toBe(3);
  });

  it('gives each trial once when several servers are asked together', async () => {
    const { tuning, startAnother, study } = await setUp();
    const servers = [tuning, startAnother(), startAnother()];
    const asked = await Promise.all(
      Array.from({ length: 24 }, (_, i) => servers[i % 3]?.ask('gbdt', `key ${i >> 1}`, 'user:ann')),
    );
    expect(new Set(asked.map((trial) => trial?.number))).toEqual(new Set(Array.from({ length: 12 }, (_, i) => i)));
    for (let pair = 0; pair < 12; pair++) expect(asked[2 * pair]).toEqual(asked[2 * pair + 1]);
    expect(new Set(asked.map((trial) => JSON.stringify(trial?.params))).size).toBe(12);
    expect(asked.every((trial) => trial && allows(study.space, trial.params))).toBe(true);
  });

  it('proposes the same on a server that was just started', async () => {
    const values = Array.from({ length: 20 }, (_, i) => (i * 7) % 11);
    const paramsOf = async (restart: boolean) => {
      const { tuning, startAnother } = await setUp({ sampler: { name: 'tpe', seed: 42 } });
      const proposed: string[] = [];
      for (const value of values) {
        const server = restart ? startAnother() : tuning;
        const trial = await server.ask('gbdt', undefined, 'user:ann');
        proposed.push(JSON.stringify(trial.params));
        await server.tell('gbdt', trial.number, { values: [value] });
      }
      return proposed;
    };
    expect(await paramsOf(true)).toEqual(await paramsOf(false));
  });

  it('keeps the end of a trial and refuses another', async () => {
    const { tuning, ask } = await setUp();
    const { number } = await ask();
    const told = await tuning.tell('gbdt', number, { values: [Number.POSITIVE_INFINITY] });
    expect(told).toMatchObject({ state: 'complete', values: [Number.POSITIVE_INFINITY] });
    expect(await tuning.tell('gbdt', number, { values: [Number.POSITIVE_INFINITY] })).toEqual(told);
    for (const other of [{ values: [1] }, { state: 'failed' }, { state: 'pruned' }] as const) {
      await expect(tuning.tell('gbdt', number, other)).rejects.toMatchObject({ code: 'TUNING_TRIAL_OVER' });
    }
    expect((await tuning.getStudy('gbdt')).best).toEqual([told]);
  });

  it('lets one of two contradicting ends win', async () => {
    const { tuning, ask, startAnother } = await setUp();
    const { number } = await ask();
    const outcomes = await Promise.allSettled([
      tuning.tell('gbdt', number, { values: [1] }),
      startAnother().tell('gbdt', number, { values: [2] }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const { values } = await tuning.getTrial('gbdt', number);
    expect(outcomes[values?.[0] === 1 ? 0 : 1]?.status).toBe('fulfilled');
  });

  it.each([
    [{}, 'neither values nor a state'],
    [{ state: 'complete' }, 'without values'],
    [{ values: [1, 2] }, '1 objectives, but was told 2 values'],
    [{ values: [], state: 'failed' }, 'told 0 values'],
  ] as const)('refuses the end %j', async (end, problem) => {
    const { tuning, ask } = await setUp();
    const { number } = await ask();
    const refused = tuning.tell('gbdt', number, end);
    await expect(refused).rejects.toMatchObject({ code: 'TUNING_VALUES_INVALID' });
    await expect(refused).rejects.toThrow(problem);
    expect((await tuning.getTrial('gbdt', number)).state).toBe('running');
  });

  it('prunes by the median of complete trials, and says why', async () => {
    const { tuning, ask } = await setUp({ pruner: { name: 'median', startupTrials: 3 } });
    for (const level of [1, 2, 3]) {
      const { number } = await ask();
      for (let step = 0; step < 3; step++) {
        expect((await tuning.report('gbdt', number, { step, value: level })).prune).toBe(false);
      }
      await tuning.tell('gbdt', number, { values: [level] });
    }
    const { number } = await ask();
    expect((await tuning.report('gbdt', number, { step: 0, value: 1.5 })).prune).toBe(false);
    const bad = await ask();
    const answer = await tuning.report('gbdt', bad.number, { step: 1, value: 2.5 });
    expect(answer.prune).toBe(true);
    expect(answer.words).toContain('best value so far 2.5, median of 3 trials at step 1 2');
    const pruned = await tuning.tell('gbdt', bad.number, { state: 'pruned', words: answer.words });
    expect(pruned).toMatchObject({ state: 'pruned', values: [2.5], words: answer.words });
    // The answer was lost: the trainer repeats its report and its end.
    expect((await tuning.report('gbdt', bad.number, { step: 1, value: 2.5 })).prune).toBe(true);
    expect(await tuning.tell('gbdt', bad.number, { state: 'pruned' })).toEqual(pruned);
    await expect(tuning.report('gbdt', bad.number, { step: 2, value: 1 })).rejects.toMatchObject({
      code: 'TUNING_TRIAL_OVER',
    });
  });

  it('lets the first value of a step stand, NaN too', async () => {
    const { tuning, ask } = await setUp();
    const { number } = await ask();
    for (const value of [Number.NaN, 4]) await tuning.report('gbdt', number, { step: 2, value });
    await tuning.report('gbdt', number, { step: 1, value: Number.NEGATIVE_INFINITY });
    expect((await tuning.getTrial('gbdt', number)).reports).toEqual([
      { step: 1, value: Number.NEGATIVE_INFINITY },
      { step: 2, value: Number.NaN },
    ]);
  });

  it('tracks the trials of a study with an experiment as runs', async () => {
    const { tuning, ask, runs, edges, clock } = await setUp({ experiment: 'delays' });
    const trial = await ask('key');
    await ask('key');
    await tuning.report('gbdt', 0, { step: 5, value: 0.25 });
    const reportedAtMs = clock.now();
    clock.advance(1000);
    await tuning.report('gbdt', 0, { step: 5, value: 0.25 });
    for (let i = 0; i < 2; i++) await tuning.tell('gbdt', 0, { values: [0.125] });
    expect(trial.run).toMatch(/^[0-9a-f]{32}$/);
    expect(runs.told).toEqual([
      `start ${trial.run} delays gbdt 0 ${JSON.stringify(trial.params)}`,
      `log ${trial.run} 5 0.25 ${reportedAtMs}`,
      `finish ${trial.run} complete 0.125 ${clock.now()}`,
    ]);
    expect(edges).toEqual([`study:gbdt trial run:${trial.run}`]);
  });

  it('answers the Pareto front of several objectives', async () => {
    const { tuning, ask } = await setUp({ directions: ['minimize', 'maximize'], sampler: { name: 'random', seed: 1 } });
    const told = [
      [1, 1],
      [2, 5],
      [2, 4],
      [3, 5],
      [0, 0],
    ];
    for (const values of told) await tuning.tell('gbdt', (await ask()).number, { values });
    expect((await tuning.getStudy('gbdt')).best.map(({ number }) => number)).toEqual([0, 1, 4]);
  });

  it('remembers ended trials and still sees every change', async () => {
    const { tuning, ask, database } = await setUp();
    const history = new TrialHistory(database);
    const seen = async () => (await history.read('gbdt')).map(({ number, state }) => `${number} ${state}`);
    for (let i = 0; i < 3; i++) await ask();
    expect(await seen()).toEqual(['0 running', '1 running', '2 running']);
    await tuning.report('gbdt', 2, { step: 0, value: 7 });
    await tuning.tell('gbdt', 2, { values: [7] });
    expect(await seen()).toEqual(['0 running', '1 running', '2 complete']);
    await tuning.tell('gbdt', 0, { state: 'failed' });
    await ask();
    const expected = ['0 failed', '1 running', '2 complete', '3 running'];
    expect(await Promise.all([seen(), seen()])).toEqual([expected, expected]);
    expect(await seen()).toEqual(expected);
    expect((await history.read('gbdt'))[2]?.reports).toEqual([{ step: 0, value: 7 }]);
  });
});
