import type { Direction } from '#contract';
import type { Rng } from '#platform/kernel';
import type { ParamValues, PastTrial, SearchSpace } from '../model.ts';

export interface SampleRequest {
  readonly space: SearchSpace;
  /** One an objective. */
  readonly directions: readonly Direction[];
  /**
   * Every trial of the study but the one that is asked for, by number: ended ones with their values, and pending ones
   * (`running`) with the params they were given. A snapshot; nothing in it may be changed.
   */
  readonly trials: readonly PastTrial[];
  /** Seeded by the study's seed and the trial's number; the only source of chance. */
  readonly rng: Rng;
}

/**
 * Proposes the params of a trial.
 *
 * `suggest` gives a value for every param of the space, and each is one that the space allows: in its bounds, on its
 * grid of steps, of its type, one of its choices. All params are proposed together, so a sampler is free to model them
 * jointly, or each alone.
 *
 * It is a pure function of its request: the same request gives the same params in every process, so any server can
 * answer any `ask`, and a proposal can be explained and replayed later. What a strategy learns it derives from the
 * trials; it keeps nothing between calls (a cache of what was derived is fine). Several trials may be pending: two asks
 * in a row differ in the number, hence in `rng`, and in that the first is in the second's `trials`.
 *
 * It must take any history: no trial at all, only failed ones, trials with infinite values or equal values, pruned
 * trials without a report.
 */
export interface Sampler {
  /** Why this sampler cannot serve such a study, in words that follow "because"; undefined when it can. */
  refusal(study: Pick<SampleRequest, 'space' | 'directions'>): string | undefined;
  suggest(request: SampleRequest): ParamValues;
}
