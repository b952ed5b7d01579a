import type { ActiveRoute } from './active-route.ts';
import { servingErrors } from './errors.ts';
import type { ServingMetrics } from './metrics.ts';
import type { EndpointRecord, EndpointState } from './model.ts';
import { EndpointTraffic, type VariantTraffic } from './traffic.ts';

/** An endpoint in this process: what is stored, and the route that answers, unless it could not be loaded. */
export interface EndpointEntry {
  readonly record: EndpointRecord;
  readonly route: ActiveRoute | undefined;
  readonly problem: string | null;
  readonly traffic: EndpointTraffic;
  /** Where each variant's answers are counted, in the order of the variants. */
  readonly counters: readonly VariantTraffic[];
}

/** The endpoints of this process. Replacing an entry is one assignment: no request ever finds none. */
export class EndpointTable {
  readonly #entries = new Map<string, EndpointEntry>();
  readonly #traffic = new Map<string, EndpointTraffic>();
  readonly #metrics: ServingMetrics;

  constructor(metrics: ServingMetrics) {
    this.#metrics = metrics;
  }

  find(name: string): EndpointEntry | undefined {
    return this.#entries.get(name);
  }

  /** @throws SERVING_ENDPOINT_NOT_FOUND */
  get(name: string): EndpointEntry {
    const entry = this.#entries.get(name);
    if (!entry) throw servingErrors.SERVING_ENDPOINT_NOT_FOUND({ endpoint: name });
    return entry;
  }

  all(): readonly EndpointEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.record.name < b.record.name ? -1 : 1));
  }

  /** Puts a route in service; the one it replaces ends with its last request. */
  activate(route: ActiveRoute): void {
    this.#replace(route.record, route, null);
  }

  /** Remembers that an endpoint exists and cannot answer here. */
  fail(record: EndpointRecord, problem: string): void {
    this.#replace(record, undefined, problem);
  }

  remove(name: string): void {
    const entry = this.#entries.get(name);
    this.#entries.delete(name);
    entry?.route?.retire();
  }

  #replace(record: EndpointRecord, route: ActiveRoute | undefined, problem: string | null): void {
    const before = this.#entries.get(record.name);
    const traffic = this.#trafficOf(record.name);
    const counters = traffic.of(record.variants);
    this.#entries.set(record.name, { record, route, problem, traffic, counters });
    before?.route?.retire();
  }

  #trafficOf(name: string): EndpointTraffic {
    const known = this.#traffic.get(name);
    if (known) return known;
    const traffic = new EndpointTraffic(name, this.#metrics);
    this.#traffic.set(name, traffic);
    return traffic;
  }
}

export function stateOf({ record, route, problem }: EndpointEntry): EndpointState {
  return { ...record, ready: route !== undefined, problem };
}
