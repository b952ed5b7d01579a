import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createEvents } from '#platform/events';
import { seededRng } from '#platform/kernel';
import { describeDatabases } from '#testing/platform/sql';
import {
  dayMs,
  flightsOf,
  freezeFlights,
  MONITORING_TEST_MIGRATIONS,
  REFERENCE_DAYS,
  setUpMonitoring,
  smallReference,
} from './testing.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface WindowSignal {
  readonly id: string;
  readonly pass: string;
  readonly signal: {
    readonly kind: string;
    readonly span: { readonly startMs: number; readonly endMs: number };
    readonly drift?: string;
    readonly verdict?: string;
    readonly drifted?: readonly { readonly feature: string; readonly psi: number }[];
    readonly problems: readonly string[];
  };
}

describeDatabases('monitoring', (open) => {
  async function setUp(request: object = {}) {
    const database = await open(MONITORING_TEST_MIGRATIONS);
    const bench = await setUpMonitoring(database);
    const { id } = await bench.monitoring.addReference(smallReference());
    const made = { name: 'delays', endpoint: 'delays', reference: id, segments: ['origin', 'hour'], ...request };
    await bench.monitoring.createMonitor(made, 'user:ann');
    const signals = async () => (await bench.told('monitoring.window.evaluated')) as unknown as WindowSignal[];
    const windows = (limit = 100) => bench.monitoring.listWindows('delays', { limit });
    const tick = (day: number) => bench.monitoring.tickMonitor('delays', dayMs(day));
    return { ...bench, reference: id, made, signals, windows, tick };
  }

  it('leaves quiet days alone, finds a broken feed the same day, and sees it mended', async () => {
    const { monitoring, replay, tick, windows, signals, told } = await setUp();
    for (const day of [0, 1, 2]) await replay(day);
    await replay(3, { distance: 1.609 });
    await replay(4);
    for (const day of [1, 2, 3, 4, 5, 6]) await tick(day);
    const found = await windows();
    expect(found.map(({ drift }) => drift)).toEqual(['ok', 'ok', 'ok', 'failed', 'ok']);
    expect(found.map(({ integrity }) => integrity)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
    expect(found.map(({ drifted }) => drifted)).toEqual([[], [], [], ['distance'], []]);
    const broken = (await signals()).find(({ id }) => id === `delays/${dayMs(3)}/inputs`)?.signal;
    expect(broken).toMatchObject({ kind: 'window', span: { startMs: dayMs(3), endMs: dayMs(4) }, drift: 'failed' });
    expect(broken?.drifted?.[0]?.psi).toBeGreaterThan(0.25);
    expect(await told('monitoring.alert.raised')).toMatchObject([
      { family: 'drift', raisedAtMs: dayMs(4), state: 'open' },
    ]);
    const [alert] = await monitoring.listAlerts({ limit: 10 });
    expect(alert).toMatchObject({ state: 'resolved', windowStartMs: dayMs(3), windows: 1, resolvedAtMs: dayMs(5) });
    // Labels came in, but a day of broken inputs proves nothing about the model.
    const { performance } = await monitoring.getWindow('delays', dayMs(3));
    expect(performance).toMatchObject({ verdict: 'ok', labelled: 1000 });
    expect(performance?.problems.join()).toMatch(/does not count towards the rules/);
  });

  it('finds a change of behaviour at some origins in days, and starts afresh with a new reference', async () => {
    const { monitoring, replay, tick, windows, reference, moves, timeline, told } = await setUp();
    const later = { origins: ['ATL', 'ORD', 'DFW'], logOdds: 1.8 };
    for (let day = 0; day < 12; day++)
      await replay(day, { ...(day < 4 ? {} : { later }), distance: day === 10 ? 1.609 : 1 });
    for (let day = 1; day <= 13; day++) await tick(day);
    const verdicts = (await windows()).map(({ performance }) => performance);
    expect(verdicts.slice(0, 4)).not.toContain('failed');
    const first = verdicts.indexOf('failed');
    expect(first).toBeGreaterThan(4);
    expect(first).toBeLessThan(9);
    expect((await monitoring.getWindow('delays', dayMs(first))).performance?.problems.join('; ')).toMatch(
      /AUC|log loss|origin (ATL|ORD|DFW)/,
    );
    // A day of a broken feed in between does not end the alert.
    expect(verdicts[10]).toBe('ok');
    expect((await told('monitoring.alert.raised')).map((alert) => (alert as { family: string }).family)).toEqual([
      'performance',
      'drift',
    ]);
    expect((await monitoring.getMonitor('delays')).openAlerts).toBe(1);

    const rng = seededRng(5);
    const recent = Array.from({ length: REFERENCE_DAYS }, (_, i) => flightsOf(i - 30, rng, { rows: 300 })).flat();
    const { id } = await monitoring.addReference(freezeFlights(recent));
    timeline.set(dayMs(13));
    const changed = await monitoring.changeMonitor('delays', { reference: id, reason: 'promoted' }, 'loop');
    expect(changed).toMatchObject({ reference: id, referenceSinceMs: dayMs(13), openAlerts: 0 });
    expect(moves).toEqual([
      `monitor:delays null -> ${reference.slice(0, 6)}`,
      `monitor:delays ${reference.slice(0, 6)} -> ${id.slice(0, 6)}`,
    ]);
    await replay(13);
    for (const day of [14, 15]) await tick(day);
    const fresh = await monitoring.getWindow('delays', dayMs(13));
    expect(fresh.performance).toMatchObject({ referenceId: id });
    expect(fresh.performance?.verdict).not.toBe('failed');
    for (const { value } of fresh.performance?.evidence ?? []) expect(value).toBeLessThan(4);
    // The same change once more changes nothing and records nothing.
    await monitoring.changeMonitor('delays', { reference: id, reason: 'promoted' }, 'loop');
    expect(moves).toHaveLength(2);
  });

  it('tells the same story whether the clock moves by days or at once', async () => {
    const stories = [];
    for (const steps of [[1, 2, 3, 4, 5, 6], [6]]) {
      const { replay, tick, signals } = await setUp();
      for (const day of [0, 1, 2, 4]) await replay(day, day === 2 ? { distance: 1.609 } : {});
      for (const step of steps) await tick(step);
      stories.push((await signals()).map(({ id, signal }) => [id, signal.drift ?? signal.verdict]));
    }
    expect(stories[1]).toEqual(stories[0]);
    const order = stories[0]?.map(([id]) =>
      String(id).replace(/delays\/(\d+)\//, (_, ms) => `${(Number(ms) - dayMs(0)) / 864e5} `),
    );
    expect(order).toEqual([
      '0 inputs',
      '1 inputs',
      '0 performance',
      '2 inputs',
      '1 performance',
      '2 performance',
      '4 inputs',
      '4 performance',
    ]);
  });

  it('evaluates each window once, in whatever processes and after whatever crash', async () => {
    const { monitoring, another, replay, predictions, signals, timeline } = await setUp();
    for (const day of [0, 1, 2]) await replay(day);
    timeline.set(dayMs(4));
    predictions.nextError = new Error('the process dies here');
    await expect(monitoring.tick()).rejects.toThrow('the process dies here');
    expect(await signals()).toEqual([]);
    await Promise.all([monitoring.tick(), another().tick(), monitoring.tick(), another(3).tick()]);
    const ids = (await signals()).map(({ id }) => id);
    expect(ids).toHaveLength(6);
    expect(new Set(ids).size).toBe(6);
    await monitoring.tick();
    expect(await signals()).toHaveLength(6);
  });

  it('keeps the first label of an id, counts ids never predicted, and records nothing of a bad request', async () => {
    const { monitoring, replay, tick } = await setUp();
    await replay(0, { labels: false, rows: 100 });
    const label = (inferenceId: string, value: number) => ({ inferenceId, value });
    expect(await monitoring.recordLabels('delays', [label('0-1', 1), label('0-1', 0), label('lost', 1)])).toEqual({
      recorded: 2,
      known: 1,
    });
    expect(await monitoring.recordLabels('delays', [label('0-1', 0), label('0-2', 0)])).toEqual({
      recorded: 1,
      known: 1,
    });
    for (const value of [0.5, Number.NaN, 2]) {
      const bad = monitoring.recordLabels('delays', [label('0-3', 1), label('0-4', value)]);
      await expect(bad).rejects.toMatchObject({ code: 'MONITORING_LABEL_INVALID' });
    }
    await tick(2);
    const { performance } = await monitoring.getWindow('delays', dayMs(0));
    expect(performance).toMatchObject({ predictions: 100, labelled: 2, unknownLabels: 1, verdict: 'ok' });
    expect(performance?.rate.value).toBe(0.5);
    expect(performance?.problems).toEqual(['2 of 100 predictions have a label; 50 are needed to judge']);
  });

  it('asks for as many drifted windows as its rules say', async () => {
    const { replay, tick, windows } = await setUp({ rules: { driftWindows: 2, driftOf: 3 } });
    for (const day of [0, 1, 2, 3]) await replay(day, day === 0 || day === 2 ? { distance: 1.609 } : {});
    for (const day of [1, 2, 3, 4]) await tick(day);
    expect((await windows()).map(({ drift }) => drift)).toEqual(['warning', 'ok', 'failed', 'ok']);
  });

  it('fails latency on slow answers and on errors', async () => {
    const { monitoring, replay, tick, predictions } = await setUp();
    await replay(0, { change: { latencyMs: 400 } });
    predictions.failed = 100;
    await tick(1);
    const { inputs } = await monitoring.getWindow('delays', dayMs(0));
    expect(inputs?.latency).toMatchObject({ verdict: 'failed', p50Ms: 400, errorRate: 100 / 1100 });
    expect(inputs?.problems.join('; ')).toBe(
      'the slowest hundredth of the rows took 400.0 ms or more; 9.1 % of the rows could not be answered',
    );
  });

  it('compares versions on the labelled rows each answered, and gives sound rows to learn from', async () => {
    const { monitoring, replay, predictions } = await setUp();
    await replay(0, { rows: 800 });
    const { flights } = await replay(1, { rows: 400, change: { version: 'version:delays/2', variant: 'canary' } });
    await replay(2, { rows: 50, change: { flagged: true } });
    predictions.failed = 3;
    const span = { endpoint: 'delays', fromMs: dayMs(0), toMs: dayMs(3) };
    const compared = await monitoring.compareVersions({
      ...span,
      champion: 'version:delays/1',
      challenger: 'version:delays/2',
    });
    expect(compared).toMatchObject({ championRows: 800, challengerRows: 400, challengerErrors: 3 });
    expect(compared.difference).toBeCloseTo(compared.challengerLogLoss - compared.championLogLoss, 12);
    expect(compared.low).toBeLessThan(compared.difference);
    const none = await monitoring.compareVersions({ ...span, champion: 'version:delays/1', challenger: 'version:x/9' });
    expect(none).toMatchObject({ challengerRows: 0, difference: 0, low: -1e9, high: 1e9 });

    const rows = [];
    const excluded = [{ startMs: dayMs(0), endMs: dayMs(1) }];
    for await (const batch of monitoring.labelledRows({ ...span, excluded })) rows.push(...batch);
    expect(rows).toHaveLength(400);
    const byTime = [...flights].sort((a, b) => a.atMs - b.atMs);
    expect(rows.map(({ label }) => label)).toEqual(byTime.map(({ label }) => label));
    expect(rows[0]).toMatchObject({ features: byTime[0]?.features, version: 'version:delays/2' });
  });

  it('sends each alert to every webhook, again to those that did not take it', async () => {
    const database = await open(MONITORING_TEST_MIGRATIONS);
    const got: string[] = [];
    let refuse = 2;
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const bad = request.url === '/flaky' && refuse-- > 0;
        if (!bad) got.push(`${request.url} ${JSON.parse(body).event} ${JSON.parse(body).alert.family}`);
        response.writeHead(bad ? 503 : 204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => server.close());
    const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // The outbox waits by the clock between attempts, so it must run.
    let nowMs = Date.UTC(2026, 0, 1);
    const clock = { now: () => (nowMs += 200) };
    const events = createEvents({ database, clock });
    const logged: string[] = [];
    const { monitoring, replay } = await setUpMonitoring(database, {
      clock,
      events,
      onAlert: ({ family, state }) => logged.push(`${family} ${state}`),
    });
    const { id } = await monitoring.addReference(smallReference());
    const webhooks = [`${host}/flaky`, `${host}/good`];
    await monitoring.createMonitor({ name: 'delays', endpoint: 'delays', reference: id, webhooks }, 'user:ann');
    for (const day of [0, 1]) await replay(day, day === 0 ? { distance: 1.609 } : {});
    await events.start();
    cleanups.push(() => events.stop());
    await monitoring.tick(dayMs(2));
    for (let i = 0; i < 200 && !(await events.isIdle()); i++) await new Promise((resolve) => setTimeout(resolve, 25));
    expect(got.sort()).toEqual([
      '/flaky monitoring.alert.raised drift',
      '/flaky monitoring.alert.resolved drift',
      '/good monitoring.alert.raised drift',
      '/good monitoring.alert.resolved drift',
    ]);
    expect(logged).toEqual(['drift open', 'drift resolved']);
  });

  describe('a monitor', () => {
    it('is made once, however often it is asked for, and not under a name that watches something else', async () => {
      const { monitoring, made, moves } = await setUp();
      const again = await monitoring.createMonitor(made, 'user:bob');
      expect(again).toMatchObject({ name: 'delays', latest: null, openAlerts: 0, rules: { driftPsi: 0.15 } });
      expect(again.features.map(({ name }) => name)).toEqual(['distance', 'origin', 'hour', 'weekday']);
      expect(moves).toHaveLength(1);
      const other = monitoring.createMonitor({ ...made, endpoint: 'other' }, 'user:bob');
      await expect(other).rejects.toMatchObject({ code: 'MONITORING_MONITOR_EXISTS' });
    });

    it('refuses what it cannot watch', async () => {
      const { monitoring, made } = await setUp();
      const create = (request: object) => monitoring.createMonitor({ ...made, name: 'new', ...request }, 'user:ann');
      await expect(create({ name: '../x' })).rejects.toMatchObject({ code: 'KERNEL_NAME_INVALID' });
      await expect(create({ reference: 'none' })).rejects.toMatchObject({ code: 'MONITORING_REFERENCE_NOT_FOUND' });
      await expect(create({ features: [{ name: 'speed' }] })).rejects.toThrow(
        /no column "speed". It has: distance, origin/,
      );
      await expect(create({ features: [{ name: 'distance' }], segments: ['origin'] })).rejects.toMatchObject({
        code: 'MONITORING_FEATURE_UNKNOWN',
      });
      const rules = { driftWindows: 3, driftOf: 2 };
      await expect(create({ rules })).rejects.toMatchObject({ code: 'MONITORING_RULES_INVALID' });
      await expect(monitoring.changeMonitor('delays', { rules, reason: 'x' }, 'user:ann')).rejects.toMatchObject({
        code: 'MONITORING_RULES_INVALID',
      });
      expect((await monitoring.listMonitors()).map(({ name }) => name)).toEqual(['delays']);
      const missing: readonly (() => Promise<unknown>)[] = [
        () => monitoring.getMonitor('none'),
        () => monitoring.tickMonitor('none'),
        () => monitoring.listWindows('none', { limit: 1 }),
        () => monitoring.deleteMonitor('none', 'user:ann'),
      ];
      for (const call of missing) await expect(call()).rejects.toMatchObject({ code: 'MONITORING_MONITOR_NOT_FOUND' });
      await expect(monitoring.getWindow('delays', 0)).rejects.toMatchObject({ code: 'MONITORING_WINDOW_NOT_FOUND' });
    });

    it('watches what it is told, changes while it works, and leaves nothing when deleted', async () => {
      const { monitoring, replay, tick, moves, signals } = await setUp({
        features: [{ name: 'distance' }],
        segments: [],
      });
      for (const day of [0, 1]) await replay(day);
      const change = { features: [{ name: 'origin' }], labelDelayMs: 0, reason: 'only origins' };
      await tick(1);
      await Promise.all([tick(2), monitoring.changeMonitor('delays', change, 'user:ann')]);
      await tick(3);
      const { inputs } = await monitoring.getWindow('delays', dayMs(0));
      expect(inputs?.drift.features.map(({ feature }) => feature)).toEqual(['distance', '@prediction']);
      expect(new Set((await signals()).map(({ id }) => id)).size).toBe(4);
      const series = await monitoring.listDrift('delays', { limit: 10 });
      expect(series.find(({ feature }) => feature === '@prediction')?.points).toHaveLength(2);
      const { reference, days } = await monitoring.listPerformance('delays', { limit: 10 });
      expect(days).toHaveLength(2);
      expect(reference?.windows).toBe(REFERENCE_DAYS);
      await monitoring.deleteMonitor('delays', 'user:ann', 'no longer used');
      expect(await monitoring.listMonitors()).toEqual([]);
      expect(moves.at(-1)).toMatch(/^monitor:delays \w{6} -> null$/);
      await monitoring.tick(dayMs(9));
    });

    it('without labels in its reference shows performance and judges nothing', async () => {
      const { monitoring, replay } = await setUp();
      const { id } = await monitoring.addReference({ ...smallReference(), performance: null });
      await monitoring.createMonitor({ name: 'blind', endpoint: 'delays', reference: id }, 'user:ann');
      await replay(0);
      await monitoring.tickMonitor('blind', dayMs(2));
      const { performance } = await monitoring.getWindow('blind', dayMs(0));
      expect(performance).toMatchObject({ verdict: 'ok', evidence: [], sequence: null, labelled: 1000 });
      expect(performance?.auc.value).toBeGreaterThan(0.5);
      expect(await monitoring.listPerformance('blind', { limit: 1 })).toMatchObject({ reference: null });
    });
  });
});

describe('quiet days', () => {
  it('are told of as quiet, for as long as half a year', async () => {
    const { migrate, openDatabase } = await import('#platform/sql');
    const database = await openDatabase('sqlite::memory:');
    cleanups.push(() => database.close());
    await migrate(database, MONITORING_TEST_MIGRATIONS);
    const { monitoring, replay } = await setUpMonitoring(database);
    const { id } = await monitoring.addReference(smallReference());
    const request = { name: 'delays', endpoint: 'delays', reference: id, segments: ['origin', 'hour'] };
    await monitoring.createMonitor(request, 'user:ann');
    for (let day = 0; day < 180; day++) await replay(day, { rows: 200 });
    await monitoring.tick(dayMs(182));
    const windows = await monitoring.listWindows('delays', { limit: 1000 });
    expect(windows).toHaveLength(180);
    expect(windows.filter(({ drift, integrity }) => drift === 'failed' || integrity !== 'ok')).toEqual([]);
    // Mean time between false alarms is a year: in half a year one alarm is well possible, three are not (1 in 70).
    expect((await monitoring.listAlerts({ limit: 100 })).length).toBeLessThan(3);
  });
});
