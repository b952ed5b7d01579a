import { benjaminiHochberg, normalTwoSided } from '#platform/stats';
import { type FrozenColumn, LEAST_REFERENCE_WINDOWS, type SegmentPerformance, type SegmentTally } from '../model.ts';
import { binName } from './bins.ts';

/** Off by this much in log-odds (half as likely again), a segment is not what it was but no cause for alarm. */
const TOLERANCE = 0.4;
/** A segment is looked at in windows where its labels carry at least this much, Σ p·(1 - p). */
const LEAST_VARIANCE = 1;
/** How many windows' worth of all segments a segment's own spread between windows is mixed with. */
const PRIOR_WINDOWS = 5;

/** What is usual for a segment: its own error of the model, and how it differs between windows, in log-odds. */
interface UsualSegment {
  readonly bias: number;
  readonly biasVariance: number;
  readonly betweenVariance: number;
}

/** A segment of a window, and how far it is beyond what is tolerated: above, and below. Both in standard deviations. */
export interface SegmentFinding extends Omit<SegmentPerformance, 'sequence'> {
  readonly excess: number;
  readonly shortfall: number;
}

/**
 * Segments of one column in one window: labels against predictions once the window as a whole is as predicted, less the
 * segment's usual error.
 *
 * A segment's labels vary more than chance: a storm makes an airport late for a day. That spread is estimated from the
 * reference's windows, segment by segment, drawn towards that of the whole column where there are few.
 */
export function segmentsOf(input: {
  readonly column: FrozenColumn;
  readonly reference: readonly (readonly SegmentTally[])[];
  readonly window: readonly SegmentTally[];
  /** Sum of the predictions of each bin before the shift, for people. */
  readonly predicted: readonly number[];
}): SegmentFinding[] {
  const { column, reference, window, predicted } = input;
  if (reference.length < LEAST_REFERENCE_WINDOWS) return [];
  const usual = usualSegments(reference, window.length);
  return window.flatMap((tally, bin) => {
    const of = usual[bin];
    if (!of || tally.variance < LEAST_VARIANCE) return [];
    const { variance } = tally;
    const gap = tally.observed - tally.expected - of.bias * variance;
    const spread = Math.sqrt(variance * (1 + variance * of.betweenVariance));
    // The usual error is known only to its own; see `deviation`.
    const slack = (TOLERANCE + Math.sqrt(of.biasVariance)) * variance;
    const z = gap / spread;
    const finding = {
      column: column.name,
      value: binName(column, bin),
      rows: tally.rows,
      observed: tally.observed / tally.rows,
      expected: (predicted[bin] ?? 0) / tally.rows,
      z,
      qValue: normalTwoSided(z),
      excess: (gap - slack) / spread,
      shortfall: (-gap - slack) / spread,
    };
    return [finding];
  });
}

/** The findings with q-values over all segments. */
export function corrected(findings: readonly SegmentFinding[]): SegmentFinding[] {
  const qValues = benjaminiHochberg(findings.map(({ qValue }) => qValue));
  return findings.map((finding, index) => ({ ...finding, qValue: qValues[index] ?? 1 }));
}

/** The usual of each bin; undefined for bins the reference says too little of. */
function usualSegments(reference: readonly (readonly SegmentTally[])[], bins: number): (UsualSegment | undefined)[] {
  const of = (bin: number) => reference.map((window) => window[bin] ?? NOTHING).filter(({ variance }) => variance > 0);
  const parts = Array.from({ length: bins }, (_, bin) => of(bin));
  const excess = (tallies: readonly SegmentTally[]) => {
    const total = sum(tallies, ({ variance }) => variance);
    const bias = total > 0 ? sum(tallies, ({ observed, expected }) => observed - expected) / total : 0;
    const gaps = tallies.map(({ observed, expected, variance }) => observed - expected - bias * variance);
    return {
      bias,
      total,
      ...usualSpread(gaps, tallies),
    };
  };
  const found = parts.map(excess);
  const pooled = Math.max(
    0,
    sum(found, ({ beyond }) => beyond) /
      Math.max(
        1e-9,
        sum(found, ({ weight }) => weight),
      ),
  );
  return found.map(({ bias, total, beyond, weight }, bin) => {
    const windows = parts[bin]?.length ?? 0;
    if (windows < LEAST_REFERENCE_WINDOWS || total < LEAST_REFERENCE_WINDOWS * LEAST_VARIANCE) return undefined;
    const prior = (PRIOR_WINDOWS * weight) / windows;
    const betweenVariance = Math.max(0, (beyond + prior * pooled) / (weight + prior));
    return { bias, betweenVariance, biasVariance: 1 / total + betweenVariance / windows };
  });
}

/**
 * What the spread of the gaps is beyond chance, and the weight of that. The wildest tenth of the windows is left out: a
 * storm in the reference shall not hide a lasting change. What a normal variate loses by that is given back.
 */
function usualSpread(gaps: readonly number[], tallies: readonly SegmentTally[]) {
  const relative = gaps.map((gap, i) => gap ** 2 / (tallies[i]?.variance ?? 1));
  const kept = [...relative.keys()]
    .sort((a, b) => (relative[a] ?? 0) - (relative[b] ?? 0))
    .slice(0, Math.ceil((1 - TRIMMED) * gaps.length));
  const factor = kept.length < gaps.length ? TRIMMED_PART : 1;
  const variance = (i: number) => tallies[i]?.variance ?? 0;
  // One window's worth of freedom goes into the bias.
  const freedom = gaps.length / Math.max(1, gaps.length - 1);
  return {
    beyond: (sum(kept, (i) => (gaps[i] ?? 0) ** 2) / factor) * freedom - sum(kept, variance),
    weight: sum(kept, (i) => variance(i) ** 2),
  };
}

const TRIMMED = 0.1;
/** Mean of the square of a standard normal variate below its 90 % quantile. */
const TRIMMED_PART = 0.623;

const NOTHING: SegmentTally = { rows: 0, observed: 0, expected: 0, variance: 0 };

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
