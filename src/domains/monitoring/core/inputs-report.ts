import { quantileOfSorted } from '#platform/stats';
import type { FeatureDrift, InputsReport, MonitorRules, MonitorVerdict } from '../model.ts';
import { driftOf } from './drift.ts';
import { integrityOf, percent } from './integrity.ts';
import type { WindowSample } from './sample.ts';

/** Half of a limit is worth a look. */
const WARNING_PART = 0.5;

interface InputsInput {
  readonly sample: WindowSample;
  readonly referenceId: string;
  readonly rules: MonitorRules;
  readonly latenciesMs: readonly number[];
  readonly errors: number;
  readonly versions: InputsReport['versions'];
  /** Features that were significant in the windows before, as many windows as the rules look back. */
  readonly earlier: readonly ReadonlySet<string>[];
}

/** The report of one window's inputs: integrity, drift and latency. */
export function inputsReport(input: InputsInput): InputsReport {
  const { sample, rules, versions } = input;
  const { rows } = sample;
  const integrity = integrityOf(sample.columns(), rows, rules);
  const drift = driftReport(input);
  const latency = latencyReport(input);
  return {
    rows,
    reference: input.referenceId,
    integrity: integrity.integrity,
    drift: { verdict: drift.verdict, features: drift.features },
    latency: latency.latency,
    versions: [...versions],
    problems: [...integrity.problems, ...drift.problems, ...latency.problems],
  };
}

function driftReport({ sample, rules, earlier }: InputsInput) {
  if (sample.rows < rules.minRows) {
    const words = `${sample.rows} rows are too few to tell drift; ${rules.minRows} are needed`;
    return { verdict: 'ok' as const, features: [], problems: [words] };
  }
  const features = driftOf(sample.columns(), rules).map((feature): FeatureDrift => {
    const times = earlier.filter((window) => window.has(feature.feature)).length + (feature.significant ? 1 : 0);
    return { ...feature, drifted: feature.significant && times >= rules.driftWindows };
  });
  const drifted = features.filter((feature) => feature.drifted);
  const problems = drifted.map(
    ({ feature, psi, usualPsi, qValue }) =>
      `${feature} drifted: PSI ${psi.toFixed(2)} where ${usualPsi.toFixed(3)} is usual, q ${qValue > 0 ? qValue.toExponential(0) : 'below 1e-300'}`,
  );
  const odd = features.some(
    ({ significant, qValue, effect }) =>
      significant || (qValue <= rules.driftAlpha && effect >= WARNING_PART * rules.driftPsi),
  );
  const verdict: MonitorVerdict = drifted.length > 0 ? 'failed' : odd ? 'warning' : 'ok';
  return { verdict, features, problems };
}

function latencyReport({ sample, rules, latenciesMs, errors }: InputsInput) {
  const sorted = new Float64Array(latenciesMs).sort();
  const p50Ms = sorted.length > 0 ? quantileOfSorted(sorted, 0.5) : null;
  const p99Ms = sorted.length > 0 ? quantileOfSorted(sorted, 0.99) : null;
  const errorRate = errors / Math.max(1, sample.rows + errors);
  const problems: string[] = [];
  const parts = [
    (p99Ms ?? 0) / Math.max(rules.latencyP99Ms, 1e-9),
    errors === 0 ? 0 : errorRate / Math.max(rules.errorShare, 1e-9),
  ];
  if ((parts[0] ?? 0) >= 1)
    problems.push(`the slowest hundredth of the rows took ${(p99Ms ?? 0).toFixed(1)} ms or more`);
  if ((parts[1] ?? 0) >= 1) problems.push(`${percent(errorRate)} of the rows could not be answered`);
  const part = Math.max(...parts);
  const verdict: MonitorVerdict = part >= 1 ? 'failed' : part >= WARNING_PART ? 'warning' : 'ok';
  return { latency: { verdict, p50Ms, p99Ms, errorRate }, problems };
}
