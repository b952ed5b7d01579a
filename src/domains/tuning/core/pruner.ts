import type { Direction } from '#contract';
import type { PastTrial, Report } from '../model.ts';

export interface PruneRequest {
  readonly directions: readonly Direction[];
  /** What the trial reported so far, by step, at least one; the last is the one to judge. */
  readonly reports: readonly Report[];
  /** Number of the trial. */
  readonly number: number;
  /** Every other trial of the study, by number, ended or running. A snapshot; nothing in it may be changed. */
  readonly trials: readonly PastTrial[];
}

export interface Verdict {
  readonly prune: boolean;
  /** Why, with the figures that were compared; a sentence for people. */
  readonly words: string;
}

/**
 * Decides whether a trial is worth going on with.
 *
 * `judge` is a pure function of its request. It prunes only on evidence: never when there is nothing to compare with. It
 * must take reports of NaN and infinity, and histories in which other trials never reported. Steps need not be
 * consecutive, nor the same in all trials.
 */
export interface Pruner {
  /** Why this pruner cannot serve such a study, in words that follow "because"; undefined when it can. */
  refusal(study: Pick<PruneRequest, 'directions'>): string | undefined;
  judge(request: PruneRequest): Verdict;
}
