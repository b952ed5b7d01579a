/**
 * Where to look for settings of the boosted trees: ranges that hold good settings for tables of a thousand to a million
 * rows, by the names of `GbdtParameters`. In the form of the tuning contract's search space.
 */
export const gbdtSearchSpace = {
  learningRate: { kind: 'float', low: 0.03, high: 0.3, log: true },
  numLeaves: { kind: 'int', low: 8, high: 128, log: true },
  minDataInLeaf: { kind: 'int', low: 10, high: 500, log: true },
  lambdaL2: { kind: 'float', low: 1e-3, high: 30, log: true },
  featureFraction: { kind: 'float', low: 0.5, high: 1 },
  baggingFraction: { kind: 'float', low: 0.5, high: 1 },
} as const;
