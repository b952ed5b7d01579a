import { expect, it } from 'vitest';
import { seededRng } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { describeDatabases } from '#testing/platform/sql';
import type { Points } from '../core/packed-points.ts';
import type { LoggedMetric } from '../model.ts';
import { TRACKING_TEST_MIGRATIONS } from '../testing.ts';
import { writeMetrics } from './metric-store.ts';
import { copyHistories, deleteHistories, findSeries, readPoints, readThin, sealSeries } from './point-store.ts';

const RUN = 'a-run';
const KEY = 'loss';

describeDatabases('points', (open) => {
  it('are each there once, in order, however they came and whatever was packed between', async () => {
    const database = await open(TRACKING_TEST_MIGRATIONS);
    const rng = seededRng(7);
    const whole = (below: number) => rng.int(below);
    const expected = new Map<string, LoggedMetric>();
    // Few at a time are rows, many are packets, very many become chunks; some of them come late, and some twice.
    for (const size of [3, 40, 6000, 1, 16, 15, 200, 5000, 2, 900, 9000, 30]) {
      const first = whole(3) === 0 ? whole(2000) : expected.size;
      const metrics = Array.from({ length: size }, () => {
        const step = first + whole(size);
        return { key: KEY, step, timestampMs: step * 10 + whole(2), value: oddValue(whole(40)) };
      });
      await write(database, metrics);
      if (whole(2) === 0) await write(database, metrics);
      for (const metric of metrics) expected.set(identity(metric), metric);
      if (size >= 5000) await sealSeries(database, await seriesOf(database));
      expect(listed(await readPoints(database, await seriesOf(database)))).toEqual(
        [...expected.values()].sort(compare).map(identity),
      );
    }
    const thin = await readThin(database, await seriesOf(database), 100);
    expect(thin.total).toBe(expected.size);
    expect(thin.points.count).toBeLessThanOrEqual(100);
  });

  it('of a batch that comes again take no more room', async () => {
    const database = await open(TRACKING_TEST_MIGRATIONS);
    const metrics = Array.from({ length: 64 }, (_, step) => ({ key: KEY, step, timestampMs: 5, value: step / 3 }));
    for (let i = 0; i < 3; i++) await write(database, metrics);
    const packets = database.tables<{ tracking_packet: { series: number } }>().selectFrom('tracking_packet');
    expect(await packets.select('series').execute()).toHaveLength(1);
  });

  it('go with the run that is copied or deleted', async () => {
    const database = await open(TRACKING_TEST_MIGRATIONS);
    const metrics = Array.from({ length: 7000 }, (_, step) => ({ key: KEY, step, timestampMs: 5, value: step / 3 }));
    await write(database, metrics.slice(0, 6990));
    await sealSeries(database, await seriesOf(database));
    await write(database, metrics.slice(6990));
    await database.transaction((tx) => copyHistories(tx, RUN, 'copy'));
    const original = await readPoints(database, await seriesOf(database));
    await database.transaction((tx) => deleteHistories(tx, RUN));
    expect(await readPoints(database, await seriesOf(database, 'copy'))).toEqual(original);
    expect(original.count).toBe(7000);
    for (const table of ['tracking_point', 'tracking_packet', 'tracking_chunk'] as const) {
      const rows = await database.tables<Record<string, object>>().selectFrom(table).selectAll().execute();
      expect(rows.length).toBeGreaterThan(0);
    }
    await database.transaction((tx) => deleteHistories(tx, 'copy'));
    for (const table of ['tracking_point', 'tracking_packet', 'tracking_chunk'] as const) {
      expect(await database.tables<Record<string, object>>().selectFrom(table).selectAll().execute()).toEqual([]);
    }
  });
});

function write(database: Database, metrics: readonly LoggedMetric[]) {
  return database.transaction((tx) => writeMetrics(tx, [{ run: RUN, nowMs: 0, metrics }]));
}

async function seriesOf(database: Database, run = RUN): Promise<number> {
  return (await findSeries(database, [run], KEY)).get(run) ?? 0;
}

function oddValue(at: number): number {
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  return odd[at] ?? at / 7;
}

function identity({ step, timestampMs = 0, value }: LoggedMetric): string {
  return `${step} ${timestampMs} ${value}`;
}

/** By step, time and value, NaN like 0 and after it. */
function compare(a: LoggedMetric, b: LoggedMetric): number {
  const [x, y] = [a, b].map(({ value }) => (Number.isNaN(value) ? 0 : value)) as [number, number];
  const byValue = x === y ? Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value)) : x < y ? -1 : 1;
  return a.step - b.step || (a.timestampMs ?? 0) - (b.timestampMs ?? 0) || byValue;
}

function listed({ count, steps, times, values }: Points): string[] {
  return Array.from({ length: count }, (_, i) => `${steps[i]} ${times[i]} ${values[i]}`);
}
