import { endpointSeed, trafficPoint, variantAt } from './core/choose-variant.ts';
import type { RowReader } from './core/row-reader.ts';
import { servingErrors } from './errors.ts';
import type { LoadedModel } from './loaded-model.ts';
import { type EndpointRecord, FULL_WEIGHT, type Signature, signatureDifference } from './model.ts';
import type { ModelLease, ModelPool } from './model-pool.ts';

/**
 * An endpoint at one revision with its models in memory. Requests take the route of the moment and finish on it,
 * whatever replaces it meanwhile; a retired route lets go of its models when its last request has ended.
 */
export class ActiveRoute {
  readonly record: EndpointRecord;
  readonly models: readonly LoadedModel[];
  readonly reader: RowReader;
  readonly signature: Signature;
  readonly #leases: readonly ModelLease[];
  readonly #weights: readonly number[];
  readonly #seed: number;
  /** The variant that has all of the traffic, if one has. */
  readonly #only: number;
  #inFlight = 0;
  #retired = false;

  private constructor(record: EndpointRecord, leases: readonly ModelLease[], first: LoadedModel) {
    this.record = record;
    this.#leases = leases;
    this.models = leases.map(({ model }) => model);
    this.reader = first.rows;
    this.signature = first.signature;
    this.#weights = record.variants.map(({ weight }) => weight);
    this.#only = this.#weights.indexOf(FULL_WEIGHT);
    this.#seed = endpointSeed(record.name);
  }

  /** Loads every variant, warm and checked; on failure nothing stays loaded. */
  static async open(record: EndpointRecord, pool: ModelPool): Promise<ActiveRoute> {
    const results = await Promise.allSettled(record.variants.map(({ version }) => pool.lease(version)));
    const leases = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    try {
      for (const result of results) if (result.status === 'rejected') throw result.reason;
      const [first] = leases;
      if (!first) throw servingErrors.SERVING_WEIGHTS_INVALID({ problem: 'there is no variant' });
      assertAlike(record, first.model.signature, leases);
      return new ActiveRoute(record, leases, first.model);
    } catch (error) {
      for (const lease of leases) lease.end();
      throw error;
    }
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get pendingRows(): number {
    return this.models.reduce((sum, model) => sum + model.pendingRows, 0);
  }

  /** The variant for a key: the same one while the weights stand. */
  variantFor(key: string): number {
    return this.#only >= 0 ? this.#only : variantAt(this.#weights, trafficPoint(this.#seed, key));
  }

  begin(): void {
    this.#inFlight++;
  }

  end(): void {
    this.#inFlight--;
    if (this.#retired && this.#inFlight === 0) this.#letGo();
  }

  retire(): void {
    this.#retired = true;
    if (this.#inFlight === 0) this.#letGo();
  }

  #letGo(): void {
    for (const lease of this.#leases) lease.end();
  }
}

function assertAlike(record: EndpointRecord, signature: Signature, leases: readonly ModelLease[]): void {
  for (const { model } of leases) {
    const difference = signatureDifference(signature, model.signature);
    if (difference) throw servingErrors.SERVING_MODEL_UNFIT({ version: model.version, problem: difference });
  }
  const { stickyKey } = record;
  if (stickyKey !== null && !signature.inputs.some(({ name }) => name === stickyKey)) {
    throw servingErrors.SERVING_WEIGHTS_INVALID({ problem: `the sticky key "${stickyKey}" is no column of the model` });
  }
}
