import { aucDeLong, benjaminiHochberg, meanInterval, wilson } from '#platform/stats';
import type { Estimate, KeyPart } from '../../model.ts';
import { groupRows } from '../features/keys.ts';
import type { Frame } from '../frame.ts';
import { assertLabels } from '../labels.ts';
import { logLosses } from './binary.ts';
import { assertPredictions, PROBABILITY } from './check.ts';
import { type Difference, meanDifferenceOf } from './paired.ts';

export interface SegmentOptions {
  readonly frame: Frame;
  /** What to group rows by, each under the name it is reported by. */
  readonly by: Readonly<Record<string, KeyPart>>;
  readonly labels: ArrayLike<number>;
  readonly probabilities: ArrayLike<number>;
  /** Probabilities of another model for the same rows, to compare with. */
  readonly baseline?: ArrayLike<number>;
  /** Smaller groups are put together as one; default 100. */
  readonly minRows?: number;
}

/** A difference, with its p-value corrected for the number of segments looked at (Benjamini and Hochberg). */
interface SegmentDifference extends Difference {
  readonly adjustedPValue: number;
}

export interface SegmentEvaluation {
  /** The name in `by`. */
  readonly column: string;
  /** The group's value, e.g. `ATL`, `17` or `500 to 1000`; {@link OTHER_SEGMENTS} for all that are too small. */
  readonly value: string;
  readonly rows: number;
  readonly positives: number;
  /** Share of positives (Wilson). */
  readonly rate: Estimate;
  readonly meanPrediction: number;
  /** Mean log loss, nats. */
  readonly logLoss: Estimate;
  /** DeLong; null where all labels are the same. */
  readonly auc: Estimate | null;
  /** Rate less mean prediction: what the model is off by here. */
  readonly calibration: SegmentDifference;
  /** Mean log loss less the baseline's, below 0 when the model is better; null without a baseline. */
  readonly comparison: SegmentDifference | null;
}

export const OTHER_SEGMENTS = '(others)';
const MISSING = '(missing)';
const DEFAULT_MIN_ROWS = 100;

/**
 * Evaluates probabilities group by group, the largest groups of each column first. Every row is in one group of each
 * column: groups of fewer than `minRows` rows are taken together. Only a lone row is left out, as it has no interval.
 *
 * @throws as `evaluateBinary`, and LEARNING_COLUMN_UNKNOWN, LEARNING_COLUMN_TYPE
 */
export function evaluateSegments(options: SegmentOptions): SegmentEvaluation[] {
  const { frame, labels, probabilities, baseline } = options;
  assertLabels('The data to evaluate on', labels, frame.rowCount, 'binary', true);
  assertPredictions(labels, probabilities, PROBABILITY);
  if (baseline) assertPredictions(labels, baseline, PROBABILITY);
  const segments = Object.entries(options.by).flatMap(([column, part]) =>
    groupsOf(frame, part, options.minRows ?? DEFAULT_MIN_ROWS).map(({ value, rows }) => ({
      column,
      value,
      ...evaluateGroup(pick(labels, rows), pick(probabilities, rows), baseline && pick(baseline, rows)),
    })),
  );
  const calibrations = benjaminiHochberg(segments.map(({ calibration }) => calibration.pValue));
  const comparisons = benjaminiHochberg(segments.map(({ comparison }) => comparison?.pValue ?? Number.NaN));
  return segments.map((segment, i) => ({
    ...segment,
    calibration: { ...segment.calibration, adjustedPValue: calibrations[i] as number },
    comparison: segment.comparison && { ...segment.comparison, adjustedPValue: comparisons[i] as number },
  }));
}

function evaluateGroup(labels: Float64Array, probabilities: Float64Array, baseline: Float64Array | undefined) {
  const rows = labels.length;
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const losses = logLosses(labels, probabilities);
  const auc = aucDeLong(labels, probabilities);
  return {
    rows,
    positives,
    rate: wilson(positives, rows),
    meanPrediction: probabilities.reduce((sum, probability) => sum + probability, 0) / rows,
    logLoss: meanInterval(losses),
    auc: Number.isNaN(auc.auc) ? null : { value: auc.auc, low: auc.low, high: auc.high },
    calibration: meanDifferenceOf(labels, probabilities),
    comparison: baseline ? meanDifferenceOf(losses, logLosses(labels, baseline)) : null,
  };
}

interface Group {
  readonly value: string;
  readonly rows: Int32Array;
}

function groupsOf(frame: Frame, part: KeyPart, minRows: number): Group[] {
  const { groupOf, texts } = groupRows(frame, [part]);
  const counts = new Int32Array(texts.length);
  for (const group of groupOf) counts[group] = (counts[group] as number) + 1;
  const large = texts
    .map((text, group) => ({ text, group, count: counts[group] as number }))
    .filter(({ count }) => count >= minRows)
    .sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1));
  const others = large.length;
  const placeOf = new Int32Array(texts.length).fill(others);
  large.forEach(({ group }, place) => {
    placeOf[group] = place;
  });
  const rows: number[][] = Array.from({ length: others + 1 }, () => []);
  groupOf.forEach((group, row) => {
    rows[placeOf[group] as number]?.push(row);
  });
  const names = [...large.map(({ text }) => nameOf(part, text)), OTHER_SEGMENTS];
  return rows
    .map((members, place) => ({ value: names[place] as string, rows: Int32Array.from(members) }))
    .filter((group) => group.rows.length > 1);
}

/** A group's text as people read it. */
function nameOf(part: KeyPart, text: string): string {
  if (text === '') return MISSING;
  if (typeof part === 'string' || !('band' in part)) return text;
  const band = Number(text);
  if (band < 0) return MISSING;
  const low = part.bounds[band - 1];
  const high = part.bounds[band];
  if (low === undefined) return `below ${high}`;
  return high === undefined ? `${low} and more` : `${low} to ${high}`;
}

function pick(values: ArrayLike<number>, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row] as number);
}
