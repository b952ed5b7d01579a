import { describe, expect, it } from 'vitest';
import { createEvents } from '#platform/events';
import { seededRng } from '#platform/kernel';
import { describeDatabases } from '#testing/platform/sql';
import { createServing } from './serving.ts';
import { biasModel, FLIGHT, linearModel, SERVING_TEST_MIGRATIONS, type ServingBench, setUpServing } from './testing.ts';

const CHANGE = { actor: 'user:ann', reason: 'because' };
const champion = (n: number, weight = 10_000) =>
  ({ name: 'champion', version: `version:flights/${n}`, weight }) as const;
const canary = (n: number, weight: number) => ({ name: 'canary', version: `version:flights/${n}`, weight }) as const;

describeDatabases('endpoints', (open) => {
  const setUp = async () => setUpServing(await open(SERVING_TEST_MIGRATIONS));
  const deployed = async () => {
    const bench = await setUp();
    await bench.serving.createEndpoint({ name: 'delays', variants: [champion(1)] }, CHANGE);
    return bench;
  };

  it('answer with the version they point to, and say who moved them', async () => {
    const { serving, pointerLog } = await deployed();
    expect(await answerOf(serving)).toBe(1500);
    const moved = await serving.setTraffic('delays', { variants: [champion(2)], revision: 1 }, CHANGE);
    expect(moved).toMatchObject({ revision: 2, ready: true, status: 'serving' });
    expect(await answerOf(serving)).toBe(2500);
    expect(pointerLog.moves.map(({ pointer, from, to, actor }) => [pointer, from, to, actor])).toEqual([
      ['endpoint:delays', null, 'champion=version:flights/1@10000', 'user:ann'],
      ['endpoint:delays', 'champion=version:flights/1@10000', 'champion=version:flights/2@10000', 'user:ann'],
    ]);
  });

  it('tell of each change through the outbox', async () => {
    const { serving, database, clock } = await deployed();
    const events = createEvents({ database, clock });
    const seen: unknown[] = [];
    events.subscribe('test', ['serving.endpoint.changed'], async ({ payload }) => void seen.push(payload));
    await events.start();
    await serving.block('delays', CHANGE);
    await serving.deleteEndpoint('delays', CHANGE);
    while (!(await events.isIdle())) await new Promise((resolve) => setTimeout(resolve, 5));
    await events.stop();
    expect(seen).toMatchObject([
      { endpoint: 'delays', revision: 1, status: 'serving', deleted: false },
      { endpoint: 'delays', revision: 2, status: 'blocked', deleted: false },
      { endpoint: 'delays', revision: 3, deleted: true, variants: [] },
    ]);
  });

  it('make the same change once, and a different one of the same name not at all', async () => {
    const { serving, pointerLog } = await deployed();
    await serving.createEndpoint({ name: 'delays', variants: [champion(1)] }, CHANGE);
    await serving.setTraffic('delays', { variants: [champion(1)] }, CHANGE);
    await serving.unblock('delays', CHANGE);
    expect(pointerLog.moves).toHaveLength(1);
    await expect(serving.createEndpoint({ name: 'delays', variants: [champion(2)] }, CHANGE)).rejects.toMatchObject({
      code: 'SERVING_ENDPOINT_EXISTS',
    });
  });

  it('let one of two change them at one revision', async () => {
    const { serving } = await deployed();
    const results = await Promise.allSettled(
      [2, 3].map((n) => serving.setTraffic('delays', { variants: [champion(n)], revision: 1 }, CHANGE)),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(serving.getEndpoint('delays').revision).toBe(2);
  });

  it('let one of two processes change them, and follow each other', async () => {
    const one = await deployed();
    const events = createEvents({ database: one.database, clock: one.clock });
    await events.start();
    const two = await setUpServing(one.database, { events });
    const changes = [one, two].map(({ serving }, i) =>
      serving.setTraffic('delays', { variants: [champion(2 + i)], revision: 1 }, CHANGE),
    );
    const results = await Promise.allSettled(changes);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await one.serving.setTraffic('delays', { variants: [champion(5)] }, CHANGE);
    for (let i = 0; i < 200 && two.serving.getEndpoint('delays').revision < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(await answerOf(two.serving)).toBe(5500);
    await events.stop();
  });

  it('keep answering while blocked, flag it, and hold their traffic unless forced', async () => {
    const { serving } = await deployed();
    await serving.block('delays', { actor: 'loop:delays', reason: 'the feed is broken' });
    expect(await answerOf(serving)).toBe(1500);
    const [logged] = await serving.listPredictions('delays', { limit: 1 });
    expect(logged).toMatchObject({ flagged: true, prediction: 1500 });
    await expect(serving.setTraffic('delays', { variants: [champion(2)] }, CHANGE)).rejects.toThrow(
      'the feed is broken',
    );
    await serving.setTraffic('delays', { variants: [champion(2)], force: true }, CHANGE);
    expect(serving.getEndpoint('delays')).toMatchObject({ status: 'blocked', revision: 3 });
    await serving.unblock('delays', CHANGE);
    await answerOf(serving);
    expect((await serving.listPredictions('delays', { limit: 10 })).map(({ flagged }) => flagged)).toContain(false);
  });

  it('are as they were after a restart, and one whose model is gone does not stop the others', async () => {
    const { serving, database, source, clock } = await deployed();
    await serving.createEndpoint({ name: 'other', variants: [champion(2)] }, CHANGE);
    await serving.block('delays', CHANGE);
    await serving.stop();
    source.models.delete('version:flights/2');
    const again = await setUpServing(database, { modelSource: source, clock });
    expect(again.serving.isReady()).toBe(false);
    expect(again.serving.getEndpoint('delays')).toMatchObject({ status: 'blocked', revision: 2, ready: true });
    expect(await answerOf(again.serving)).toBe(1500);
    expect(again.serving.getEndpoint('other')).toMatchObject({
      ready: false,
      problem: 'there is no version:flights/2',
    });
    await expect(again.serving.predict('other', { rows: [FLIGHT] })).rejects.toMatchObject({
      code: 'SERVING_ENDPOINT_UNAVAILABLE',
      kind: 'unavailable',
    });
  });

  it('keep what they answered when deleted', async () => {
    const { serving } = await deployed();
    await answerOf(serving);
    await serving.deleteEndpoint('delays', CHANGE);
    await expect(answerOf(serving)).rejects.toMatchObject({ code: 'SERVING_ENDPOINT_NOT_FOUND' });
    expect((await serving.inferenceLog.countByDay('delays')).map(({ rows }) => rows)).toEqual([1]);
  });

  it('change nothing when the audit entry cannot be written', async () => {
    const database = await open(SERVING_TEST_MIGRATIONS);
    const bench = await setUpServing(database);
    await bench.serving.createEndpoint({ name: 'delays', variants: [champion(1)] }, CHANGE);
    const record = () => Promise.reject(new Error('the audit log is full'));
    const broken = await setUpServing(database, { pointerLog: { record } });
    await expect(broken.serving.setTraffic('delays', { variants: [champion(2)] }, CHANGE)).rejects.toThrow('is full');
    expect(broken.serving.getEndpoint('delays').revision).toBe(1);
    expect(await answerOf(broken.serving)).toBe(1500);
    const restarted = await setUpServing(database);
    expect(await answerOf(restarted.serving)).toBe(1500);
    expect(broken.runtime.open).toBe(1);
  });
});

describe('putting a version in service', () => {
  const golden = { rows: [FLIGHT, { ...FLIGHT, distance: 7 }], predictions: [10_500, 10_007] };

  it.each([
    ['answers otherwise than its golden rows', biasModel(10_001, golden), 'SERVING_GOLDEN_FAILED'],
    ['answers no number', biasModel(Number.NaN, golden), 'SERVING_GOLDEN_FAILED'],
    ['is no model', { ...biasModel(1), onnx: new TextEncoder().encode('<html>') }, 'SERVING_MODEL_UNFIT'],
    [
      'takes other columns than its file',
      { ...biasModel(1), signature: { inputs: [{ name: 'x', type: 'number' }], output: 'value' } } as const,
      'SERVING_MODEL_UNFIT',
    ],
    [
      'takes other columns than the champion',
      linearModel({ signature: { inputs: [{ name: 'x', type: 'number' }], output: 'value' }, weights: [1], bias: 0 }),
      'SERVING_MODEL_UNFIT',
    ],
  ])('is refused when it %s, and the old one goes on', async (_, model, code) => {
    const { serving, source, runtime } = await setUpServing();
    await serving.createEndpoint({ name: 'delays', variants: [champion(1)] }, CHANGE);
    source.models.set('version:flights/10', model);
    const variants = [champion(1, 9000), canary(10, 1000)];
    await expect(serving.setTraffic('delays', { variants }, CHANGE)).rejects.toMatchObject({ code });
    expect(serving.getEndpoint('delays')).toMatchObject({ revision: 1, ready: true });
    expect(await answerOf(serving)).toBe(1500);
    expect(runtime.open).toBe(1);
  });

  it('is accepted when its golden answers differ by rounding only', async () => {
    const { serving, source } = await setUpServing();
    const predictions = golden.predictions.map((value) => value + 0.04);
    source.models.set('version:flights/10', biasModel(10_000, { ...golden, predictions }));
    await serving.createEndpoint({ name: 'delays', variants: [champion(10)] }, CHANGE);
    expect(serving.getSignature('delays').example).toEqual(FLIGHT);
  });

  it.each([
    [[champion(1, 9999)], 'add up to 9999'],
    [[champion(1, 5000), champion(2, 5000)], 'two are named'],
    [[champion(1, 10_001), canary(2, -1)], '"canary" has weight -1'],
    [[champion(1, 9999.5), canary(2, 0.5)], 'weight 9999.5'],
    [[], 'add up to 0'],
  ])('needs weights that add up: %j', async (variants, words) => {
    const { serving } = await setUpServing();
    expect(() => serving.createEndpoint({ name: 'delays', variants }, CHANGE)).toThrow(words);
  });

  it('needs a name that can be part of an address', async () => {
    const { serving } = await setUpServing();
    expect(() => serving.createEndpoint({ name: '../x', variants: [champion(1)] }, CHANGE)).toThrow('"../x"');
  });
});

describe('swapping versions under load', () => {
  it('fails no request of thousands while versions change tens of times, and releases what it leaves', async () => {
    const { serving, runtime } = await setUpServing();
    await serving.createEndpoint({ name: 'delays', variants: [champion(1)] }, CHANGE);
    let swapping = true;
    let answered = 0;
    const wrong: unknown[] = [];
    const caller = async () => {
      while (swapping) {
        const { predictions } = await serving.predict('delays', { rows: [FLIGHT] });
        for (const { value, version } of predictions) {
          // The answer must come from the very version it names.
          if (`version:flights/${(value - 500) / 1000}` !== version) wrong.push({ value, version });
        }
        answered++;
      }
    };
    const callers = Array.from({ length: 64 }, caller);
    const versions = new Set<string>();
    for (let swap = 0; swap < 60; swap++) {
      const variants =
        swap % 3 === 0
          ? [champion(1 + (swap % 9), 7000), canary(1 + ((swap + 4) % 9), 3000)]
          : [champion(1 + (swap % 9))];
      await serving.setTraffic('delays', { variants }, CHANGE);
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    }
    swapping = false;
    await Promise.all(callers);
    for (const { version } of await serving.listPredictions('delays', { limit: 100_000 })) versions.add(version);

    const logged = (await serving.inferenceLog.countByDay('delays')).reduce((sum, { rows }) => sum + rows, 0);
    expect({ wrong, logged }).toEqual({ wrong: [], logged: answered });
    expect(answered).toBeGreaterThan(3000);
    expect(versions.size).toBe(9);
    expect(runtime.open).toBe(serving.getEndpoint('delays').variants.length);
    await serving.stop();
    expect(runtime.open).toBe(0);
  }, 60_000);
});

describe('a started server', () => {
  it('is not ready before its endpoints are restored', async () => {
    const bench = await setUpServing();
    await bench.serving.createEndpoint({ name: 'delays', variants: [champion(1)] }, CHANGE);
    const { database, clock, runtime, source, pointerLog } = bench;
    const events = createEvents({ database, clock });
    const rng = seededRng(1);
    const serving = createServing({ database, clock, rng, events, pointerLog, modelSource: source, runtime });
    expect(serving.isReady()).toBe(false);
    const starting = serving.start();
    expect(serving.isReady()).toBe(false);
    await starting;
    expect(serving.isReady()).toBe(true);
  });
});

async function answerOf(serving: ServingBench['serving']): Promise<number | undefined> {
  return (await serving.predict('delays', { rows: [FLIGHT] })).predictions[0]?.value;
}
