import type {
  GateCheck,
  GateComparison,
  GateMeasurements,
  GatePolicy,
  GatePolicyInput,
  ModelSignature,
  SegmentComparison,
} from '#contract';
import { benjaminiHochberg, normalQuantile, normalTail } from '#platform/stats';

/** A version as the gate sees it. */
export interface Contender {
  readonly ref: string;
  /** Null of one that was registered without a file. */
  readonly signature: ModelSignature | null;
}

export interface GateCase {
  readonly policy: GatePolicy;
  readonly measurements: GateMeasurements;
  readonly candidate: Contender & { readonly signature: ModelSignature };
  /** The champion, unless there is none or the candidate is it. */
  readonly champion: Contender | null;
}

const DEFAULT_POLICY: GatePolicy = {
  minMargin: 0,
  maxSegmentLoss: 0.02,
  minSegmentRows: 200,
  segmentFalseDiscoveryRate: 0.05,
  onnxTolerance: 1e-5,
  latencyBudgetMs: 10,
  allowSignatureChange: false,
};

export function policyOf(input: GatePolicyInput = {}): GatePolicy {
  return { ...DEFAULT_POLICY, ...input };
}

/** Judges a candidate. Every check is made from figures; one whose figures are missing fails. */
export function judge(gate: GateCase): readonly GateCheck[] {
  return [betterThan(gate), segments(gate), onnxParity(gate), latency(gate), signature(gate)];
}

function betterThan({ policy, measurements: { comparison }, champion }: GateCase): GateCheck {
  if (!comparison) return notMeasured('better-than', 'the comparison with an opponent');
  const { opponent, rows, candidateLogLoss, opponentLogLoss, high } = comparison;
  const evidence = { ...comparison, margin: policy.minMargin };
  if (champion && opponent !== champion.ref) {
    const words = `It was compared with ${opponent}, but the champion is ${champion.ref}: measure against that.`;
    return { name: 'better-than', passed: false, words, evidence };
  }
  const passed = high < -policy.minMargin;
  const verdict = passed
    ? `Better than ${opponent}`
    : `Not better than ${opponent} by more than ${policy.minMargin === 0 ? 'chance' : `${policy.minMargin} nats`}`;
  const losses = `log loss ${figure(candidateLogLoss)} against ${figure(opponentLogLoss)} on ${count(rows)} rows`;
  return { name: 'better-than', passed, words: `${verdict}: ${losses}, ${interval(comparison)}.`, evidence };
}

/**
 * A segment offends when its loss is beyond the limit, its 95 % interval excludes zero and it is among the discoveries
 * of Benjamini and Hochberg over all judged segments. The p-values are one-sided (worse), from the interval read as
 * that of a normal estimate on the side of zero.
 */
function segments({ policy, measurements }: GateCase): GateCheck {
  const measured = measurements.segments ?? [];
  if (measured.length === 0) return notMeasured('segments', 'any segment');
  const judged = measured.filter(({ rows }) => rows >= policy.minSegmentRows);
  const skipped = measured.length - judged.length;
  if (judged.length === 0) {
    const words = `Not measured: none of ${measured.length} segments has ${count(policy.minSegmentRows)} rows.`;
    return { name: 'segments', passed: false, words, evidence: { judged: 0, skipped, offenders: [] } };
  }
  const qValues = benjaminiHochberg(judged.map(worseByChance));
  const offenders = judged
    .map((segment, index) => ({ ...segment, qValue: qValues[index] ?? 1 }))
    .filter(({ difference, low, qValue }) => {
      const significant = low > 0 && qValue <= policy.segmentFalseDiscoveryRate;
      return significant && difference > policy.maxSegmentLoss;
    })
    .sort((a, b) => b.difference - a.difference);
  const evidence = {
    judged: judged.length,
    skipped,
    limit: policy.maxSegmentLoss,
    falseDiscoveryRate: policy.segmentFalseDiscoveryRate,
    minRows: policy.minSegmentRows,
    offenders,
  };
  return { name: 'segments', passed: offenders.length === 0, words: segmentWords(evidence), evidence };
}

function segmentWords(evidence: {
  readonly judged: number;
  readonly skipped: number;
  readonly limit: number;
  readonly minRows: number;
  readonly offenders: readonly SegmentComparison[];
}): string {
  const { judged, skipped, limit, minRows, offenders } = evidence;
  const left = skipped > 0 ? ` ${skipped} with fewer than ${count(minRows)} rows were not judged.` : '';
  if (offenders.length === 0) return `None of ${judged} segments is worse by more than ${limit} nats.${left}`;
  const named = offenders
    .slice(0, 5)
    .map((segment) => `${segment.column} ${segment.value} (${interval(segment)}, ${count(segment.rows)} rows)`);
  const more = offenders.length > named.length ? ` and ${offenders.length - named.length} more` : '';
  return `${offenders.length} of ${judged} segments worse by more than ${limit} nats: ${named.join('; ')}${more}.${left}`;
}

const HALF_WIDTH = normalQuantile(0.975);

/** Chance of a difference this bad or worse if the segment were no worse. */
function worseByChance({ difference, low, high }: SegmentComparison): number {
  const arm = difference > 0 ? difference - low : high - difference;
  if (arm <= 0) return difference > 0 ? 0 : 1;
  return normalTail((difference / arm) * HALF_WIDTH);
}

function onnxParity({ policy, measurements: { onnx } }: GateCase): GateCheck {
  if (!onnx) return notMeasured('onnx-parity', 'the ONNX file against the trained model');
  const passed = onnx.maxDifference <= policy.onnxTolerance;
  const words = `The ONNX file differs from the trained model by at most ${figure(onnx.maxDifference)} on ${count(onnx.rows)} rows; ${policy.onnxTolerance} is allowed.`;
  return { name: 'onnx-parity', passed, words, evidence: { ...onnx, tolerance: policy.onnxTolerance } };
}

function latency({ policy, measurements }: GateCase): GateCheck {
  const measured = measurements.latency;
  if (!measured) return notMeasured('latency', 'the time of a prediction');
  const passed = measured.p99Ms <= policy.latencyBudgetMs;
  const words = `99 % of ${count(measured.requests)} single rows were predicted within ${figure(measured.p99Ms)} ms; the budget is ${policy.latencyBudgetMs} ms.`;
  return { name: 'latency', passed, words, evidence: { ...measured, budgetMs: policy.latencyBudgetMs } };
}

function signature({ policy, candidate, champion }: GateCase): GateCheck {
  if (!champion) {
    const words = 'There is no other champion whose callers it would have to suit.';
    return {
      name: 'signature',
      passed: true,
      words,
      evidence: { champion: null, added: [], removed: [], changed: [] },
    };
  }
  if (!champion.signature) {
    const words = `${champion.ref} was registered without a signature: nobody can tell what its callers send.`;
    const evidence = { champion: champion.ref, added: [], removed: [], changed: [] };
    return { name: 'signature', passed: policy.allowSignatureChange, words, evidence };
  }
  const before = columnsOf(champion.signature);
  const after = columnsOf(candidate.signature);
  const added = [...after.keys()].filter((name) => !before.has(name));
  const removed = [...before.keys()].filter((name) => !after.has(name));
  const changed = [...after]
    .filter(([name, type]) => before.has(name) && before.get(name) !== type)
    .map(([name]) => name);
  if (champion.signature.output !== candidate.signature.output) changed.push(`output ${candidate.signature.output}`);
  const same = added.length + removed.length + changed.length === 0;
  const evidence = { champion: champion.ref, added, removed, changed };
  const differences = [listed('added', added), listed('removed', removed), listed('changed', changed)].filter(Boolean);
  const allowed = policy.allowSignatureChange ? ', which the policy allows' : '';
  const words = same
    ? `It takes the columns that ${champion.ref} takes.`
    : `It takes other columns than ${champion.ref}${allowed}: ${differences.join('; ')}.`;
  return { name: 'signature', passed: same || policy.allowSignatureChange, words, evidence };
}

function columnsOf({ inputs }: ModelSignature): ReadonlyMap<string, string> {
  return new Map(inputs.map(({ name, type, nullable }) => [name, `${type}${nullable ? '?' : ''}`]));
}

function listed(what: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${what} ${names.join(', ')}`;
}

function notMeasured(name: GateCheck['name'], what: string): GateCheck {
  return { name, passed: false, words: `Not measured: nobody measured ${what}.`, evidence: null };
}

function interval({ difference, low, high }: Pick<GateComparison, 'difference' | 'low' | 'high'>): string {
  return `difference ${figure(difference)} nats (95 % interval ${figure(low)} to ${figure(high)})`;
}

/** Four significant digits. */
function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
