/** How a run stands. It is over unless running; a run that is over may still be written to, as in MLflow. */
export type RunState = 'running' | 'finished' | 'failed' | 'killed';

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
  readonly experiment: string;
  readonly status: RunState;
  readonly lifecycle: RunLifecycle;
  readonly parent: string | null;
  readonly createdBy: string;
  readonly codeCommit: string | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly changedAtMs: number;
  readonly params: ReadonlyMap<string, string>;
  readonly metrics: readonly LatestMetric[];
  readonly tags: ReadonlyMap<string, string>;
  readonly inputs: readonly RunInput[];
}

export interface Experiment {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly runs: number;
  readonly runningRuns: number;
  readonly deletedRuns: number;
  readonly lastActivityAtMs: number;
}

export interface Artifact {
  readonly path: string;
  readonly sizeBytes: number;
  readonly digest: string;
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
}

/** Text by key. */
export type Texts = ReadonlyMap<string, string>;

/** What one `logBatch` writes: all of it or nothing. */
export interface Batch {
  readonly metrics: readonly LoggedMetric[];
  readonly params: Texts;
  readonly tags: Texts;
}
