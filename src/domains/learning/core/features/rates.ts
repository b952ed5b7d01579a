import type { RateLevel } from '../../model.ts';
import type { Grouping } from './keys.ts';

/** Sum of targets and count of rows of each group. */
interface Totals {
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

/** What smoothed rates are fitted from: the groupings from broad to narrow; without backing off only the narrowest. */
export interface RateInput {
  readonly groupings: readonly Grouping[];
  readonly labels: ArrayLike<number>;
  readonly priorStrength: number;
}

export interface FittedRates {
  /** Rates of each level's groups, broad to narrow. */
  readonly levels: readonly Float32Array[];
  readonly prior: number;
}

/** Rates from all rows. */
export function fitRates(input: RateInput): FittedRates {
  const totals = input.groupings.map((grouping) => totalsOf(grouping, input.labels));
  return smooth(input, totals, meanOf(input.labels));
}

/** The rate of each row's narrowest group, from the rows of all folds but its own. */
export function outOfFoldRates(input: RateInput, foldOf: Uint8Array, folds: number): Float32Array {
  const { groupings, labels } = input;
  const narrowest = groupings.at(-1) as Grouping;
  const all = groupings.map((grouping) => totalsOf(grouping, labels));
  const rates = Array.from({ length: folds }, (_, fold) => {
    const rest = groupings.map((grouping, level) => {
      const own = totalsOf(grouping, labels, (row) => foldOf[row] === fold);
      const { sums, counts } = all[level] as Totals;
      return {
        sums: sums.map((sum, group) => sum - (own.sums[group] as number)),
        counts: counts.map((count, group) => count - (own.counts[group] as number)),
      };
    });
    const broadest = rest[0] as Totals;
    const rows = sumOf(broadest.counts);
    const prior = rows > 0 ? sumOf(broadest.sums) / rows : meanOf(labels);
    return smooth(input, rest, prior).levels.at(-1) as Float32Array;
  });
  return Float32Array.from(narrowest.groupOf, (group, row) => {
    const ofFold = rates[foldOf[row] as number] as Float32Array;
    return ofFold[group] as number;
  });
}

function smooth({ groupings, priorStrength }: RateInput, totals: readonly Totals[], mean: number): FittedRates {
  const prior = Math.fround(mean);
  const levels: Float32Array[] = [];
  groupings.forEach(({ parents }, level) => {
    const { sums, counts } = totals[level] as Totals;
    const above = levels.at(-1);
    levels.push(
      Float32Array.from(sums, (sum, group) => {
        const towards = above ? (above[parents[group] as number] as number) : prior;
        const weight = (counts[group] as number) + priorStrength;
        return weight > 0 ? (sum + priorStrength * towards) / weight : towards;
      }),
    );
  });
  return { levels, prior };
}

function totalsOf({ groupOf, texts }: Grouping, labels: ArrayLike<number>, counts?: (row: number) => boolean): Totals {
  const totals = { sums: new Float64Array(texts.length), counts: new Float64Array(texts.length) };
  for (let row = 0; row < groupOf.length; row++) {
    if (counts && !counts(row)) continue;
    const group = groupOf[row] as number;
    totals.sums[group] = (totals.sums[group] as number) + (labels[row] as number);
    totals.counts[group] = (totals.counts[group] as number) + 1;
  }
  return totals;
}

/** The rate of each group of a grouping, looked up in fitted levels of the same parts; the narrowest known one counts. */
export function lookUpRates(groupings: readonly Grouping[], levels: readonly RateLevel[], prior: number): Float32Array {
  let found: Float32Array | undefined;
  const broadToNarrow = levels.toReversed();
  groupings.forEach((grouping, level) => {
    const fitted = broadToNarrow[level - (groupings.length - broadToNarrow.length)];
    if (!fitted) return;
    const rateOf = new Map(fitted.keys.map((key, i) => [key, fitted.rates[i] as number] as const));
    const above = found;
    found = Float32Array.from(grouping.texts, (text, group) => {
      const broader = above ? (above[grouping.parents[group] as number] as number) : prior;
      return rateOf.get(text) ?? broader;
    });
  });
  const rates = found ?? new Float32Array();
  return Float32Array.from((groupings.at(-1) as Grouping).groupOf, (group) => rates[group] as number);
}

function meanOf(labels: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum += labels[i] as number;
  return labels.length > 0 ? sum / labels.length : 0;
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
