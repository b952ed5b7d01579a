import { Bars } from '../../charts/bars.tsx';
import { Lines } from '../../charts/lines.tsx';
import { count, counted, figure } from '../../format/numbers.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Value, words } from '../../parts/value.tsx';
import { metricName } from './metrics.ts';
import { type Estimate, type Evaluation, readEvaluation, type SegmentEvaluation } from './read-evaluation.ts';

/** How a version did on the rows kept for its test: as a whole, by segment, and by what it predicted. */
export function EvaluationPanels({ given }: { readonly given: unknown }) {
  if (given === null || given === undefined) return null;
  const evaluation = readEvaluation(given);
  if (!evaluation) {
    return (
      <Panel title="Evaluation" note="as the run that made it wrote it">
        <Value value={given} />
      </Panel>
    );
  }
  return (
    <>
      <Panel
        title="Evaluation"
        note={evaluation.rows === undefined ? undefined : `on ${counted(evaluation.rows, 'row')} it was not trained on`}
      >
        <Facts
          facts={Object.entries(evaluation.estimates).map(([name, estimate]) => ({
            label: `${metricName(words(name))}, 95 % interval`,
            value: estimateText(estimate),
          }))}
        />
      </Panel>
      <div className="columns">
        {evaluation.calibration.length > 0 && <Calibration evaluation={evaluation} />}
        {evaluation.importance.length > 0 && (
          <Panel title="Importance of features" note="share of what they explain">
            <Bars
              label="Importance of each feature."
              xName="feature"
              yName="importance"
              tilted
              heightPx={240}
              categories={evaluation.importance.map(([feature]) => feature)}
              series={[{ name: 'importance', values: evaluation.importance.map(([, value]) => value) }]}
            />
          </Panel>
        )}
      </div>
      {evaluation.segments.length > 0 && <Segments evaluation={evaluation} />}
    </>
  );
}

function estimateText({ value, low, high }: Estimate, digits = 4): string {
  const text = (number: number) => figure(Number(number.toPrecision(digits)));
  return low === undefined || high === undefined ? text(value) : `${text(value)} (${text(low)} to ${text(high)})`;
}

function Calibration({ evaluation: { calibration } }: { readonly evaluation: Evaluation }) {
  return (
    <Panel title="Calibration" note="on the line, what is predicted is what happens">
      <Lines
        label="Observed rate by mean prediction, with its 95 % interval, against the line where both are equal."
        x="value"
        xName="mean prediction, 0 to 1"
        yName="observed rate, 0 to 1"
        heightPx={240}
        series={[
          {
            name: 'observed, with its 95 % interval',
            points: calibration.map(({ predicted, observed }) => ({
              x: predicted,
              y: observed.value,
              low: observed.low ?? null,
              high: observed.high ?? null,
            })),
          },
          {
            name: 'as predicted',
            colour: (palette) => palette.muted,
            points: calibration.map(({ predicted }) => ({ x: predicted, y: predicted })),
          },
        ]}
      />
    </Panel>
  );
}

function Segments({ evaluation: { segments, opponent } }: { readonly evaluation: Evaluation }) {
  // Calibration has a picture of its own, and the table has no room for every interval.
  const names = [...new Set(segments.flatMap(({ estimates }) => Object.keys(estimates)))].filter(
    (name) => name !== 'calibration',
  );
  return (
    <Panel
      title="By segment"
      note={opponent === undefined ? undefined : `comparison: log loss less that of ${opponent}`}
      flush
    >
      <DataTable
        label="Segments"
        rows={segments}
        rowKey={(one) => one.segment}
        order={{ column: 'rows', descending: true }}
        limit={15}
        columns={[
          { id: 'segment', header: 'Segment', tight: true, sort: (one) => one.segment, cell: (one) => one.segment },
          { id: 'rows', header: 'Rows', align: 'number', sort: (one) => one.rows, cell: (one) => count(one.rows) },
          ...names.map(
            (name): Column<SegmentEvaluation> => ({
              id: name,
              header: metricName(words(name)),
              align: 'number',
              wide: name !== 'auc',
              sort: (one) => one.estimates[name]?.value,
              cell: (one) => {
                const estimate = one.estimates[name];
                return estimate ? estimateText(estimate, 3) : '–';
              },
            }),
          ),
        ]}
      />
    </Panel>
  );
}
