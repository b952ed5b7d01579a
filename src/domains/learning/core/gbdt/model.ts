/**
 * One regression tree, node by node; plain arrays, so that it can be stored as JSON. A child below 0 is leaf `~child`.
 * A numeric split sends x left when x <= threshold, a category split when its code is in the set; a missing value goes
 * where `missingLeft` says.
 */
export interface Tree {
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly missingLeft: readonly boolean[];
  /** Codes that go left, by node; only category splits have an entry. */
  readonly categories: Readonly<Record<number, readonly number[]>>;
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly leafValue: readonly number[];
  readonly leafCount: readonly number[];
  readonly gain: readonly number[];
}

/** Boosted trees: the score is `initialScore` plus the leaf of every tree. Scores are log-odds for `binary`. */
export interface GbdtModel {
  readonly kind: 'gbdt';
  readonly objective: 'binary' | 'regression';
  readonly featureNames: readonly string[];
  /** Added to every score; float32, like the leaves. */
  readonly initialScore: number;
  readonly trees: readonly Tree[];
}

export function sigmoid(score: number): number {
  // The exponent is never above 0, so that nothing overflows.
  const power = Math.exp(-Math.abs(score));
  return (score >= 0 ? 1 : power) / (1 + power);
}
