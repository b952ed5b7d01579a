/** What an MLflow server keeps, as all three kinds of source tell it. */

type Lifecycle = 'active' | 'deleted';

export interface SourceExperiment {
  readonly id: string;
  readonly name: string;
  readonly artifactLocation: string;
  readonly lifecycle: Lifecycle;
  readonly createdAtMs: number | null;
  readonly tags: Readonly<Record<string, string>>;
}

export interface SourceDataset {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly schema: string | null;
  readonly profile: string | null;
  /** Tags of its use by the run; its context is `mlflow.data.context`. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface SourceRun {
  readonly id: string;
  readonly name: string;
  readonly userId: string;
  readonly status: 'running' | 'scheduled' | 'finished' | 'failed' | 'killed';
  readonly lifecycle: Lifecycle;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly artifactUri: string;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly datasets: readonly SourceDataset[];
  readonly modelInputs: readonly string[];
  readonly modelOutputs: readonly { readonly modelId: string; readonly step: number }[];
}

export interface SourcePoint {
  readonly run: string;
  readonly key: string;
  /** NaN is NaN; what MLflow keeps as the greatest double is infinite. */
  readonly value: number;
  readonly step: number;
  readonly timestampMs: number;
}

interface SourceModelMetric {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  readonly timestampMs: number;
  readonly run: string | null;
  readonly datasetName: string | null;
  readonly datasetDigest: string | null;
}

/** A logged model of MLflow 3. */
export interface SourceLoggedModel {
  readonly id: string;
  readonly experimentId: string;
  readonly name: string;
  readonly modelType: string;
  readonly sourceRun: string | null;
  readonly status: 'pending' | 'ready' | 'failed';
  readonly artifactUri: string;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly metrics: readonly SourceModelMetric[];
}

/** A version of a registered model. */
export interface SourceVersion {
  readonly version: number;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  readonly description: string;
  readonly userId: string;
  /** None, Staging, Production or Archived. */
  readonly stage: string;
  readonly source: string;
  readonly run: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** A registered model or a prompt. */
export interface SourceModel {
  readonly name: string;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly aliases: Readonly<Record<string, number>>;
  /** In ascending order. */
  readonly versions: readonly SourceVersion[];
}

/** Where MLflow's facts are read from. */
export interface MlflowSource {
  /** How it is called to people, without secrets. */
  readonly label: string;
  experiments(): AsyncIterable<SourceExperiment>;
  /** How many runs an experiment has, deleted ones too; undefined where counting costs as much as reading. */
  countRuns(experimentId: string): Promise<number | undefined>;
  /** Runs in pages, deleted ones too. */
  runs(experimentId: string): AsyncIterable<readonly SourceRun[]>;
  /** Every point of the runs, in pages. */
  points(runs: readonly string[]): AsyncIterable<readonly SourcePoint[]>;
  loggedModels(experimentId: string): AsyncIterable<SourceLoggedModel>;
  models(): AsyncIterable<SourceModel>;
  /** Files below an artifact URI with their bytes; none when they stay where they are, e.g. in a bucket. */
  files(artifactUri: string): AsyncIterable<SourceFile>;
  close(): Promise<void>;
}

export interface SourceFile {
  /** Path below the URI. */
  readonly path: string;
  readonly sizeBytes: number;
  read(): Promise<Blob>;
}

const GREATEST = Number.MAX_VALUE;

/** MLflow keeps infinities as the greatest double, and NaN as 0 with a flag. */
export function metricValueOf(value: number | string, isNan = false): number {
  if (isNan) return Number.NaN;
  const number = typeof value === 'string' ? Number(value.replace(/^([+-]?)inf(inity)?$/i, '$1Infinity')) : value;
  if (number >= GREATEST) return Number.POSITIVE_INFINITY;
  return number <= -GREATEST ? Number.NEGATIVE_INFINITY : number;
}

export function statusOf(status: string | null | undefined): SourceRun['status'] {
  const known = (['running', 'scheduled', 'finished', 'failed', 'killed'] as const).find(
    (one) => one === status?.toLowerCase(),
  );
  return known ?? 'finished';
}
