import type { GateComparison, GateMeasurements, SegmentComparison } from '#contract';

/** Rounding that a caller may have done before sending. */
const ROUNDING = 1e-5;

/** What contradicts itself in measurements; undefined when nothing does. Such figures are refused, not judged. */
export function measurementProblem(
  measurements: GateMeasurements,
  candidate: string,
): { readonly field: string; readonly problem: string } | undefined {
  const { comparison, segments = [], latency } = measurements;
  if (comparison?.opponent === candidate) {
    return { field: 'comparison.opponent', problem: 'is the candidate itself; compare it with another' };
  }
  const contradiction = comparison && contradictionOf(comparison);
  if (contradiction) return { field: `comparison.${contradiction.field}`, problem: contradiction.problem };
  const names = new Set<string>();
  for (const [index, segment] of segments.entries()) {
    const field = `segments.${index}`;
    const wrong = contradictionOf(segment);
    if (wrong) return { field: `${field}.${wrong.field}`, problem: wrong.problem };
    const name = JSON.stringify([segment.column, segment.value]);
    if (names.has(name)) return { field, problem: `measures ${segment.column} ${segment.value} a second time` };
    names.add(name);
    if (comparison && segment.rows > comparison.rows) {
      return { field: `${field}.rows`, problem: `is ${segment.rows}, more than the ${comparison.rows} of the whole` };
    }
  }
  if (latency && latency.p50Ms > latency.p99Ms) {
    return { field: 'latency.p50Ms', problem: `is above the 99th percentile of ${latency.p99Ms} ms` };
  }
  return undefined;
}

type Compared = Pick<GateComparison | SegmentComparison, 'difference' | 'low' | 'high'> & {
  readonly candidateLogLoss: number;
  readonly opponentLogLoss: number;
};

function contradictionOf({ candidateLogLoss, opponentLogLoss, difference, low, high }: Compared) {
  const computed = candidateLogLoss - opponentLogLoss;
  if (Math.abs(difference - computed) > ROUNDING) {
    const problem = `is ${difference}, but the two log losses differ by ${computed}`;
    return { field: 'difference', problem };
  }
  if (low > difference + ROUNDING || high < difference - ROUNDING) {
    return { field: 'low', problem: `to high (${low} to ${high}) does not hold the difference ${difference}` };
  }
  return undefined;
}
