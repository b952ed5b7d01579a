import type { Events } from '#platform/events';
import { type Clock, parseRef, type Rng, systemClock, type VersionRef } from '#platform/kernel';
import type { Database } from '#platform/sql';
import type { ActiveRoute } from './active-route.ts';
import type { TrafficSummary } from './core/traffic-window.ts';
import { EndpointTable, stateOf } from './endpoint-table.ts';
import { type Change, Endpoints } from './endpoints.ts';
import { servingErrors } from './errors.ts';
import { type ServingMetrics, servingMetrics } from './metrics.ts';
import type { EndpointState, LoggedPrediction, Signature, Variant } from './model.ts';
import { ModelPool } from './model-pool.ts';
import type { InferenceRuntime, ModelSource, PointerLog } from './ports.ts';
import { type PredictInput, type PredictOutput, Predictor } from './predictor.ts';
import { ErrorCounts, type ErrorDay } from './store/error-counts.ts';
import { type InferenceLog, inferenceLog, type TrafficDay } from './store/inference-log.ts';
import { PredictionWriter } from './store/prediction-writer.ts';

export interface ServingOptions {
  readonly database: Database;
  /** The time of the world being predicted: event times default to it, endpoints change by it. */
  readonly clock: Clock;
  /** The machine's time, for latencies and recent windows; the system's unless told. */
  readonly machineClock?: Clock;
  readonly rng: Rng;
  readonly events: Events;
  readonly pointerLog: PointerLog;
  readonly modelSource: ModelSource;
  readonly runtime: InferenceRuntime;
  /** Made here when left out. */
  readonly metrics?: ServingMetrics;
}

/** Endpoints, the models behind them and the log of what they answered. */
export interface Serving {
  /** Restores every stored endpoint. Await it before telling that the server is ready. */
  start(): Promise<void>;
  /** Commits what was answered and lets go of the models. Stop taking requests first. */
  stop(): Promise<void>;
  /** True when started and every endpoint can answer. */
  isReady(): boolean;

  createEndpoint(
    input: { readonly name: string; readonly variants: readonly Variant[]; readonly stickyKey?: string | null },
    change: Change,
  ): Promise<EndpointState>;
  setTraffic(
    name: string,
    input: { readonly variants: readonly Variant[]; readonly revision?: number; readonly force?: boolean },
    change: Change,
  ): Promise<EndpointState>;
  block(name: string, change: Change): Promise<EndpointState>;
  unblock(name: string, change: Change): Promise<EndpointState>;
  deleteEndpoint(name: string, change: Change): Promise<void>;
  listEndpoints(): readonly EndpointState[];
  findEndpoint(name: string): EndpointState | undefined;
  getEndpoint(name: string): EndpointState;
  getSignature(name: string): Signature & { readonly example: Readonly<Record<string, unknown>> };

  /** @param pinned answer with this version only, whatever the weights say */
  predict(endpoint: string, input: PredictInput, pinned?: VersionRef): Promise<PredictOutput>;
  getStats(name: string, windowMs: number): Promise<EndpointStats>;
  readonly inferenceLog: InferenceLog;
  /** Refused and failed requests by day. */
  countErrorsByDay(name: string): Promise<readonly ErrorDay[]>;
  /** One logged prediction, also of a deleted endpoint. @throws SERVING_PREDICTION_NOT_FOUND */
  getPrediction(endpoint: string, inferenceId: string): Promise<LoggedPrediction>;
  listPredictions(name: string, query: { limit: number; beforeMs?: number }): Promise<readonly LoggedPrediction[]>;
  readonly metrics: ServingMetrics;
}

export interface EndpointStats {
  readonly windowMs: number;
  readonly inFlight: number;
  readonly total: TrafficSummary;
  readonly variants: readonly (TrafficSummary & { readonly variant: string; readonly version: string })[];
  readonly days: readonly TrafficDay[];
  readonly errorDays: readonly ErrorDay[];
}

export function createServing(options: ServingOptions): Serving {
  const { database, clock, machineClock = systemClock, rng, events, metrics = servingMetrics() } = options;
  const table = new EndpointTable(metrics);
  const pool = new ModelPool(options);
  const endpoints = new Endpoints({ ...options, pool, table });
  const writer = new PredictionWriter(database);
  const errorCounts = new ErrorCounts(database);
  const predictor = new Predictor({ table, writer, errorCounts, metrics, clock, machineClock, rng });
  const log = inferenceLog(database);
  const stopping = new AbortController();
  let started = false;
  metrics.observeInFlight(() => table.all().map(({ record, traffic }) => [record.name, traffic.inFlight] as const));

  /** Other processes on the same database change endpoints as well. */
  async function follow(): Promise<void> {
    for await (const event of events.live(stopping.signal)) {
      const endpoint = parseRef(event.subject)?.id;
      if (event.topic === 'serving.endpoint.changed' && endpoint) await endpoints.refresh(endpoint);
    }
  }

  return {
    async start() {
      void follow();
      await endpoints.restore();
      started = true;
    },
    async stop() {
      started = false;
      stopping.abort();
      await writer.settle();
      await errorCounts.flush();
      for (const { record } of table.all()) table.remove(record.name);
    },
    isReady: () => started && table.all().every(({ route }) => route !== undefined),

    createEndpoint: (input, change) => endpoints.create(input, change),
    setTraffic: (name, input, change) => endpoints.setTraffic(name, input, change),
    block: (name, change) => endpoints.block(name, change),
    unblock: (name, change) => endpoints.unblock(name, change),
    deleteEndpoint: (name, change) => endpoints.delete(name, change),
    listEndpoints: () => table.all().map(stateOf),
    findEndpoint: (name) => {
      const entry = table.find(name);
      return entry && stateOf(entry);
    },
    getEndpoint: (name) => stateOf(table.get(name)),
    getSignature: (name) => {
      const { route, problem } = table.get(name);
      if (!route)
        throw servingErrors.SERVING_ENDPOINT_UNAVAILABLE({ endpoint: name, problem: problem ?? 'not loaded' });
      return { ...route.signature, example: firstModel(route).example };
    },

    predict: (endpoint, input, pinned) => predictor.predict(endpoint, input, pinned),
    async getStats(name, windowMs) {
      const { traffic } = table.get(name);
      const now = machineClock.now();
      const [days, errorDays] = await Promise.all([log.countByDay(name), errorCounts.byDay(name)]);
      const variants = [...traffic.variants].map(({ variant, version, window }) => ({
        variant,
        version,
        ...window.summary(now, windowMs),
      }));
      const total = traffic.window.summary(now, windowMs);
      return { windowMs, inFlight: traffic.inFlight, total, variants, days, errorDays };
    },
    inferenceLog: log,
    countErrorsByDay: (name) => errorCounts.byDay(name),
    getPrediction: async (endpoint, inferenceId) => {
      const [found] = await log.find(endpoint, [inferenceId]);
      if (!found) throw servingErrors.SERVING_PREDICTION_NOT_FOUND({ endpoint, inferenceId });
      return found;
    },
    listPredictions: async (name, query) => {
      table.get(name);
      return log.recent(name, query);
    },
    metrics,
  };
}

function firstModel(route: ActiveRoute) {
  // A route has at least one model: ActiveRoute.open refuses an endpoint without variants.
  return route.models[0] as (typeof route.models)[number];
}
