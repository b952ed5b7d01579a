import { Counter, Gauge, type Metric, Registry } from 'prom-client';

const LATENCY_BUCKETS_SECONDS = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What one variant of an endpoint reports; bound to its labels once, so that a request looks nothing up. */
export interface VariantMetrics {
  record(rows: number, latencySeconds: number): void;
}

export interface ServingMetrics {
  readonly registry: Registry;
  variant(endpoint: string, variant: string, version: string): VariantMetrics;
  error(endpoint: string, code: string): void;
  /** Tells where the number of requests in flight is read when metrics are asked for. */
  observeInFlight(read: () => Iterable<readonly [endpoint: string, requests: number]>): void;
}

/** Prometheus metrics of serving, in base units, in a registry of their own. */
export function servingMetrics(): ServingMetrics {
  const registry = new Registry();
  const labelNames = ['endpoint', 'variant', 'version'] as const;
  const registers = [registry];
  const variants: VariantCounts[] = [];
  new Counter({
    name: 'trimtab_serving_requests_total',
    help: 'Requests answered, once for each variant that took part.',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { labels, requests } of variants) this.inc(labels, requests);
    },
  });
  new Counter({
    name: 'trimtab_serving_rows_total',
    help: 'Rows predicted.',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { labels, rows } of variants) this.inc(labels, rows);
    },
  });
  const errors = new Counter({
    name: 'trimtab_serving_errors_total',
    help: 'Requests refused or failed, by error code.',
    labelNames: ['endpoint', 'code'] as const,
    registers,
  });
  registry.registerMetric(latencyHistogram(variants));
  let readInFlight: () => Iterable<readonly [string, number]> = () => [];
  new Gauge({
    name: 'trimtab_serving_requests_in_flight',
    help: 'Requests being answered now.',
    labelNames: ['endpoint'] as const,
    registers,
    collect() {
      this.reset();
      for (const [endpoint, count] of readInFlight()) this.set({ endpoint }, count);
    },
  });
  return {
    registry,
    variant(endpoint, variant, version) {
      const counts = new VariantCounts({ endpoint, variant, version });
      variants.push(counts);
      return counts;
    },
    error: (endpoint, code) => errors.inc({ endpoint, code }),
    observeInFlight(read) {
      readInFlight = read;
    },
  };
}

/** Counts of one variant in plain numbers; prom-client is given them when metrics are asked for. */
class VariantCounts implements VariantMetrics {
  readonly labels: { readonly endpoint: string; readonly variant: string; readonly version: string };
  requests = 0;
  rows = 0;
  latencySumSeconds = 0;
  /** Requests in each bucket, not cumulative; the last one is beyond all bounds. */
  readonly buckets = new Float64Array(LATENCY_BUCKETS_SECONDS.length + 1);

  constructor(labels: VariantCounts['labels']) {
    this.labels = labels;
  }

  record(rowCount: number, latencySeconds: number): void {
    this.requests++;
    this.rows += rowCount;
    this.latencySumSeconds += latencySeconds;
    let bucket = 0;
    while (bucket < LATENCY_BUCKETS_SECONDS.length && latencySeconds > (LATENCY_BUCKETS_SECONDS[bucket] as number)) {
      bucket++;
    }
    this.buckets[bucket] = (this.buckets[bucket] as number) + 1;
  }
}

/** A histogram whose values are read when metrics are asked for; prom-client's own would be fed at each request. */
function latencyHistogram(variants: readonly VariantCounts[]): Metric {
  const name = 'trimtab_serving_request_duration_seconds';
  const values = () =>
    variants.flatMap(({ labels, buckets, requests, latencySumSeconds }) => {
      let below = 0;
      const lines = [...LATENCY_BUCKETS_SECONDS, '+Inf'].map((le, index) => {
        below += buckets[index] as number;
        return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: below };
      });
      const sum = { metricName: `${name}_sum`, labels, value: latencySumSeconds };
      return [...lines, sum, { metricName: `${name}_count`, labels, value: requests }];
    });
  const help = 'From the parsed request to the committed prediction.';
  const type = 'histogram';
  const get = async () => ({ name, help, type, aggregator: 'sum', values: values() });
  // A registry needs no more of a metric than its name and what to print; the type asks for a class of the library.
  return { name, help, type, get, reset: () => undefined } as unknown as Metric;
}
