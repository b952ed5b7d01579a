/** How a run stands. It is over unless scheduled or running; a run that is over may still be written to, as in MLflow. */
export type RunState = 'scheduled' | 'running' | 'finished' | 'failed' | 'killed';

/** Of runs and of experiments. */
export type RunLifecycle = 'active' | 'deleted';

export type InputRole = 'training' | 'validation' | 'test' | 'other';

/** Data that a run read. */
export interface RunInput {
  /** Typed reference, e.g. `commit:flights/3f2a…`. */
  readonly ref: string;
  /** Which file of it; null for all of it. */
  readonly path: string | null;
  readonly role: InputRole;
}

/** A data set that MLflow's clients tell of: by name and digest, which are unique in an experiment. */
export interface Dataset {
  readonly name: string;
  readonly digest: string;
  /** What kind of source it is, e.g. `http` or `local`. */
  readonly sourceType: string;
  /** Where it came from, as JSON of its client. */
  readonly source: string;
  /** Columns, as JSON of its client. */
  readonly schema: string | null;
  /** Counts, as JSON of its client. */
  readonly profile: string | null;
}

/** A data set that a run read, with notes about this use of it, e.g. `mlflow.data.context`. */
export interface DatasetInput {
  readonly dataset: Dataset;
  readonly tags: Texts;
}

/** A logged model that a run made, at a step. */
export interface ModelOutput {
  readonly model: string;
  readonly step: number;
}

/** The latest value of a metric: the greatest by step, then time, then value. */
export interface LatestMetric {
  readonly key: string;
  /** May be NaN or infinite. */
  readonly value: number;
  readonly step: number;
  readonly timestampMs: number;
  /** Least and greatest of all its values; null when each of them is NaN. */
  readonly min: number | null;
  readonly max: number | null;
}

export interface MetricPoint {
  readonly step: number;
  readonly timestampMs: number;
  /** May be NaN or infinite. */
  readonly value: number;
}

export interface Run {
  readonly id: string;
  readonly name: string;
  /** Name of its experiment. */
  readonly experiment: string;
  /** Number of its experiment, as text. */
  readonly experimentId: string;
  readonly status: RunState;
  readonly lifecycle: RunLifecycle;
  readonly parent: string | null;
  /** Who called us. */
  readonly createdBy: string;
  /** Whom the client named as its user; empty when it named nobody. */
  readonly userId: string;
  readonly codeCommit: string | null;
  /** Where its files are, e.g. `mlflow-artifacts:/1/<run>/artifacts`. */
  readonly artifactUri: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly changedAtMs: number;
  readonly params: ReadonlyMap<string, string>;
  readonly metrics: readonly LatestMetric[];
  /** Without those that mirror a property, see `core/mirrored-tags.ts`. */
  readonly tags: ReadonlyMap<string, string>;
  readonly inputs: readonly RunInput[];
  readonly datasets: readonly DatasetInput[];
  /** Ids of logged models that it read. */
  readonly modelInputs: readonly string[];
  readonly modelOutputs: readonly ModelOutput[];
}

/** An experiment without what its runs amount to. */
export interface ExperimentHead {
  /** A number, as text. */
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly lifecycle: RunLifecycle;
  /** Files of a run lie below, in `<run>/artifacts`. */
  readonly artifactLocation: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  /** When it was made, renamed, deleted or restored. */
  readonly updatedAtMs: number;
  readonly tags: ReadonlyMap<string, string>;
}

export interface Experiment extends ExperimentHead {
  readonly runs: number;
  readonly runningRuns: number;
  readonly deletedRuns: number;
  readonly lastActivityAtMs: number;
}

export interface Artifact {
  readonly path: string;
  readonly sizeBytes: number;
  /** Null where others may write the file too. */
  readonly digest: string | null;
  readonly contentType: string;
  readonly createdAtMs: number;
}

/** A metric to write; measured now unless told. */
export interface LoggedMetric {
  readonly key: string;
  /** May be NaN or infinite. */
  readonly value: number;
  readonly step: number;
  readonly timestampMs?: number;
  /** Logged model that was measured. */
  readonly model?: string;
  /** Data set that it was measured on. */
  readonly dataset?: { readonly name: string; readonly digest: string };
}

/** Text by key. */
export type Texts = ReadonlyMap<string, string>;

/** What one `logBatch` writes: all of it or nothing. */
export interface Batch {
  readonly metrics: readonly LoggedMetric[];
  readonly params: Texts;
  readonly tags: Texts;
}
