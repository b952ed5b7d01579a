import type { Dimension, Direction, PrunerChoice, SamplerChoice } from '#contract';

export type ParamValue = string | number | boolean | null;
export type ParamValues = Readonly<Record<string, ParamValue>>;
export type SearchSpace = Readonly<Record<string, Dimension>>;

export type TrialState = 'running' | 'complete' | 'pruned' | 'failed';
export type EndState = Exclude<TrialState, 'running'>;

/** An intermediate value. NaN says that it could not be computed. */
export interface Report {
  readonly step: number;
  readonly value: number;
}

export interface Trial {
  readonly study: string;
  /** From 0, in the order trials were asked for. */
  readonly number: number;
  readonly state: TrialState;
  readonly params: ParamValues;
  /** One an objective, infinite at worst; of a pruned trial its last report. */
  readonly values: readonly number[] | null;
  readonly run: string | null;
  readonly words: string | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
}

/** What strategies know of a trial. */
export interface PastTrial extends Pick<Trial, 'number' | 'state' | 'params' | 'values'> {
  /** By step. */
  readonly reports: readonly Report[];
}

/** The fixed part of a study. */
interface StudyDefinition {
  readonly name: string;
  readonly directions: readonly Direction[];
  readonly space: SearchSpace;
  /** With every option filled in, so that a later change of a default leaves the study as it is. */
  readonly sampler: Required<SamplerChoice>;
  readonly pruner: Required<PrunerChoice>;
  readonly experiment: string | null;
}

export interface StoredStudy extends StudyDefinition {
  readonly createdBy: string;
  readonly createdAtMs: number;
  /** How many trials were asked for; the number of the next. */
  readonly asked: number;
}

export interface Study extends StoredStudy {
  readonly counts: Readonly<Record<TrialState, number>>;
  /** The best complete trial, or the Pareto front; empty at first. */
  readonly best: readonly Trial[];
}

/** How a trial ends. */
export interface TrialEnd {
  readonly state: EndState;
  readonly values: readonly number[] | null;
  readonly words: string | null;
}
