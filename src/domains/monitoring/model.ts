import type { MonitorVerdict, WatchedFeature } from '#contract';

export type {
  Alert,
  FeatureDrift,
  InputsReport,
  MonitorRules,
  MonitorVerdict,
  PerformanceReport,
  SegmentPerformance,
  WatchedFeature,
} from '#contract';

/** The column of a reference that holds the predictions themselves. */
export const PREDICTION = '@prediction';

/** Fewer labelled windows than this say nothing of how days differ: no sequential rule is run on them. */
export const LEAST_REFERENCE_WINDOWS = 5;

export const DAY_MS = 86_400_000;

/** One prediction as it was logged. */
export interface PredictedRow {
  readonly inferenceId: string;
  readonly atMs: number;
  readonly version: string;
  readonly variant: string;
  readonly features: Readonly<Record<string, unknown>>;
  readonly prediction: number;
  readonly latencyMs: number;
  /** Answered while the endpoint was blocked: watched like any other, but not to be learned from. */
  readonly flagged: boolean;
}

/**
 * What a model was trained and judged on, frozen: bins, their counts window by window, and realised performance window
 * by window. Plain JSON; its digest is its id. Windows are what later windows are compared with: days differ from one
 * another far more than samples of one day do.
 */
export interface FrozenReference {
  readonly format: 1;
  readonly windowMs: number;
  readonly rows: number;
  readonly windows: readonly { readonly startMs: number; readonly rows: number }[];
  readonly columns: readonly FrozenColumn[];
  readonly performance: FrozenPerformance | null;
}

interface ColumnBase {
  readonly name: string;
  /** Column of the logged row it is taken from, and how. */
  readonly from: string;
  readonly derive: NonNullable<WatchedFeature['derive']>;
  /** Rows with a value, and without. */
  readonly rows: number;
  readonly missing: number;
  /** Rows in each bin, and the same for each window of the reference. */
  readonly counts: readonly number[];
  readonly windows: readonly (readonly number[])[];
  /**
   * False when the windows of the reference are utterly unlike one another, as the weekday of one-day windows or a time
   * stamp: such a column is watched for integrity alone.
   */
  readonly comparable: boolean;
}

export interface NumericColumn extends ColumnBase {
  readonly kind: 'numeric';
  /** Inner edges, ascending; a value on an edge belongs to the bin above it. The outer bins are open. */
  readonly edges: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
  /** Values at the probabilities (i + ½) / length. */
  readonly quantiles: readonly number[];
}

export interface CategoryColumn extends ColumnBase {
  readonly kind: 'category';
  /** The most frequent categories, a bin each; one more bin holds the rest. */
  readonly categories: readonly string[];
  /** Categories seen in the rest; null when there were too many to keep. */
  readonly others: readonly string[] | null;
}

export type FrozenColumn = NumericColumn | CategoryColumn;

export interface FrozenPerformance {
  /** Share of label 1 over all windows: the rate at which losses are compared. */
  readonly rate: number;
  readonly windows: readonly PerformanceFigures[];
  /** By column: what each of its bins showed in each of the windows above. */
  readonly segments: Readonly<Record<string, readonly (readonly SegmentTally[])[]>>;
}

/** Realised performance of one window. Losses in nats. */
export interface PerformanceFigures {
  readonly startMs: number;
  readonly rows: number;
  readonly positives: number;
  readonly meanPrediction: number;
  /** Mean loss of the rows with label 1, and of those with 0; each with the variance of that mean. */
  readonly positiveLoss: number;
  readonly positiveVariance: number;
  readonly negativeLoss: number;
  readonly negativeVariance: number;
  readonly logLoss: number;
  readonly brier: number;
  readonly auc: number;
  readonly aucVariance: number;
}

/** Labels of one segment in one window, against predictions shifted so that the window as a whole is as predicted. */
export interface SegmentTally {
  readonly rows: number;
  readonly observed: number;
  readonly expected: number;
  /** Σ p·(1 - p). */
  readonly variance: number;
}

/** Where the sequential rules of a monitor stand; begins anew with each reference. */
export interface Sequence {
  readonly logLoss: number;
  readonly auc: number;
  /** By column and value: excess and shortfall, in standard deviations. */
  readonly segments: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>>;
}

export const EMPTY_SEQUENCE: Sequence = { logLoss: 0, auc: 0, segments: {} };

export function worst(verdicts: readonly MonitorVerdict[]): MonitorVerdict {
  if (verdicts.includes('failed')) return 'failed';
  return verdicts.includes('warning') ? 'warning' : 'ok';
}
