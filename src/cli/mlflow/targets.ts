import type { SourceExperiment, SourceFile, SourceLoggedModel, SourceModel, SourcePoint, SourceRun } from './facts.ts';

/** Where facts are exported to. Everything may be told again, which changes nothing. */
export interface MlflowTarget {
  /** How it is called to people, without secrets. */
  readonly label: string;
  /** Makes an experiment, or takes the one of this name. */
  experiment(experiment: SourceExperiment): Promise<TargetExperiment>;
  /** @returns how many versions were new */
  registeredModel(model: SourceModel): Promise<number>;
  /** What can be done only when all is there: relations between runs, and what is deleted. */
  finish(): Promise<void>;
}

export interface TargetExperiment {
  /** Whether a run is there with all that belongs to it. */
  has(run: SourceRun): boolean;
  /** @returns how many files could be stored; undefined when the target cannot take files */
  run(run: SourceRun, content: RunContent): Promise<number | undefined>;
  /** @returns whether it was new */
  loggedModel(model: SourceLoggedModel, files: AsyncIterable<SourceFile>): Promise<boolean>;
}

export interface RunContent {
  readonly points: AsyncIterable<readonly SourcePoint[]>;
  readonly files: AsyncIterable<SourceFile>;
}
