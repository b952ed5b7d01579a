import { useQuery } from '@tanstack/react-query';
import type { InputsReport, PerformanceReport, WindowReport } from '#contract';
import { client } from '../../app/client.ts';
import { count, counted, figure, percent } from '../../format/numbers.ts';
import { instant, span } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { type Fact, Facts } from '../../parts/facts.tsx';
import { Panel } from '../../parts/panel.tsx';
import { versionLink } from '../../parts/reference.tsx';
import { DriftTable, IntegrityTable, SegmentTable } from './window-tables.tsx';

interface WindowPanelProps {
  readonly monitor: string;
  readonly startMs: number;
}

/** The whole report of one window. */
export function WindowPanel({ monitor, startMs }: WindowPanelProps) {
  const answer = useQuery({
    queryKey: ['monitoring', 'window', monitor, startMs],
    queryFn: () => client.monitoring.getWindow({ params: { monitor, startMs } }),
  });
  return (
    <div id="window">
      <Panel title={`Window of ${instant(startMs)}`} note={answer.data && `until ${instant(answer.data.endMs)}`}>
        <Answer query={answer} heightPx={320}>
          {(report) => <Report report={report} />}
        </Answer>
      </Panel>
    </div>
  );
}

function Report({ report: { inputs, performance } }: { readonly report: WindowReport }) {
  const problems = [...(inputs?.problems ?? []), ...(performance?.problems ?? [])];
  return (
    <div className="stack">
      {problems.length > 0 && (
        <div className="notice" data-tone="failed">
          <ul className="list">
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </div>
      )}
      {inputs ? <Inputs inputs={inputs} /> : <p className="dimmed">Its inputs have not been judged yet.</p>}
      {performance ? (
        <Realised performance={performance} />
      ) : (
        <p className="dimmed">Its labels are not in yet, so its performance is not known.</p>
      )}
    </div>
  );
}

function Inputs({ inputs }: { readonly inputs: InputsReport }) {
  const { latency, versions } = inputs;
  return (
    <>
      <Facts
        facts={[
          { label: 'Predictions', value: count(inputs.rows), large: true },
          { label: 'Latency, median', value: latency.p50Ms === null ? 'unknown' : span(latency.p50Ms) },
          { label: 'Latency, p99', value: latency.p99Ms === null ? 'unknown' : span(latency.p99Ms) },
          { label: 'Failed', value: percent(latency.errorRate), unit: 'of rows' },
        ]}
      />
      <div>
        <h3>Drift</h3>
        <DriftTable features={inputs.drift.features} />
      </div>
      <div>
        <h3>Integrity</h3>
        <IntegrityTable columns={inputs.integrity.columns} />
      </div>
      <div>
        <h3>Who answered</h3>
        <DataTable
          label="Who answered"
          rows={versions}
          rowKey={(one) => `${one.variant} ${one.version}`}
          columns={[
            { id: 'variant', header: 'Variant', cell: (one) => one.variant },
            { id: 'version', header: 'Version', cell: (one) => versionLink(one.version) },
            { id: 'rows', header: 'Rows', align: 'number', cell: (one) => count(one.rows) },
          ]}
        />
      </div>
    </>
  );
}

function Realised({ performance }: { readonly performance: PerformanceReport }) {
  return (
    <>
      <div>
        <h3 style={{ marginBottom: 8 }}>Realised performance</h3>
        <Facts
          facts={[
            { label: 'Labelled', value: `${count(performance.labelled)} of ${count(performance.predictions)}` },
            interval('Log loss', performance.logLoss, 'nats'),
            interval('AUC', performance.auc, '0 to 1'),
            interval('Brier score', performance.brier, '0 to 1'),
            interval('Observed rate', performance.rate, '0 to 1'),
            {
              label: 'Mean prediction',
              value: performance.expectedRate === null ? 'unknown' : figure(performance.expectedRate),
              unit: '0 to 1',
            },
            ...performance.evidence.map((rule) => ({
              label: `Rule ${rule.rule}, fails at ${figure(rule.limit)}`,
              value: figure(rule.value),
            })),
          ]}
        />
        {performance.unknownLabels > 0 && (
          <p className="small dimmed" style={{ marginTop: 8 }}>
            {counted(performance.unknownLabels, 'label')} came for predictions that were never made.
          </p>
        )}
      </div>
      {performance.segments.length > 0 && (
        <div>
          <h3>Segments that deviate most</h3>
          <SegmentTable segments={performance.segments} />
        </div>
      )}
    </>
  );
}

function interval(label: string, of: PerformanceReport['auc'], unit: string): Fact {
  if (of.value === null) return { label, value: 'not computable' };
  const range = of.low === null || of.high === null ? '' : ` (${figure(of.low)} to ${figure(of.high)})`;
  return { label: `${label}, 95 % interval`, value: `${figure(of.value)}${range}`, unit };
}
