import { Counter, Gauge, Histogram, Registry } from 'prom-client';

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
  const requests = new Counter({
    name: 'trimtab_serving_requests_total',
    help: 'Requests answered, once for each variant that took part.',
    labelNames,
    registers,
  });
  const rows = new Counter({
    name: 'trimtab_serving_rows_total',
    help: 'Rows predicted.',
    labelNames,
    registers,
  });
  const errors = new Counter({
    name: 'trimtab_serving_errors_total',
    help: 'Requests refused or failed, by error code.',
    labelNames: ['endpoint', 'code'] as const,
    registers,
  });
  const latency = new Histogram({
    name: 'trimtab_serving_request_duration_seconds',
    help: 'From the parsed request to the committed prediction.',
    labelNames,
    buckets: LATENCY_BUCKETS_SECONDS,
    registers,
  });
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
      const labels = { endpoint, variant, version };
      const bound = { requests: requests.labels(labels), rows: rows.labels(labels), latency: latency.labels(labels) };
      return {
        record(rowCount, latencySeconds) {
          bound.requests.inc();
          bound.rows.inc(rowCount);
          bound.latency.observe(latencySeconds);
        },
      };
    },
    error: (endpoint, code) => errors.inc({ endpoint, code }),
    observeInFlight(read) {
      readInFlight = read;
    },
  };
}
