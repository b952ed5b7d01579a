/**
 * Searches of runs: 100 and 1000 of 2,000 runs as texts of a protocol; 100 of many by a metric and a param, sorted by
 * another metric; and what the table of the page asks for.
 *
 *   npx node bench/tracking-search.ts [runs] [postgres URL of an empty database]
 *
 * Every run has 20 metrics and 20 params. They are written straight into the tables, for only searches are measured.
 * Times are those of the domain's verbs, without HTTP, which adds the same to any search.
 */
import { createTracking, trackingMigrations } from '#domains/tracking';
import { MemoryBlobStore } from '#platform/blob';
import { createEvents, eventsMigrations } from '#platform/events';
import { type Rng, seededRng, systemClock } from '#platform/kernel';
import { type Database, migrate, openDatabase, type SqlValue } from '#platform/sql';

const KEYS = 20;
const ROUNDS = 30;
const BATCH = 1000;
const FIRST_MS = 1_763_000_000_000;

const [runs = '100000', url = 'sqlite::memory:'] = process.argv.slice(2);
const database = await openDatabase(url);
await migrate(database, [...eventsMigrations, ...trackingMigrations]);
const clock = systemClock;
const tracking = createTracking({
  database,
  clock,
  blobs: new MemoryBlobStore(),
  rng: seededRng(1),
  events: createEvents({ database, clock }),
  lineage: { link: async () => undefined },
  pointerLog: { record: async () => undefined },
});
await tracking.createExperiment({ name: 'small' }, 'bench');
await tracking.createExperiment({ name: 'large' }, 'bench');
await seed(database, 'small', 2000);
await seed(database, 'large', Number(runs));
if (database.dialect === 'postgres') {
  const { sql } = await import('kysely');
  for (const table of ['tracking_run', 'tracking_series', 'tracking_param']) {
    await sql`vacuum analyze ${sql.table(table)}`.execute(database.tables());
  }
}

const small = Number((await tracking.getExperiment('small')).id);
const format = { name: 'bench', write: (run: object) => JSON.stringify(run, mapsAsPairs) };
for (const limit of [100, 1000]) {
  await measure(`${limit} of 2,000 as texts`, async () => {
    const { texts } = await tracking.searchRunDocuments({ experimentIds: [small], offset: 0, limit }, format);
    return texts.join(',').length;
  });
}

const filter = "metrics.metric_3 > 0.5 and params.param_4 = '2'";
const wanted = { experiments: ['large'], filter, orderBy: ['metrics.metric_7 desc'] };
const large = Number((await tracking.getExperiment('large')).id);
const texts = { experimentIds: [large], filter, orderBy: ['metrics.metric_7 desc'], offset: 0, limit: 100 };
await measure(`100 of ${runs}, by a metric and a param, sorted by another metric`, async () => {
  return (await tracking.searchRunDocuments(texts, format)).texts.length;
});
await measure('the same after one of the runs was written to', async () => {
  const [run] = (await tracking.searchRuns({ ...wanted, limit: 1 })).runs;
  const startedMs = performance.now();
  await tracking.logBatch(run?.id ?? '', { metrics: [{ key: 'metric_1', value: 1, step: Math.round(startedMs) }] });
  const writtenMs = performance.now() - startedMs;
  await tracking.searchRunDocuments(texts, format);
  return { less: writtenMs };
});
const columns = Array.from({ length: 10 }, (_, i) => `metrics.metric_${i}`);
let offset = 0;
await measure('50 rows of the table of all, sorted by a metric, at ever other offsets', async () => {
  offset = (offset + 7919) % (Number(runs) - 50);
  const request = { experiments: ['large'], orderBy: ['metrics.metric_2'], columns, offset, limit: 50 };
  return (await tracking.runTable(request)).runs.length;
});
let direction = 0;
await measure('50 rows of the table, each time sorted by another metric', async () => {
  const orderBy = [`metrics.metric_${direction++ % 10} ${direction % 3 === 0 ? 'desc' : 'asc'}`];
  return (await tracking.runTable({ experiments: ['large'], orderBy, columns, limit: 50 })).runs.length;
});
await measure('groups of all by a param, with two metrics', async () => {
  const request = { experiments: ['large'], groupBy: ['params.param_4'], measures: columns.slice(0, 2) };
  return (await tracking.groupRuns(request)).total;
});
await measure('10,000 points of three columns', async () => {
  const request = { experiments: ['large'], columns: ['metrics.metric_1', 'params.param_1', 'params.param_5'] };
  return (await tracking.runPoints(request)).runs.length;
});
await tracking.stop();
await database.close();
console.log(`memory ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`);

async function measure(what: string, search: () => Promise<number | { less: number }>): Promise<void> {
  const took: number[] = [];
  let firstMs = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const startedMs = performance.now();
    const answer = await search();
    const tookMs = performance.now() - startedMs - (typeof answer === 'object' ? answer.less : 0);
    if (round === 0) firstMs = tookMs;
    else took.push(tookMs);
  }
  took.sort((a, b) => a - b);
  const [p50, p95] = [took[took.length >> 1], took[Math.floor(took.length * 0.95)]].map((ms) => ms?.toFixed(1));
  console.log(`${what}: p50 ${p50} ms, p95 ${p95} ms, the first ${firstMs.toFixed(0)} ms`);
}

function mapsAsPairs(_: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}

async function seed(into: Database, name: string, count: number): Promise<void> {
  const { id } = await tracking.getExperiment(name);
  const rng = seededRng(count);
  for (let start = 0; start < count; start += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => idOf(rng, start + i));
    await into.transaction(async (tx) => {
      const insert = (table: string, keys: readonly string[], rows: readonly (readonly SqlValue[])[]) =>
        tx.insertRows(table, keys, rows);
      await insert(
        'tracking_run',
        ['id', 'experiment', 'name', 'status', 'lifecycle', 'created_by', 'user_id', 'started_at', 'changed_at'],
        ids.map((run, i) => {
          const atMs = FIRST_MS + start + i;
          return [run, Number(id), `run ${start + i}`, 'finished', 'active', 'bench', 'ann', atMs, atMs];
        }),
      );
      await insert(
        'tracking_param',
        ['run', 'key', 'value', 'number_value'],
        ids.flatMap((run) => paramsOf(run, rng)),
      );
      const series = ['run', 'key', 'step', 'at_ms', 'value', 'is_nan', 'min_value', 'max_value'];
      await insert(
        'tracking_series',
        series,
        ids.flatMap((run) => metricsOf(run, rng)),
      );
    });
  }
}

function idOf(rng: Rng, number: number): string {
  const word = () =>
    rng
      .int(2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return number.toString(16).padStart(8, '0') + word() + word() + word();
}

function paramsOf(run: string, rng: Rng): SqlValue[][] {
  return Array.from({ length: KEYS }, (_, key) => {
    const value = rng.int(key + 1);
    return [run, `param_${key}`, String(value), value];
  });
}

function metricsOf(run: string, rng: Rng): SqlValue[][] {
  return Array.from({ length: KEYS }, (_, key) => {
    const value = rng.next();
    return [run, `metric_${key}`, 10, FIRST_MS, value, 0, value, value];
  });
}
