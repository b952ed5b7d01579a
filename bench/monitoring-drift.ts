/**
 * Drift of a day's window against its reference: a frozen reference of 60 days, a window of logged rows, everything from
 * the logged rows to the finished report of integrity, drift and latency. The bar is 50 ms for a day's window.
 *
 *   npx node bench/monitoring-drift.ts [rounds]
 *
 * Then the same through the product: rows read from the serving log in SQLite, labels joined, both passes stored.
 */
import { cpus } from 'node:os';
import { createMonitoring, freezeReference, monitoringMigrations, type PredictionLog } from '#domains/monitoring';
import { createEvents, eventsMigrations } from '#platform/events';
import { ManualClock, type Rng, seededRng } from '#platform/kernel';
import { migrate, openDatabase } from '#platform/sql';

const DAY_MS = 86_400_000;
const FIRST_MS = Date.UTC(2001, 2, 1);
const REFERENCE_DAYS = 60;
const ROWS_A_DAY = 5000;
const NUMBERS = ['distance', 'fare', 'seats', 'speed'] as const;
const TEXTS = [
  { name: 'origin', categories: 220 },
  { name: 'carrier', categories: 12 },
] as const;
const FEATURES = [...NUMBERS, ...TEXTS.map(({ name }) => name), 'hour', 'weekday'];

/** A row of the log, as monitoring reads it. */
type PredictedRow = ReturnType<PredictionLog['rows']> extends AsyncIterable<readonly (infer Logged)[]> ? Logged : never;

interface Row {
  readonly atMs: number;
  readonly features: Record<string, number | string>;
  readonly prediction: number;
  readonly label: number;
}

const rounds = Number(process.argv[2] ?? 15);
const rng = seededRng(1);
const before = Array.from({ length: REFERENCE_DAYS }, (_, day) => rowsOf(day - REFERENCE_DAYS, ROWS_A_DAY, rng)).flat();
const frozenAt = performance.now();
const reference = freezeReference({
  columns: {
    date: { type: 'timestamp', values: before.map(({ atMs }) => atMs) },
    ...Object.fromEntries(
      NUMBERS.map((name) => [
        name,
        { type: 'number' as const, values: before.map((row) => Number(row.features[name])) },
      ]),
    ),
    ...Object.fromEntries(
      TEXTS.map(({ name, categories }) => {
        const names = Array.from({ length: categories }, (_, i) => `${name}${i}`);
        const codes = before.map((row) => names.indexOf(String(row.features[name])));
        return [name, { type: 'string' as const, codes, categories: names }];
      }),
    ),
  },
  times: before.map(({ atMs }) => atMs),
  features: [
    ...[...NUMBERS, ...TEXTS.map(({ name }) => name)].map((name) => ({ name })),
    { name: 'hour', from: 'date', derive: 'hour' },
    { name: 'weekday', from: 'date', derive: 'weekday' },
  ],
  predictions: before.map(({ prediction }) => prediction),
  labels: before.map(({ label }) => label),
});
console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`);
console.log(
  `reference of ${before.length} rows and ${FEATURES.length} features frozen in ${(performance.now() - frozenAt).toFixed(0)} ms, ${(JSON.stringify(reference).length / 1024).toFixed(0)} KiB`,
);

for (const rows of [2000, 100_000]) await measure(rows, rows > 10_000 ? Math.ceil(rounds / 3) : rounds);

/** Passes over `count` windows of `rows` rows, each through a database, timed by pass. */
async function measure(rows: number, count: number) {
  const database = await openDatabase('sqlite::memory:');
  await migrate(database, [...eventsMigrations, ...monitoringMigrations]);
  const clock = new ManualClock(FIRST_MS);
  const days = Array.from({ length: count }, (_, day) => logged(day, rows));
  const monitoring = createMonitoring({
    ...{ database, clock, timeline: clock, rng },
    events: createEvents({ database, clock }),
    pointerLog: { record: async () => undefined },
    predictions: {
      async *rows(_, fromMs) {
        yield* days[Math.round((fromMs - FIRST_MS) / DAY_MS)] ?? [];
      },
      errors: async () => 0,
      predicted: async (_, ids) => new Set(ids),
    },
  });
  const { id } = await monitoring.addReference(reference);
  const request = { name: 'bench', endpoint: 'bench', reference: id, segments: ['origin', 'hour'] };
  await monitoring.createMonitor({ ...request, labelDelayMs: 400 * DAY_MS }, 'user:bench');
  const inputs = await timed('inputs', count, (day) => monitoring.tickMonitor('bench', FIRST_MS + (day + 1) * DAY_MS));
  report(`inputs pass of ${rows} rows x ${FEATURES.length} features, stored`, inputs, rows === 2000 ? 50 : undefined);
  for (const batch of days.flat()) {
    const labels = batch.map(({ inferenceId, prediction }) => ({
      inferenceId,
      value: rng.next() < prediction ? 1 : 0,
    }));
    await monitoring.recordLabels('bench', labels);
  }
  // The empty windows up to there come first, untimed.
  await monitoring.tickMonitor('bench', FIRST_MS + 400 * DAY_MS);
  const performed = await timed('performance', count, (day) =>
    monitoring.tickMonitor('bench', FIRST_MS + (day + 401) * DAY_MS),
  );
  report(`performance pass of ${rows} labelled rows, joined and stored`, performed);
  await database.close();
}

async function timed(
  kind: string,
  count: number,
  work: (day: number) => Promise<readonly { readonly kind: string }[]>,
): Promise<number[]> {
  const times: number[] = [];
  for (let day = 0; day < count; day++) {
    const start = performance.now();
    const done = await work(day);
    times.push(performance.now() - start);
    const made = done.filter((pass) => pass.kind === kind).length;
    if (made !== 1) throw new Error(`${made} passes of ${kind} were made where one was due`);
  }
  return times.sort((a, b) => a - b);
}

function report(what: string, times: readonly number[], barMs?: number) {
  const at = (p: number) => times[Math.min(times.length - 1, Math.floor(p * times.length))] ?? 0;
  const bar = barMs === undefined ? '' : `, bar ${barMs} ms ${at(0.5) <= barMs ? 'met' : 'MISSED'}`;
  console.log(`${what}: median ${at(0.5).toFixed(1)} ms, slowest ${at(1).toFixed(1)} ms of ${times.length}${bar}`);
}

function logged(day: number, rows: number): PredictedRow[][] {
  const all = rowsOf(day, rows, rng).map(({ atMs, features, prediction }, i): PredictedRow => {
    const answer = { version: 'version:bench/1', variant: 'champion', latencyMs: 1, flagged: false };
    return { inferenceId: `${day}-${i}`, atMs, features, prediction, ...answer };
  });
  return Array.from({ length: Math.ceil(all.length / 5000) }, (_, i) => all.slice(i * 5000, i * 5000 + 5000));
}

function rowsOf(day: number, rows: number, random: Rng): Row[] {
  const level = 0.1 * random.normal();
  return Array.from({ length: rows }, (): Row => {
    const atMs = FIRST_MS + day * DAY_MS + random.int(DAY_MS);
    const numbers = NUMBERS.map((name) => [name, Math.exp(6 + 0.5 * random.normal())] as const);
    const texts = TEXTS.map(
      ({ name, categories }) => [name, `${name}${Math.floor(categories * random.next() ** 3)}`] as const,
    );
    const prediction = 1 / (1 + Math.exp(1.5 - random.normal()));
    const label = random.next() < 1 / (1 + Math.exp(-Math.log(prediction / (1 - prediction)) - level)) ? 1 : 0;
    return { atMs, features: { date: atMs, ...Object.fromEntries([...numbers, ...texts]) }, prediction, label };
  });
}
