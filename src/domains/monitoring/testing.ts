import { createEvents, eventsMigrations } from '#platform/events';
import { type Json, ManualClock, type Rng, seededRng } from '#platform/kernel';
import type { Database, Migration } from '#platform/sql';
import { freezeReference } from './core/freeze.ts';
import { DAY_MS, type FrozenReference, type PredictedRow } from './model.ts';
import { createMonitoring, type MonitoringOptions } from './monitoring.ts';
import type { PointerLog, PredictionLog } from './ports.ts';
import { monitoringMigrations } from './store/schema.ts';

export const MONITORING_TEST_MIGRATIONS: readonly Migration[] = [...eventsMigrations, ...monitoringMigrations];

/** First day of the small world, UTC; the reference is of the days before. */
const FIRST_DAY_MS = Date.UTC(2001, 2, 1);
export const REFERENCE_DAYS = 20;

/** A flight of the small world: what is asked, the model's answer, and what happens. */
interface Flight {
  readonly atMs: number;
  readonly features: { readonly date: number; readonly distance: number; readonly origin: string };
  readonly prediction: number;
  readonly label: 0 | 1;
}

export interface DayOptions {
  readonly rows?: number;
  /** Factor on distance, as when a unit changes. */
  readonly distance?: number;
  /** Log-odds added to what happens at these origins, unknown to the model. */
  readonly later?: { readonly origins: readonly string[]; readonly logOdds: number };
}

const ORIGINS = ['ATL', 'ORD', 'DFW', 'LAX', 'PHX', 'DEN', 'BOS', 'SEA', 'MIA', 'JFK', 'TPA', 'SAN'];

/**
 * One day of a small world of flights. Days differ: each has its own weather, which makes everything late alike, and its
 * own mix of origins. The model knows the true odds but for the weather.
 */
export function flightsOf(day: number, rng: Rng, options: DayOptions = {}): Flight[] {
  const { rows = 1000, distance: factor = 1, later } = options;
  const startMs = FIRST_DAY_MS + day * DAY_MS;
  const weather = 0.35 * rng.normal();
  const weights = ORIGINS.map((_, i) => Math.exp(0.15 * rng.normal() - i / 8));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: rows }, (): Flight => {
    const hour = Math.floor(5 + 17 * rng.next() ** 0.9);
    const origin = originAt(weights, rng.next() * total);
    const distance = Math.round(700 * Math.exp(0.5 * rng.normal()));
    const logOdds = -2.2 + (hour - 12) / 6 + ORIGINS.indexOf(origin) / 20;
    const changed = later?.origins.includes(origin) ? later.logOdds : 0;
    const atMs = startMs + hour * 3_600_000 + rng.int(3_600_000);
    return {
      atMs,
      features: { date: atMs, distance: distance * factor, origin },
      prediction: logistic(logOdds),
      label: rng.next() < logistic(logOdds + weather + changed) ? 1 : 0,
    };
  });
}

function originAt(weights: readonly number[], at: number): string {
  let left = at;
  for (const [i, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return ORIGINS[i] ?? '';
  }
  return ORIGINS.at(-1) ?? '';
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

export function freezeFlights(flights: readonly Flight[]): FrozenReference {
  return freezeReference({
    columns: {
      date: { type: 'timestamp', values: flights.map(({ atMs }) => atMs) },
      distance: { type: 'number', values: flights.map(({ features }) => features.distance) },
      origin: {
        type: 'string',
        codes: flights.map(({ features }) => ORIGINS.indexOf(features.origin)),
        categories: ORIGINS,
      },
    },
    times: flights.map(({ atMs }) => atMs),
    features: [
      { name: 'distance' },
      { name: 'origin' },
      { name: 'hour', from: 'date', derive: 'hour' },
      { name: 'weekday', from: 'date', derive: 'weekday' },
    ],
    predictions: flights.map(({ prediction }) => prediction),
    labels: flights.map(({ label }) => label),
  });
}

/** The reference of the small world: the days before the first. */
export function smallReference(seed = 1, rows = 1000): FrozenReference {
  const rng = seededRng(seed);
  const days = Array.from({ length: REFERENCE_DAYS }, (_, i) => flightsOf(i - REFERENCE_DAYS, rng, { rows }));
  return freezeFlights(days.flat());
}

/** A log of predictions in memory. */
class MemoryPredictions implements PredictionLog {
  readonly #rows: (PredictedRow & { readonly endpoint: string })[] = [];
  failed = 0;
  /** Thrown by the next reading. */
  nextError: Error | undefined;

  add(endpoint: string, rows: readonly PredictedRow[]): void {
    this.#rows.push(...rows.map((row) => ({ ...row, endpoint })));
    this.#rows.sort((a, b) => a.atMs - b.atMs);
  }

  async *rows(endpoint: string, fromMs: number, toMs: number): AsyncGenerator<readonly PredictedRow[]> {
    const error = this.nextError;
    this.nextError = undefined;
    if (error) throw error;
    const found = this.#rows.filter((row) => row.endpoint === endpoint && fromMs <= row.atMs && row.atMs < toMs);
    for (let start = 0; start < found.length; start += 700) yield found.slice(start, start + 700);
  }

  async errors(): Promise<number> {
    return this.failed;
  }

  async predicted(endpoint: string, inferenceIds: readonly string[]): Promise<ReadonlySet<string>> {
    const wanted = new Set(inferenceIds);
    return new Set(
      this.#rows
        .filter((row) => row.endpoint === endpoint && wanted.has(row.inferenceId))
        .map(({ inferenceId }) => inferenceId),
    );
  }
}

/** Monitoring of the small world over a database, with what it told kept for reading. */
export async function setUpMonitoring(database: Database, options: Partial<MonitoringOptions> = {}) {
  const timeline = new ManualClock(FIRST_DAY_MS);
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const predictions = new MemoryPredictions();
  const moves: string[] = [];
  const pointerLog: PointerLog = {
    record: async (_, { pointer, from, to }) => {
      moves.push(`${pointer} ${from?.slice(0, 6) ?? null} -> ${to?.slice(0, 6) ?? null}`);
    },
  };
  const events = createEvents({ database, clock });
  const shared = { database, clock, timeline, events, pointerLog, predictions };
  /** Another process on the same database. */
  const another = (seed = 2) => createMonitoring({ ...shared, rng: seededRng(seed), ...options });
  const monitoring = another(1);
  const rng = seededRng(99);

  /** Has a day predicted, and labelled unless told otherwise. */
  async function replay(day: number, how: DayOptions & { labels?: boolean; change?: Partial<PredictedRow> } = {}) {
    const flights = flightsOf(day, rng, how);
    const rows = flights.map(({ atMs, features, prediction }, i): PredictedRow => {
      const inferenceId = `${day}-${i}`;
      return {
        ...{ inferenceId, atMs, features, prediction },
        ...{ version: 'version:delays/1', variant: 'champion', latencyMs: 2, flagged: false },
        ...how.change,
      };
    });
    predictions.add('delays', rows);
    if (how.labels !== false) {
      const labels = flights.map(({ label }, i) => ({ inferenceId: `${day}-${i}`, value: label }));
      await monitoring.recordLabels('delays', labels);
    }
    return { flights, rows };
  }

  async function told(topic: string): Promise<Json[]> {
    const rows = await database
      .tables<{ event_outbox: { sequence: number; topic: string; payload: string } }>()
      .selectFrom('event_outbox')
      .select('payload')
      .where('topic', '=', topic)
      .orderBy('sequence')
      .execute();
    return rows.map(({ payload }) => JSON.parse(payload) as Json);
  }

  return { ...shared, monitoring, another, replay, told, moves };
}

/** The moment a day of the small world begins. */
export function dayMs(day: number): number {
  return FIRST_DAY_MS + day * DAY_MS;
}
