import type { GateCheck, GateComparison, GateReport, ModelVersion } from '#contract';
import { counted, figure } from '../../format/numbers.ts';
import { instant, span } from '../../format/times.ts';
import { Actor } from '../../parts/actor.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Fact, Facts } from '../../parts/facts.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Reference } from '../../parts/reference.tsx';
import { Status } from '../../parts/status.tsx';
import { Value } from '../../parts/value.tsx';
import { Segments } from './segments.tsx';

const TITLES: Readonly<Record<GateCheck['name'], string>> = {
  'better-than': 'Better than its opponent',
  segments: 'No segment worse',
  'onnx-parity': 'ONNX file predicts the same',
  latency: 'Within the latency budget',
  signature: 'Takes the same columns',
};

/** The latest gate of a version, check by check, each with the figures it rests on. */
export function Gate({ version }: { readonly version: ModelVersion }) {
  const { gate } = version;
  if (gate === null) {
    return (
      <Panel title="Gate">
        <Empty title="No gate was run" command="npx trimtab model gate --help">
          A gate compares the version with the champion or a baseline on the same labelled rows. Protected aliases move
          only to versions that passed one.
        </Empty>
      </Panel>
    );
  }
  const passed = gate.checks.filter((check) => check.passed).length;
  return (
    <Panel
      title="Gate"
      note={`${passed} of ${counted(gate.checks.length, 'check')} passed, ${instant(gate.decidedAtMs)}`}
    >
      <ol className="checks">
        {gate.checks.map((check) => (
          <li key={check.name}>
            <div className="row">
              <Status tone={check.passed ? 'ok' : 'failed'}>{check.passed ? 'passed' : 'failed'}</Status>
              <h3>{TITLES[check.name]}</h3>
            </div>
            <p>{check.words}</p>
            <Figures check={check} gate={gate} />
          </li>
        ))}
      </ol>
      <p className="small dimmed" style={{ marginTop: 14 }}>
        Run by <Actor id={gate.decidedBy} />
        {gate.champion === null ? ', without a champion' : <>, when the champion was {gate.champion}</>}.
      </p>
    </Panel>
  );
}

function Figures({ check, gate }: { readonly check: GateCheck; readonly gate: GateReport }) {
  const { measurements, policy } = gate;
  switch (check.name) {
    case 'better-than':
      return measurements.comparison ? (
        <Comparison comparison={measurements.comparison} margin={policy.minMargin} />
      ) : null;
    case 'segments':
      return measurements.segments ? <Segments segments={measurements.segments} policy={policy} /> : null;
    case 'onnx-parity':
      return measurements.onnx ? (
        <Facts
          facts={[
            { label: 'Largest difference', value: figure(measurements.onnx.maxDifference) },
            { label: 'Tolerated', value: figure(policy.onnxTolerance) },
            { label: 'Compared', value: figure(measurements.onnx.rows), unit: 'rows' },
          ]}
        />
      ) : null;
    case 'latency':
      return measurements.latency ? (
        <Facts
          facts={[
            { label: 'p99 of a single row', value: span(measurements.latency.p99Ms) },
            { label: 'Budget', value: span(policy.latencyBudgetMs) },
            { label: 'Median', value: span(measurements.latency.p50Ms) },
            { label: 'Timed', value: figure(measurements.latency.requests), unit: 'predictions' },
          ]}
        />
      ) : null;
    case 'signature':
      return check.evidence === null ? null : (
        <details className="disclosure small">
          <summary>Evidence</summary>
          <Value value={check.evidence} />
        </details>
      );
  }
}

function Comparison({ comparison, margin }: { readonly comparison: GateComparison; readonly margin: number }) {
  const facts: Fact[] = [
    { label: 'Log loss', value: figure(comparison.candidateLogLoss), unit: 'nats', large: true },
    { label: `of ${comparison.opponent}`, value: figure(comparison.opponentLogLoss), unit: 'nats', large: true },
    {
      label: 'Difference, 95 % interval',
      value: `${signed(comparison.difference)} (${signed(comparison.low)} to ${signed(comparison.high)})`,
      unit: 'nats',
    },
    { label: 'Margin asked for', value: figure(margin), unit: 'nats' },
    ...aucFacts(comparison),
    { label: 'On', value: figure(comparison.rows), unit: 'rows' },
    ...(comparison.data ? [{ label: 'From', value: <Reference to={comparison.data} /> }] : []),
  ];
  return <Facts facts={facts} />;
}

function aucFacts({ candidateAuc, opponentAuc, opponent }: GateComparison): Fact[] {
  const facts: Fact[] = [];
  if (typeof candidateAuc === 'number') facts.push({ label: 'AUC, 0 to 1', value: figure(candidateAuc) });
  if (typeof opponentAuc === 'number') facts.push({ label: `AUC of ${opponent}`, value: figure(opponentAuc) });
  return facts;
}

function signed(value: number): string {
  return value > 0 ? `+${figure(value)}` : figure(value);
}
