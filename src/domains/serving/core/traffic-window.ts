/** Buckets an octave: the width of a bucket, and so the error of a quantile, is under 9.1 %. */
const PER_OCTAVE = 8;
/** 1 µs to 2^27 µs (134 s). */
const BUCKETS = 27 * PER_OCTAVE + 1;
const SLOT_MS = 10_000;
const SLOTS = 360;

export interface TrafficSummary {
  readonly requests: number;
  readonly rows: number;
  readonly meanPrediction: number | null;
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
  readonly errors: ReadonlyMap<string, number>;
}

interface Slot {
  index: number;
  requests: number;
  rows: number;
  predictionSum: number;
  maxUs: number;
  latency: Uint32Array;
  errors: Map<string, number>;
}

/**
 * Counts and latencies of the last hour in slots of ten seconds; recording costs a few additions. Latency quantiles
 * come from logarithmic buckets, see {@link PER_OCTAVE}.
 */
export class TrafficWindow {
  readonly #slots: (Slot | undefined)[] = [];

  record(nowMs: number, entry: { latencyUs: number; rows: number; predictionSum: number }): void {
    const slot = this.#slotAt(nowMs);
    slot.requests++;
    slot.rows += entry.rows;
    slot.predictionSum += entry.predictionSum;
    if (entry.latencyUs > slot.maxUs) slot.maxUs = entry.latencyUs;
    const bucket = bucketOf(entry.latencyUs);
    slot.latency[bucket] = (slot.latency[bucket] as number) + 1;
  }

  recordError(nowMs: number, code: string): void {
    const { errors } = this.#slotAt(nowMs);
    errors.set(code, (errors.get(code) ?? 0) + 1);
  }

  /** What happened in the slots that overlap the last `windowMs`. */
  summary(nowMs: number, windowMs: number): TrafficSummary {
    const newest = Math.floor(nowMs / SLOT_MS);
    const oldest = Math.floor((nowMs - windowMs) / SLOT_MS) + 1;
    const slots = this.#slots.filter((slot) => slot !== undefined && slot.index >= oldest && slot.index <= newest);
    const latency = new Uint32Array(BUCKETS);
    const errors = new Map<string, number>();
    let [requests, rows, predictionSum, maxUs] = [0, 0, 0, 0];
    for (const slot of slots) {
      if (!slot) continue;
      requests += slot.requests;
      rows += slot.rows;
      predictionSum += slot.predictionSum;
      maxUs = Math.max(maxUs, slot.maxUs);
      for (let i = 0; i < BUCKETS; i++) latency[i] = (latency[i] as number) + (slot.latency[i] as number);
      for (const [code, count] of slot.errors) errors.set(code, (errors.get(code) ?? 0) + count);
    }
    const quantile = (q: number) => (requests === 0 ? null : Math.min(quantileUs(latency, requests, q), maxUs) / 1000);
    return {
      requests,
      rows,
      meanPrediction: rows === 0 ? null : predictionSum / rows,
      p50Ms: quantile(0.5),
      p90Ms: quantile(0.9),
      p99Ms: quantile(0.99),
      maxMs: requests === 0 ? null : maxUs / 1000,
      errors,
    };
  }

  #slotAt(nowMs: number): Slot {
    const index = Math.floor(nowMs / SLOT_MS);
    const place = index % SLOTS;
    const known = this.#slots[place];
    if (known && known.index === index) return known;
    const latency = known?.latency.fill(0) ?? new Uint32Array(BUCKETS);
    const slot = { index, requests: 0, rows: 0, predictionSum: 0, maxUs: 0, latency, errors: new Map() };
    this.#slots[place] = slot;
    return slot;
  }
}

function bucketOf(us: number): number {
  if (us <= 1) return 0;
  return Math.min(BUCKETS - 1, Math.floor(Math.log2(us) * PER_OCTAVE));
}

/** The geometric middle of the bucket that holds the quantile (nearest rank). */
function quantileUs(latency: Uint32Array, total: number, q: number): number {
  const rank = Math.max(1, Math.ceil(q * total));
  let seen = 0;
  for (let i = 0; i < BUCKETS; i++) {
    seen += latency[i] as number;
    if (seen >= rank) return 2 ** ((i + 0.5) / PER_OCTAVE);
  }
  return 2 ** (BUCKETS / PER_OCTAVE);
}
