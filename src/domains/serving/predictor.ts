import { type Clock, isTrimtabError, type Rng, type VersionRef } from '#platform/kernel';
import type { SqlValue } from '#platform/sql';
import type { ActiveRoute } from './active-route.ts';
import { parseTime } from './core/event-time.ts';
import { IdSequence } from './core/id-sequence.ts';
import type { CheckedRow } from './core/row-reader.ts';
import type { EndpointEntry, EndpointTable } from './endpoint-table.ts';
import { servingErrors } from './errors.ts';
import type { ServingMetrics } from './metrics.ts';
import type { ErrorCounts } from './store/error-counts.ts';
import type { EarlierAnswers, PredictionWriter } from './store/prediction-writer.ts';
import type { VariantTraffic } from './traffic.ts';

/** Rows that may wait in one process for one endpoint; beyond this, requests are refused at the door. */
const MAX_PENDING_ROWS = 100_000;
/** An id becomes a key in the database and a value in URLs and files. */
const INFERENCE_ID = /^[\x21-\x7e]{1,128}$/;

export interface PredictInput {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly inferenceIds?: readonly string[];
  readonly keys?: readonly string[];
  /** Event time of all rows, or one a row: ISO 8601 text or ms since the epoch; now when left out. */
  readonly at?: string | number | readonly (string | number)[];
}

export interface PredictOutput {
  readonly endpoint: string;
  readonly predictions: {
    readonly inferenceId: string;
    readonly value: number;
    readonly variant: string;
    readonly version: string;
  }[];
  readonly latencyMs: number;
}

export interface PredictorOptions {
  readonly table: EndpointTable;
  readonly writer: PredictionWriter;
  readonly errorCounts: ErrorCounts;
  readonly metrics: ServingMetrics;
  /** The time of the world being predicted: the default event time. */
  readonly clock: Clock;
  readonly machineClock: Clock;
  readonly rng: Rng;
}

/** A request whose every row is checked and has its id, time and variant. */
interface CheckedRequest {
  readonly rows: readonly CheckedRow[];
  readonly ids: readonly string[];
  readonly times: readonly number[];
  /** Index of the variant of each row. */
  readonly variants: readonly number[];
}

/**
 * The hot path: check, choose a variant, predict, log, answer. A request that fails a check has no effect but its
 * error count. An answer is given only when its predictions are committed.
 */
export class Predictor {
  readonly #options: PredictorOptions;
  readonly #ids: IdSequence;

  constructor(options: PredictorOptions) {
    this.#options = options;
    this.#ids = new IdSequence(options.machineClock, options.rng);
  }

  /** @param pinned answer with this version only, whatever the weights say */
  async predict(endpoint: string, input: PredictInput, pinned?: VersionRef): Promise<PredictOutput> {
    const startMs = performance.now();
    const entry = this.#options.table.find(endpoint);
    if (!entry) {
      this.#options.metrics.error('', 'SERVING_ENDPOINT_NOT_FOUND');
      throw servingErrors.SERVING_ENDPOINT_NOT_FOUND({ endpoint });
    }
    entry.traffic.inFlight++;
    try {
      return await this.#answer(entry, input, pinned, startMs);
    } catch (error) {
      this.#countError(entry, error);
      throw error;
    } finally {
      entry.traffic.inFlight--;
    }
  }

  async #answer(entry: EndpointEntry, input: PredictInput, pinned: VersionRef | undefined, startMs: number) {
    const route = routeOf(entry);
    const checked = this.#check(route, input, pinned);
    const waitingRows = route.pendingRows;
    const { name } = route.record;
    if (waitingRows > MAX_PENDING_ROWS) throw servingErrors.SERVING_OVERLOADED({ endpoint: name, waitingRows });
    route.begin();
    try {
      const values = await predictRows(route, checked);
      const latencyUs = Math.round((performance.now() - startMs) * 1000);
      const receivedMs = this.#options.machineClock.now();
      const rows = logRows(route, checked, values, { latencyUs, receivedMs });
      const earlier = await this.#options.writer.write(name, rows);
      const latencyMs = performance.now() - startMs;
      record(entry, checked, values, { latencyMs, nowMs: receivedMs });
      return { endpoint: name, predictions: answers(route, checked, values, earlier), latencyMs };
    } finally {
      route.end();
    }
  }

  #check(route: ActiveRoute, input: PredictInput, pinned: VersionRef | undefined): CheckedRequest {
    const count = input.rows.length;
    if (count === 0) throw refused('rows', 'is empty: send at least one row');
    const rows: CheckedRow[] = [];
    for (let i = 0; i < count; i++) rows.push(route.reader.read(input.rows[i] as (typeof input.rows)[number], i));
    const ids = input.inferenceIds ? checkIds(input.inferenceIds, count) : this.#ids.take(count);
    if (input.keys) assertLength('keys', input.keys, count);
    const times = eventTimes(input.at, count, this.#options.clock);
    const fixed = pinned === undefined ? undefined : pinnedVariant(route, pinned);
    const { stickyKey } = route.record;
    const variants: number[] = [];
    for (let i = 0; i < count; i++) {
      const sticky = input.keys?.[i] ?? (stickyKey === null ? undefined : input.rows[i]?.[stickyKey]);
      variants.push(fixed ?? route.variantFor(String(sticky ?? ids[i])));
    }
    return { rows, ids, times, variants };
  }

  #countError(entry: EndpointEntry, error: unknown): void {
    const code = isTrimtabError(error) ? error.code : 'INTERNAL';
    const { errorCounts, metrics, machineClock, clock } = this.#options;
    entry.traffic.window.recordError(machineClock.now(), code);
    errorCounts.add(entry.record.name, clock.now(), code);
    metrics.error(entry.record.name, code);
  }
}

function logRows(
  route: ActiveRoute,
  { rows, ids, times, variants }: CheckedRequest,
  values: ArrayLike<number>,
  { latencyUs, receivedMs }: { readonly latencyUs: number; readonly receivedMs: number },
): SqlValue[][] {
  const { name, status } = route.record;
  const flagged = status === 'blocked' ? 1 : 0;
  return rows.map(({ featuresJson }, i) => {
    const variant = route.record.variants[variants[i] as number] as { name: string; version: string };
    const [id, atMs, value] = [ids[i] as string, times[i] as number, values[i] as number];
    return [name, id, atMs, receivedMs, variant.version, variant.name, featuresJson, value, latencyUs, flagged];
  });
}

function record(
  entry: EndpointEntry,
  { variants }: CheckedRequest,
  values: ArrayLike<number>,
  { latencyMs, nowMs }: { readonly latencyMs: number; readonly nowMs: number },
): void {
  const latencyUs = latencyMs * 1000;
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] as number;
  entry.traffic.window.record(nowMs, { latencyUs, rows: values.length, predictionSum: total });
  for (let variant = 0; variant < entry.counters.length; variant++) {
    let rows = 0;
    let predictionSum = 0;
    for (let i = 0; i < values.length; i++) {
      if (variants[i] !== variant) continue;
      rows++;
      predictionSum += values[i] as number;
    }
    if (rows === 0) continue;
    const { window, metrics } = entry.counters[variant] as VariantTraffic;
    window.record(nowMs, { latencyUs, rows, predictionSum });
    metrics.record(rows, latencyMs / 1000);
  }
}

function routeOf({ record, route, problem }: EndpointEntry): ActiveRoute {
  if (route) return route;
  throw servingErrors.SERVING_ENDPOINT_UNAVAILABLE({ endpoint: record.name, problem: problem ?? 'it is not loaded' });
}

/** Each variant predicts its own rows; their answers come back in the order of the request. */
function predictRows(route: ActiveRoute, { rows, variants }: CheckedRequest): Promise<ArrayLike<number>> {
  const first = variants[0] as number;
  for (let i = 1; i < variants.length; i++) {
    if (variants[i] !== first) return predictByVariant(route, rows, variants);
  }
  return modelAt(route, first).predict(rows.map(({ values }) => values));
}

async function predictByVariant(
  route: ActiveRoute,
  rows: readonly CheckedRow[],
  variants: readonly number[],
): Promise<ArrayLike<number>> {
  const values = new Float64Array(rows.length);
  await Promise.all(
    [...new Set(variants)].map(async (variant) => {
      const places = variants.flatMap((own, index) => (own === variant ? [index] : []));
      const answers = await modelAt(route, variant).predict(places.map((place) => (rows[place] as CheckedRow).values));
      places.forEach((place, index) => {
        values[place] = answers[index] as number;
      });
    }),
  );
  return values;
}

function modelAt(route: ActiveRoute, variant: number) {
  return route.models[variant] as (typeof route.models)[number];
}

function answers(
  route: ActiveRoute,
  { ids, variants }: CheckedRequest,
  values: ArrayLike<number>,
  earlier: EarlierAnswers | undefined,
): PredictOutput['predictions'] {
  return ids.map((inferenceId, index) => {
    const before = earlier?.get(inferenceId);
    if (before) {
      return { inferenceId, value: before.prediction, variant: before.variant, version: before.version };
    }
    const { name, version } = route.record.variants[variants[index] as number] as { name: string; version: string };
    return { inferenceId, value: values[index] as number, variant: name, version };
  });
}

function checkIds(ids: readonly string[], count: number): readonly string[] {
  assertLength('inferenceIds', ids, count);
  if (new Set(ids).size < count) {
    const seen = new Set<string>();
    const twice = ids.find((id) => seen.size === seen.add(id).size) ?? '';
    throw refused('inferenceIds', `holds "${twice.slice(0, 128)}" twice: give each row an id of its own`);
  }
  const bad = ids.find((id) => !INFERENCE_ID.test(id));
  if (bad === undefined) return ids;
  throw refused('inferenceIds', `holds ${JSON.stringify(bad.slice(0, 128))}: use 1 to 128 visible ASCII characters`);
}

function eventTimes(at: PredictInput['at'], count: number, clock: Clock): readonly number[] {
  if (typeof at !== 'object') {
    return new Array<number>(count).fill(at === undefined ? clock.now() : readTime(at));
  }
  assertLength('at', at, count);
  return at.map(readTime);
}

function readTime(value: string | number): number {
  const time = parseTime(value);
  if (time !== undefined) return time;
  const shown = JSON.stringify(value).slice(0, 80);
  throw refused('at', `holds ${shown}: use ISO 8601 text or whole ms since the epoch`);
}

function pinnedVariant(route: ActiveRoute, version: VersionRef): number {
  const index = route.record.variants.findIndex((variant) => variant.version === version);
  if (index >= 0) return index;
  const served = route.record.variants.map((variant) => variant.version).join(', ');
  throw refused('version', `${version} is not served by endpoint "${route.record.name}": it serves ${served}`);
}

function assertLength(field: string, list: readonly unknown[], count: number): void {
  if (list.length === count) return;
  throw refused(field, `has ${list.length} items for ${count} rows: send one a row`);
}

function refused(field: string, problem: string) {
  return servingErrors.SERVING_REQUEST_INVALID({ field, problem });
}
