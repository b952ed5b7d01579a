/** Shift, in standard deviations, that costs nothing; sums look for twice as much. */
export const ALLOWANCE = 0.5;
/** One window counts for no more than this, so that a single odd day cannot raise an alarm. */
export const MOST_DEVIATION = 4;

/** The next sum of a one-sided CUSUM chart (Page, 1954). It may stand at most at twice its limit, so that it can end. */
export function nextSum(sum: number, deviation: number, limit: number): number {
  const step = Math.max(-MOST_DEVIATION, Math.min(MOST_DEVIATION, deviation)) - ALLOWANCE;
  return Math.max(0, Math.min(2 * limit, sum + step));
}

/**
 * The limit at which a CUSUM of independent standard normal deviations raises a false alarm once in `meanRun` windows:
 * Siegmund's approximation (Sequential Analysis, 1985), within a few percent of the exact run length above 50.
 */
export function cusumLimit(meanRun: number): number {
  let [low, high] = [0, 100];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (runLength(middle) < meanRun) low = middle;
    else high = middle;
  }
  return high;
}

function runLength(limit: number): number {
  const x = 2 * ALLOWANCE * (limit + 1.166);
  return (Math.exp(x) - x - 1) / (2 * ALLOWANCE ** 2);
}
