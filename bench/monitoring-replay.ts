/**
 * How often monitors ring on quiet days, and how soon on changed ones: real flights of 2001, through the product.
 *
 *   npx node bench/monitoring-replay.ts [rows a day] [samples] [rows a day of the reference, 0 for all]
 *
 * A model of smoothed rates learns from January and February; its answers to the reference are given by halves, each
 * half of the days by a model of the other half. March to June are then replayed, sampled anew each time: as they were;
 * with distances in kilometres on a day; with departures of five airports 20 minutes later from a day on; and with half
 * of the flights of the eight largest airports between 6 and 12 late from a day on. Labels come a day later.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMonitoring, freezeReference, monitoringMigrations, type PredictionLog } from '#domains/monitoring';
import { createEvents, eventsMigrations } from '#platform/events';
import { ManualClock, type Rng, seededRng } from '#platform/kernel';
import { migrate, openDatabase } from '#platform/sql';
import { openTables } from '#platform/table';

const DAY_MS = 86_400_000;
const FIRST_MS = Date.UTC(2001, 0, 1);
const [REFERENCE_DAYS, DAYS] = [59, 181];
const LATE_MINUTES = 15;
const FIVE = ['ORD', 'DFW', 'ATL', 'PHX', 'DEN'];
const EIGHT = ['ORD', 'DFW', 'ATL', 'LAX', 'PHX', 'STL', 'DTW', 'MSP'];

type PredictedRow = ReturnType<PredictionLog['rows']> extends AsyncIterable<readonly (infer Row)[]> ? Row : never;
type Score = (flight: Flight) => number;

interface Flight {
  readonly dateMs: number;
  readonly hour: number;
  readonly weekday: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
  readonly delay: number;
}

/** What the world does to a flight. */
type World = (flight: Flight, rng: Rng) => { readonly distance: number; readonly late: boolean };

const usual: World = ({ distance, delay }) => ({ distance, late: delay > LATE_MINUTES });
const kilometres: World = (flight, rng) => ({ ...usual(flight, rng), distance: flight.distance * 1.609344 });
const slower: World = (flight, rng) =>
  usual(FIVE.includes(flight.origin) ? { ...flight, delay: flight.delay + 20 } : flight, rng);
const mornings: World = (flight, rng) => {
  const plain = usual(flight, rng);
  const struck = EIGHT.includes(flight.origin) && flight.hour >= 6 && flight.hour < 12 && rng.next() < 0.5;
  return struck ? { ...plain, late: true } : plain;
};

const [rowsADay = 2000, samples = 4, referenceRows = 0] = process.argv.slice(2).map(Number);
const days = await readDays();
const earlier = days.slice(0, REFERENCE_DAYS);
const model = learn(earlier.flat());
const halves = [0, 1].map((half) => learn(earlier.filter((_, day) => day % 2 !== half).flat()));

const summary = { quietDays: 0, drift: 0, performance: 0, found: 0, kilometres: 0 };
const delays: Record<string, number[]> = { slower: [], mornings: [] };
for (let sample = 1; sample <= samples; sample++) {
  const rng = seededRng(sample);
  const reference = frozen(rng);
  const quiet = await replay(reference, rng, REFERENCE_DAYS, DAYS, usual);
  summary.quietDays += quiet.length;
  summary.drift += quiet.filter(({ drift, integrity }) => drift === 'failed' || integrity === 'failed').length;
  summary.performance += episodes(quiet.map(({ performance }) => performance));
  for (let i = 0; i < 5; i++) {
    const day = REFERENCE_DAYS + 1 + rng.int(DAYS - REFERENCE_DAYS - 1);
    const [found] = await replay(reference, rng, day, day + 1, kilometres);
    summary.kilometres++;
    summary.found += found?.drift === 'failed' ? 1 : 0;
  }
  for (const [name, world] of Object.entries({ slower, mornings })) {
    const from = 100 + rng.int(30);
    const found = await replay(reference, rng, from, from + 40, world);
    const first = found.findIndex(({ performance }) => performance === 'failed');
    delays[name]?.push(first < 0 ? Number.POSITIVE_INFINITY : first + 1);
  }
}
console.log(`${rowsADay} rows a day, reference of ${referenceRows || 'all'} rows a day, ${samples} samples`);
console.log(
  `quiet: of ${summary.quietDays} days ${summary.drift} failed inputs, ${summary.performance} false alarms of performance`,
);
console.log(`kilometres: ${summary.found} of ${summary.kilometres} days found`);
for (const [name, found] of Object.entries(delays)) {
  console.log(`${name}: failed on the labels of day ${found.sort((a, b) => a - b).join(', ')}`);
}

function episodes(verdicts: readonly (string | null)[]): number {
  return verdicts.filter((verdict, i) => verdict === 'failed' && verdicts[i - 1] !== 'failed').length;
}

function frozen(rng: Rng) {
  const rows = earlier.flatMap((flights, day) =>
    sampled(flights, referenceRows, rng).map((flight) => ({ flight, day })),
  );
  const text = (of: (flight: Flight) => string) => {
    const categories = [...new Set(rows.map(({ flight }) => of(flight)))];
    const codeOf = new Map(categories.map((category, code) => [category, code]));
    return { type: 'string' as const, codes: rows.map(({ flight }) => codeOf.get(of(flight)) ?? -1), categories };
  };
  const times = rows.map(({ flight }) => flight.dateMs);
  return freezeReference({
    columns: {
      date: { type: 'timestamp', values: times },
      distance: { type: 'number', values: rows.map(({ flight }) => flight.distance) },
      origin: text(({ origin }) => origin),
      destination: text(({ destination }) => destination),
    },
    times,
    features: [
      ...['distance', 'origin', 'destination'].map((name) => ({ name })),
      { name: 'hour', from: 'date', derive: 'hour' },
      { name: 'weekday', from: 'date', derive: 'weekday' },
    ],
    predictions: rows.map(({ flight, day }) => halves[day % 2]?.(flight) ?? Number.NaN),
    labels: rows.map(({ flight }) => (flight.delay > LATE_MINUTES ? 1 : 0)),
  });
}

/** The windows of days [from, to) as a monitor sees them. */
async function replay(reference: unknown, rng: Rng, from: number, to: number, world: World) {
  const database = await openDatabase('sqlite::memory:');
  await migrate(database, [...eventsMigrations, ...monitoringMigrations]);
  const clock = new ManualClock(FIRST_MS + from * DAY_MS);
  const predictions: PredictionLog = {
    async *rows(_, fromMs) {
      const kept = logged.get(fromMs);
      if (kept) yield kept;
    },
    errors: async () => 0,
    predicted: async (_, ids) => new Set(ids),
  };
  const logged = new Map<number, readonly PredictedRow[]>();
  const monitoring = createMonitoring({
    ...{ database, clock, timeline: clock, rng, predictions },
    events: createEvents({ database, clock }),
    pointerLog: { record: async () => undefined },
  });
  const { id } = await monitoring.addReference(reference);
  const request = { name: 'delays', endpoint: 'delays', reference: id, segments: ['origin'] };
  await monitoring.createMonitor(request, 'user:bench');
  for (let day = from; day < to; day++) {
    const startMs = FIRST_MS + day * DAY_MS;
    const labels: { inferenceId: string; value: number }[] = [];
    const today = sampled(days[day] ?? [], rowsADay, rng).map((flight, i): PredictedRow => {
      const { distance, late } = world(flight, rng);
      const { dateMs: date, origin, destination } = flight;
      const inferenceId = `${day}-${i}`;
      labels.push({ inferenceId, value: late ? 1 : 0 });
      const answer = { version: 'version:delays/1', variant: 'champion', latencyMs: 1, flagged: false };
      return {
        inferenceId,
        atMs: date,
        features: { date, distance, origin, destination },
        prediction: model(flight),
        ...answer,
      };
    });
    logged.set(startMs, today);
    await monitoring.recordLabels('delays', labels);
    await monitoring.tick(startMs + DAY_MS);
    logged.delete(startMs - DAY_MS);
  }
  await monitoring.tick(FIRST_MS + (to + 1) * DAY_MS);
  const windows = await monitoring.listWindows('delays', { limit: 1000 });
  await database.close();
  return windows;
}

/** Rates by route, origin and hour, hour, weekday and destination, drawn to the mean and added up as log-odds. */
function learn(flights: readonly Flight[]): Score {
  const keys: readonly (readonly [number, (flight: Flight) => string])[] = [
    [0.5, ({ origin, destination }) => `${origin} ${destination}`],
    [0.4, ({ origin, hour }) => `${origin} ${hour}`],
    [0.6, ({ hour }) => `${hour}`],
    [0.6, ({ weekday }) => `${weekday}`],
    [0.3, ({ destination }) => destination],
  ];
  const PRIOR = 100;
  const logit = (p: number) => Math.log(p / (1 - p));
  const base = flights.filter(({ delay }) => delay > LATE_MINUTES).length / flights.length;
  const tables = keys.map(([weight, of]) => {
    const sums = new Map<string, [rows: number, late: number]>();
    for (const flight of flights) {
      const key = of(flight);
      const sum = sums.get(key) ?? [0, 0];
      sums.set(key, [sum[0] + 1, sum[1] + (flight.delay > LATE_MINUTES ? 1 : 0)]);
    }
    const odds = new Map(
      [...sums].map(([key, [n, late]]) => [key, weight * (logit((late + PRIOR * base) / (n + PRIOR)) - logit(base))]),
    );
    return (flight: Flight) => odds.get(of(flight)) ?? 0;
  });
  return (flight) => 1 / (1 + Math.exp(-tables.reduce((sum, of) => sum + of(flight), logit(base))));
}

function sampled<T>(items: readonly T[], count: number, rng: Rng): readonly T[] {
  if (count === 0 || count >= items.length) return items;
  const copy = [...items];
  for (let i = 0; i < count; i++) {
    const at = i + rng.int(copy.length - i);
    [copy[i], copy[at]] = [copy[at] as T, copy[i] as T];
  }
  return copy.slice(0, count);
}

async function readDays(): Promise<Flight[][]> {
  const scratchFolder = mkdtempSync(join(tmpdir(), 'trimtab-bench-'));
  const tables = openTables({ memoryMb: 1024, scratchFolder });
  const script = fileURLToPath(import.meta.resolve('vega-datasets'));
  const { sql } = await tables.from(join(dirname(dirname(script)), 'data', 'flights-3m.parquet'));
  const { rowCount, columns } = await tables.columns(
    `select date, delay, distance, origin, destination from ${sql} where delay >= -90 and date < timestamp '2001-07-01' order by date`,
  );
  await tables.close();
  rmSync(scratchFolder, { recursive: true, force: true });
  const number = (name: string) => {
    const column = columns[name];
    if (!column || column.type === 'string') throw new Error(`the flights have no numbers in "${name}"`);
    return column.values;
  };
  const text = (name: string) => {
    const column = columns[name];
    if (column?.type !== 'string') throw new Error(`the flights have no text in "${name}"`);
    return (row: number) => column.categories[column.codes[row] ?? -1] ?? '';
  };
  const [dates, delay, distance] = [number('date'), number('delay'), number('distance')];
  const [origin, destination] = [text('origin'), text('destination')];
  const result = Array.from({ length: DAYS }, (): Flight[] => []);
  for (let row = 0; row < rowCount; row++) {
    const dateMs = dates[row] ?? 0;
    const day = Math.floor((dateMs - FIRST_MS) / DAY_MS);
    result[day]?.push({
      dateMs,
      hour: Math.floor(dateMs / 3_600_000) % 24,
      weekday: (Math.floor(dateMs / DAY_MS) + 4) % 7,
      distance: distance[row] ?? 0,
      origin: origin(row),
      destination: destination(row),
      delay: delay[row] ?? 0,
    });
  }
  return result;
}
