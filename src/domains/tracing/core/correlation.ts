interface Counts {
  readonly total: number;
  readonly first: number;
  readonly second: number;
  readonly joint: number;
}

export interface Correlation extends Counts {
  /** From -1, never together, over 0, independent, to 1, always together; NaN when one of them never holds. */
  readonly npmi: number;
  /** The same with half a trace added to each of the four cases, for when there are few. */
  readonly smoothed: number;
}

/**
 * Normalised pointwise mutual information of two conditions.
 *
 * Source: G. Bouma, "Normalized (Pointwise) Mutual Information in Collocation Extraction", 2009. The smoothing is
 * Jeffreys' prior.
 */
export function correlationOf(counts: Counts): Correlation {
  const { total, first, second, joint } = counts;
  const defined = total > 0 && first > 0 && second > 0;
  if (!defined) return { ...counts, npmi: Number.NaN, smoothed: Number.NaN };
  const alone = [first - joint, second - joint, total - first - second + joint] as const;
  return {
    ...counts,
    npmi: joint === 0 ? -1 : npmi(joint, ...alone, 0),
    smoothed: npmi(joint, ...alone, 0.5),
  };
}

function npmi(both: number, onlyFirst: number, onlySecond: number, neither: number, added: number): number {
  if (onlyFirst === 0 && onlySecond === 0 && neither === 0) return 1;
  const joint = both + added;
  const total = both + onlyFirst + onlySecond + neither + 4 * added;
  const information = Math.log((joint * total) / ((joint + onlyFirst + added) * (joint + onlySecond + added)));
  return Math.max(-1, Math.min(1, information / -Math.log(joint / total)));
}
