import { describe, expect, it } from 'vitest';
import { describeDatabases } from '#testing/platform/sql';
import {
  FLIGHT,
  FLIGHT_SIGNATURE,
  linearModel,
  SERVING_TEST_MIGRATIONS,
  type ServingBench,
  setUpServing,
} from './testing.ts';

const CHANGE = { actor: 'user:ann', reason: 'because' };
const DAY_MS = 86_400_000;

async function deployed(database?: ServingBench['database'], stickyKey: string | null = null) {
  const bench = await setUpServing(database);
  const variants = [
    { name: 'champion', version: 'version:flights/1', weight: 8000 },
    { name: 'canary', version: 'version:flights/2', weight: 2000 },
  ] as const;
  await bench.serving.createEndpoint({ name: 'delays', variants, stickyKey }, CHANGE);
  return bench;
}

describeDatabases('the prediction log', (open) => {
  it('holds each answered row as it was answered, by event time', async () => {
    const { serving, clock } = await deployed(await open(SERVING_TEST_MIGRATIONS));
    const at = ['2001-03-02T00:00:00Z', clock.now()];
    const rows = [FLIGHT, { ...FLIGHT, origin: 'ORD' }];
    const { predictions } = await serving.predict('delays', { rows, at, inferenceIds: ['a', 'b'] });
    const logged = await serving.inferenceLog.find('delays', ['a', 'b', 'c']);
    expect(logged).toHaveLength(2);
    const a = logged.find(({ inferenceId }) => inferenceId === 'a');
    expect(a).toMatchObject({
      atMs: Date.UTC(2001, 2, 2),
      version: predictions[0]?.version,
      variant: predictions[0]?.variant,
      prediction: predictions[0]?.value,
      flagged: false,
      features: { date: Date.UTC(2001, 2, 1, 10, 30), distance: 500, origin: 'ATL' },
    });
    expect(a?.latencyMs).toBeGreaterThan(0);
    const days = await serving.inferenceLog.countByDay('delays');
    expect(days.map(({ dayMs, rows: count }) => [dayMs, count])).toEqual([
      [Date.UTC(2001, 2, 1), 1],
      [Date.UTC(2001, 2, 2), 1],
    ]);
  });

  it('is read in pages, in order, each row once, whatever times are alike', async () => {
    const { serving } = await deployed(await open(SERVING_TEST_MIGRATIONS));
    for (let batch = 0; batch < 4; batch++) {
      const rows = Array.from({ length: 4000 }, () => FLIGHT);
      const at = rows.map((_, i) => (i < 3000 ? 1000 : i));
      await serving.predict('delays', { rows, at });
    }
    const seen: { atMs: number; inferenceId: string }[] = [];
    for await (const page of serving.inferenceLog.scan('delays', 1000, 3500)) seen.push(...page);
    // 3,000 rows at 1000 ms and those of 3000 to 3499 ms, four times.
    expect(seen).toHaveLength(4 * 3500);
    expect(new Set(seen.map(({ inferenceId }) => inferenceId)).size).toBe(4 * 3500);
    expect(seen.every(({ atMs }, i) => i === 0 || atMs >= (seen[i - 1]?.atMs ?? 0))).toBe(true);
  });

  it('logs a repeated request once and answers it as before, even after the traffic has moved', async () => {
    const { serving } = await deployed(await open(SERVING_TEST_MIGRATIONS));
    const request = { rows: [FLIGHT, FLIGHT], inferenceIds: ['r1', 'r2'] };
    const both = await Promise.all([serving.predict('delays', request), serving.predict('delays', request)]);
    const variants = [{ name: 'champion', version: 'version:flights/9', weight: 10_000 }] as const;
    await serving.setTraffic('delays', { variants }, CHANGE);
    const third = await serving.predict('delays', {
      rows: [FLIGHT, FLIGHT, FLIGHT],
      inferenceIds: ['r2', 'new', 'r1'],
    });
    const [r1, r2] = both[0].predictions;
    expect(both[1].predictions).toEqual([r1, r2]);
    expect(third.predictions).toEqual([r2, expect.objectContaining({ version: 'version:flights/9' }), r1]);
    expect((await serving.listPredictions('delays', { limit: 10 })).length).toBe(3);
  });

  it('refuses an id used before for another row, wholly, and its neighbours are answered', async () => {
    const { serving } = await deployed(await open(SERVING_TEST_MIGRATIONS));
    await serving.predict('delays', { rows: [FLIGHT], inferenceIds: ['used'] });
    const other = { ...FLIGHT, distance: 9 };
    const results = await Promise.allSettled([
      serving.predict('delays', { rows: [FLIGHT], inferenceIds: ['fine'] }),
      serving.predict('delays', { rows: [other, other], inferenceIds: ['fresh', 'used'] }),
      serving.predict('delays', { rows: [FLIGHT] }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'SERVING_INFERENCE_ID_REUSED', kind: 'conflict' } });
    expect(await serving.inferenceLog.find('delays', ['fresh', 'fine', 'used'])).toHaveLength(2);
  });

  it('counts errors by day and code', async () => {
    const { serving, clock } = await deployed(await open(SERVING_TEST_MIGRATIONS));
    const fail = () => expect(serving.predict('delays', { rows: [{}] })).rejects.toThrow();
    await fail();
    await serving.countErrorsByDay('delays');
    await fail();
    clock.advance(DAY_MS);
    await fail();
    const code = 'SERVING_ROW_INVALID';
    const days = [
      { dayMs: Date.UTC(2001, 2, 1), code, count: 2 },
      { dayMs: Date.UTC(2001, 2, 2), code, count: 1 },
    ];
    expect(await serving.countErrorsByDay('delays')).toEqual(days);
    const stats = await serving.getStats('delays', 60_000);
    expect(stats.errorDays).toEqual(days);
    expect([...stats.total.errors]).toEqual([[code, 3]]);
  });
});

describe('predicting', () => {
  it('answers ten thousand rows in order, each by its variant', async () => {
    const { serving } = await deployed();
    const rows = Array.from({ length: 10_000 }, (_, i) => ({ ...FLIGHT, distance: i % 1000 }));
    const { predictions } = await serving.predict('delays', { rows });
    const bias = { champion: 1000, canary: 2000 } as Record<string, number>;
    expect(predictions.every(({ value, variant }, i) => value === (i % 1000) + (bias[variant] ?? 0))).toBe(true);
    const canary = predictions.filter(({ variant }) => variant === 'canary').length / 10_000;
    // Five standard deviations of a binomial share of 0.2.
    expect(Math.abs(canary - 0.2)).toBeLessThan(0.02);
  });

  it('keeps a key on its variant, and a column when the endpoint says so', async () => {
    const { serving } = await deployed();
    const keys = Array.from({ length: 200 }, (_, i) => `passenger-${i}`);
    const rows = keys.map(() => FLIGHT);
    const ask = async () => (await serving.predict('delays', { rows, keys })).predictions.map(({ variant }) => variant);
    const first = await ask();
    expect(await ask()).toEqual(first);
    expect(new Set(first).size).toBe(2);

    const sticky = await deployed(undefined, 'origin');
    const airports = keys.map((key) => ({ ...FLIGHT, origin: key }));
    const [one, two] = [
      await sticky.serving.predict('delays', { rows: airports }),
      await sticky.serving.predict('delays', { rows: airports }),
    ];
    expect(one.predictions.map(({ variant }) => variant)).toEqual(first);
    expect(two.predictions.map(({ variant }) => variant)).toEqual(first);
  });

  it('answers by a pinned version only when it is served', async () => {
    const { serving } = await deployed();
    const rows = Array.from({ length: 50 }, () => FLIGHT);
    const { predictions } = await serving.predict('delays', { rows }, 'version:flights/2');
    expect(new Set(predictions.map(({ version }) => version))).toEqual(new Set(['version:flights/2']));
    await expect(serving.predict('delays', { rows }, 'version:flights/3')).rejects.toThrow(
      'it serves version:flights/1',
    );
  });

  it.each([
    [{ rows: [] }, '"rows"'],
    [{ rows: [FLIGHT, { ...FLIGHT, distance: 'far' }] }, 'Row 1, column "distance": is "far"'],
    [{ rows: [FLIGHT, FLIGHT], inferenceIds: ['a'] }, '"inferenceIds" has 1 items for 2 rows'],
    [{ rows: [FLIGHT, FLIGHT], inferenceIds: ['a', 'a'] }, 'holds "a" twice'],
    [{ rows: [FLIGHT], inferenceIds: ['a b'] }, 'visible ASCII'],
    [{ rows: [FLIGHT], inferenceIds: ['\u0000'] }, 'visible ASCII'],
    [{ rows: [FLIGHT], keys: [] }, '"keys" has 0 items'],
    [{ rows: [FLIGHT], at: 'noon' }, '"at" holds "noon"'],
    [{ rows: [FLIGHT, FLIGHT], at: [1] }, '"at" has 1 items'],
  ])('refuses %j, names the fault and logs nothing', async (request, words) => {
    const { serving } = await deployed();
    await expect(serving.predict('delays', request)).rejects.toThrow(words);
    expect(await serving.listPredictions('delays', { limit: 10 })).toEqual([]);
    expect((await serving.getStats('delays', 60_000)).total.requests).toBe(0);
  });

  it('logs nothing and names the version when a model answers no number', async () => {
    const { serving, source } = await setUpServing();
    // The weight takes a large distance beyond float32; each value alone is fine.
    const steep = linearModel({ signature: FLIGHT_SIGNATURE, weights: [0, 1e10, 0], bias: 0 });
    source.models.set('version:steep/1', steep);
    const variants = [{ name: 'champion', version: 'version:steep/1', weight: 10_000 }] as const;
    await serving.createEndpoint({ name: 'delays', variants }, CHANGE);
    const bad = serving.predict('delays', { rows: [FLIGHT, { ...FLIGHT, distance: 1e38 }] });
    const good = serving.predict('delays', { rows: [FLIGHT] });
    await expect(bad).rejects.toThrow('version:steep/1 failed on this request: it answered Infinity for row 1');
    expect((await good).predictions).toHaveLength(1);
    expect(await serving.listPredictions('delays', { limit: 10 })).toHaveLength(1);
  });

  it('reports traffic by variant, and the same to Prometheus', async () => {
    const { serving } = await deployed();
    const rows = Array.from({ length: 500 }, () => FLIGHT);
    await serving.predict('delays', { rows });
    await expect(serving.predict('delays', { rows: [{}] })).rejects.toThrow();
    await expect(serving.predict('nowhere', { rows: [{}] })).rejects.toThrow('There is no endpoint "nowhere"');
    const stats = await serving.getStats('delays', 60_000);
    expect(stats.total).toMatchObject({ requests: 1, rows: 500 });
    expect(stats.variants.map(({ variant, rows: count }) => [variant, count > 50])).toEqual([
      ['champion', true],
      ['canary', true],
    ]);
    const text = await serving.metrics.registry.metrics();
    const labels = 'endpoint="delays",variant="champion",version="version:flights/1"';
    expect(text).toContain(`trimtab_serving_requests_total{${labels}} 1`);
    expect(text).toContain(`trimtab_serving_request_duration_seconds_count{${labels}} 1`);
    expect(text).toContain('trimtab_serving_errors_total{endpoint="delays",code="SERVING_ROW_INVALID"} 1');
    expect(text).toContain('trimtab_serving_errors_total{endpoint="",code="SERVING_ENDPOINT_NOT_FOUND"} 1');
    expect(text).toContain('trimtab_serving_requests_in_flight{endpoint="delays"} 0');
  });
});
