import type { RunLifecycle, Texts } from '../model.ts';

/** pending: its files are on their way. ready: they are there. failed: they never came. */
export type LoggedModelStatus = 'unspecified' | 'pending' | 'ready' | 'failed';

/** A value measured of a logged model, by a run, on a dataset if that was told. */
export interface LoggedModelMetric {
  readonly key: string;
  /** May be NaN or infinite. */
  readonly value: number;
  readonly step: number;
  readonly timestampMs: number;
  readonly run: string;
  readonly datasetName: string | null;
  readonly datasetDigest: string | null;
}

/** A model as a run left it behind, before it is registered. */
export interface LoggedModelHead {
  /** `m-` and 32 hex digits. */
  readonly id: string;
  readonly name: string;
  /** Name of its experiment. */
  readonly experiment: string;
  /** Number of its experiment, as text. */
  readonly experimentId: string;
  /** Empty when not told. */
  readonly type: string;
  readonly status: LoggedModelStatus;
  readonly lifecycle: RunLifecycle;
  /** Id of the run that made it; it need not be a run that is known here. */
  readonly sourceRun: string | null;
  /** Where its files are, e.g. `mlflow-artifacts:/1/models/<id>/artifacts`. */
  readonly artifactUri: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly updatedAtMs: number;
}

export interface LoggedModel extends LoggedModelHead {
  readonly params: Texts;
  readonly tags: Texts;
  /** By key, time and step. */
  readonly metrics: readonly LoggedModelMetric[];
}
