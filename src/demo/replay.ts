import type { Client } from '#sdk';
import type { Flight, FlightsOfDay } from './flights.ts';
import { DAY_MS, type DemoPlan, LATE_MINUTES } from './plan.ts';

/** Requests under way at once, as a handful of callers would have. */
const CALLERS = 4;
const IDLE_POLL_MS = 20;
/** A late day's labels wait this many days at most. */
const LABEL_ROWS = 5_000;

export interface ReplayTotals {
  requests: number;
  predictions: number;
  labels: number;
  errors: number;
}

export interface ReplayOptions {
  readonly client: Client;
  readonly endpoint: string;
  readonly plan: DemoPlan;
  readonly totals: ReplayTotals;
  readonly flightsOf: (dayMs: number) => FlightsOfDay;
  /** Called after each day, when the server has nothing left to do. */
  readonly onDay: (dayMs: number) => Promise<void>;
}

/**
 * Plays the months back: each day's flights are predicted, the labels of the day before arrive, the clock moves to the
 * end of the day, and the next day begins when the server is idle. Everything is sent with ids that depend on the day
 * alone, so a request repeated after a lost answer changes nothing.
 */
export async function replay(options: ReplayOptions): Promise<void> {
  const { client, endpoint, plan, totals } = options;
  let awaited: FlightsOfDay | undefined;
  for (let dayMs = plan.firstDayMs; dayMs < plan.endMs; dayMs += DAY_MS) {
    const flights = options.flightsOf(dayMs);
    await predictDay(options, flights);
    if (awaited) await sendLabels(options, awaited);
    awaited = flights;
    await client.server.moveTimeline({ body: { nowMs: dayMs + DAY_MS } });
    await idle(client);
    await options.onDay(dayMs);
  }
  // The labels of the last day arrive as well, one day after it.
  if (awaited) await sendLabels(options, awaited);
  await client.server.moveTimeline({ body: { nowMs: plan.endMs + DAY_MS } });
  await idle(client);
  totals.errors += await refusedRequests(client, endpoint);
}

async function predictDay({ client, endpoint, plan, totals }: ReplayOptions, flights: FlightsOfDay): Promise<void> {
  const requests = requestsOf(flights, plan);
  let next = 0;
  const caller = async () => {
    for (let request = requests[next++]; request; request = requests[next++]) {
      const body = {
        rows: request.map((flight) => asSent(flight, plan)),
        inferenceIds: request.map(({ id }) => id),
        at: request.map(({ dateMs }) => dateMs),
      };
      const answer = await client.serving.predict({ params: { endpoint }, body });
      totals.requests += 1;
      totals.predictions += answer.predictions.length;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

/** Single rows and batches, mixed over the day. */
function requestsOf({ rows }: FlightsOfDay, plan: DemoPlan): Flight[][] {
  const every = Math.max(1, Math.floor(rows.length / plan.singlesPerDay));
  const requests: Flight[][] = [];
  let batch: Flight[] = [];
  for (const [place, flight] of rows.entries()) {
    if (place % every === 0) requests.push([flight]);
    else batch.push(flight);
    if (batch.length < plan.batchRows) continue;
    requests.push(batch);
    batch = [];
  }
  return batch.length > 0 ? [...requests, batch] : requests;
}

function asSent(flight: Flight, { incident }: DemoPlan): Record<string, string | number> {
  const { dateMs, distance, origin, destination } = flight;
  const inKilometres = dateMs >= incident.startMs && dateMs < incident.endMs;
  return {
    date: new Date(dateMs).toISOString(),
    distance: inKilometres ? distance * incident.kilometresPerMile : distance,
    origin,
    destination,
  };
}

async function sendLabels({ client, endpoint, plan, totals }: ReplayOptions, flights: FlightsOfDay): Promise<void> {
  for (let start = 0; start < flights.rows.length; start += LABEL_ROWS) {
    const labels = flights.rows.slice(start, start + LABEL_ROWS).map((flight) => ({
      inferenceId: flight.id,
      value: isLate(flight, plan) ? 1 : 0,
      atMs: flight.dateMs + DAY_MS,
    }));
    const { recorded, known } = await client.monitoring.recordLabels({ params: { endpoint }, body: { labels } });
    totals.labels += recorded + known;
  }
}

function isLate({ delay, dateMs, origin }: Flight, { change }: DemoPlan): boolean {
  const changed = dateMs >= change.startMs && change.airports.includes(origin);
  return delay + (changed ? change.minutes : 0) > LATE_MINUTES;
}

/** Waits until nothing is running or waiting to run. */
async function idle(client: Client): Promise<void> {
  for (;;) {
    const { idle: done } = await client.server.activity();
    if (done) return;
    await new Promise((resolve) => setTimeout(resolve, IDLE_POLL_MS));
  }
}

async function refusedRequests(client: Client, endpoint: string): Promise<number> {
  const { errorDays } = await client.serving.getStats({ params: { endpoint } });
  return errorDays.reduce((sum, { count }) => sum + count, 0);
}
