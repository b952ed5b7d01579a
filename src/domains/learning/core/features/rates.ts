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
  const totals = input.groupings.map((grouping) => totalsByFold(grouping, input.labels, undefined, 1)[0] as Totals);
  return smooth(input, totals);
}

/** The rate of each row's narrowest group, from the rows of all folds but its own. */
export function outOfFoldRates(input: RateInput, foldOf: Uint8Array, folds: number): Float32Array {
  const byLevel = input.groupings.map((grouping) => totalsByFold(grouping, input.labels, foldOf, folds));
  const rates = Array.from({ length: folds }, (_, fold) => {
    const rest = byLevel.map((totals) => addUp(withoutFold(totals, fold)));
    return smooth(input, rest).levels.at(-1) as Float32Array;
  });
  const narrowest = input.groupings.at(-1) as Grouping;
  return Float32Array.from(narrowest.groupOf, (group, row) => {
    const ofFold = rates[foldOf[row] as number] as Float32Array;
    return ofFold[group] as number;
  });
}

function smooth({ groupings, priorStrength }: RateInput, totals: readonly Totals[]): FittedRates {
  const broadest = totals[0] as Totals;
  const rows = sumOf(broadest.counts);
  const prior = Math.fround(rows > 0 ? sumOf(broadest.sums) / rows : 0);
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

/** Totals of each fold in one pass over the rows. */
function totalsByFold(
  { groupOf, texts }: Grouping,
  labels: ArrayLike<number>,
  foldOf: Uint8Array | undefined,
  folds: number,
): Totals[] {
  const groups = texts.length;
  const sums = new Float64Array(folds * groups);
  const counts = new Float64Array(folds * groups);
  for (let row = 0; row < groupOf.length; row++) {
    const at = (foldOf ? (foldOf[row] as number) * groups : 0) + (groupOf[row] as number);
    sums[at] = (sums[at] as number) + (labels[row] as number);
    counts[at] = (counts[at] as number) + 1;
  }
  return Array.from({ length: folds }, (_, fold) => ({
    sums: sums.subarray(fold * groups, (fold + 1) * groups),
    counts: counts.subarray(fold * groups, (fold + 1) * groups),
  }));
}

/** The other folds; all of them where the others have no rows, as when all rows share one instant. */
function withoutFold(totals: readonly Totals[], fold: number): readonly Totals[] {
  const others = totals.filter((_, other) => other !== fold);
  return others.some(({ counts }) => counts.some((count) => count > 0)) ? others : totals;
}

function addUp(totals: readonly Totals[]): Totals {
  const first = totals[0] as Totals;
  const sum = { sums: first.sums.slice(), counts: first.counts.slice() };
  for (const { sums, counts } of totals.slice(1)) {
    for (let group = 0; group < sums.length; group++) {
      sum.sums[group] = (sum.sums[group] as number) + (sums[group] as number);
      sum.counts[group] = (sum.counts[group] as number) + (counts[group] as number);
    }
  }
  return sum;
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

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
