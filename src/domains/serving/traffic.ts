import { TrafficWindow } from './core/traffic-window.ts';
import type { ServingMetrics, VariantMetrics } from './metrics.ts';
import type { Variant } from './model.ts';

/** Where one variant's answers are counted. */
export interface VariantTraffic {
  readonly variant: string;
  readonly version: string;
  readonly window: TrafficWindow;
  readonly metrics: VariantMetrics;
}

/** What one endpoint answered lately; it outlives the endpoint's routes. */
export class EndpointTraffic {
  readonly window = new TrafficWindow();
  inFlight = 0;
  readonly #endpoint: string;
  readonly #metrics: ServingMetrics;
  readonly #variants = new Map<string, VariantTraffic>();

  constructor(endpoint: string, metrics: ServingMetrics) {
    this.#endpoint = endpoint;
    this.#metrics = metrics;
  }

  /** Every variant and version that answered since the start of the process. */
  get variants(): Iterable<VariantTraffic> {
    return this.#variants.values();
  }

  /** The counters of variants, in their order. */
  of(variants: readonly Variant[]): readonly VariantTraffic[] {
    return variants.map(({ name, version }) => {
      const key = `${name} ${version}`;
      const known = this.#variants.get(key);
      if (known) return known;
      const metrics = this.#metrics.variant(this.#endpoint, name, version);
      const made = { variant: name, version, window: new TrafficWindow(), metrics };
      this.#variants.set(key, made);
      return made;
    });
  }
}
