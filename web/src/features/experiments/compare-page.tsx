import { Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { RunComparison } from '#contract';
import { client } from '../../app/client.ts';
import { metricText, paramText } from '../../format/metrics.ts';
import { counted } from '../../format/numbers.ts';
import { instant } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { LongText } from '../../parts/long-text.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { LinesChart } from './charts/lines-chart.tsx';
import { isCurve } from './metric-groups.ts';
import { CodeAndEnvironment } from './run-diff.tsx';
import { isSystemMetric } from './system/system-groups.ts';

const route = getRouteApi('/compare');
/** What the server compares at once, and what one still reads side by side. */
const MAX_RUNS = 50;
const CHARTS = 6;

/** Some runs side by side: what they were told, what they measured, and how it went. */
export function ComparePage() {
  const { runs: given = [] } = route.useSearch();
  const runs = given.slice(0, MAX_RUNS);
  const [left, right] = runs;
  const answer = useQuery({
    queryKey: ['tracking', 'comparison', ...runs],
    queryFn: () => client.tracking.compareRuns({ body: { runs } }),
    enabled: runs.length > 0,
  });
  return (
    <Page title="Compare runs" crumbs={<Link to="/experiments">Experiments</Link>}>
      {runs.length === 0 ? (
        <section className="panel">
          <Empty title="No run is selected">
            Open an <Link to="/experiments">experiment</Link>, select two runs or more, and follow Compare.
          </Empty>
        </section>
      ) : (
        <Answer query={answer} heightPx={400}>
          {(comparison) => (
            <>
              {given.length > MAX_RUNS && (
                <p className="dimmed">
                  The first {MAX_RUNS} of {given.length} runs stand side by side; the charts of their experiment draw
                  more.
                </p>
              )}
              <Differences comparison={comparison} />
              <Curves comparison={comparison} />
              {runs.length === 2 && left !== undefined && right !== undefined && (
                <CodeAndEnvironment left={left} right={right} />
              )}
            </>
          )}
        </Answer>
      )}
    </Page>
  );
}

/** Metrics that changed while the runs went on, a picture each. */
function Curves({ comparison }: { readonly comparison: RunComparison }) {
  const [all, setAll] = useState(false);
  const { runs } = comparison;
  const stepped = comparison.metrics
    .map(({ key }) => key)
    .filter((key) => runs.some((run) => run.metrics.some((metric) => metric.key === key && isCurve(metric))))
    // What machines measure of themselves comes last.
    .toSorted((a, b) => Number(isSystemMetric(a)) - Number(isSystemMetric(b)));
  if (stepped.length === 0) return null;
  const set = {
    experiments: [...new Set(runs.map(({ experiment }) => experiment))],
    orderBy: [],
    selected: runs.map(({ id }) => id),
  };
  const shown = all ? stepped : stepped.slice(0, CHARTS);
  return (
    <Panel title="Metrics by step" note={counted(stepped.length, 'metric')}>
      <div className="columns">
        {shown.map((metric) => (
          <div key={metric}>
            <h3>{metric}</h3>
            <LinesChart spec={{ kind: 'lines', metric }} set={set} heightPx={220} />
          </div>
        ))}
      </div>
      {shown.length < stepped.length && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          Show all {stepped.length}
        </button>
      )}
    </Panel>
  );
}

interface Line {
  readonly kind: string;
  readonly key: string;
  readonly values: readonly (string | null)[];
  readonly differs: boolean;
}

function Differences({ comparison }: { readonly comparison: RunComparison }) {
  const [onlyDifferent, setOnlyDifferent] = useState(true);
  const lines = linesOf(comparison);
  const shown = onlyDifferent ? lines.filter((line) => line.differs) : lines;
  return (
    <Panel
      title="Side by side"
      note={
        <Switch
          size="xs"
          label="Only what differs"
          checked={onlyDifferent}
          onChange={(event) => setOnlyDifferent(event.currentTarget.checked)}
        />
      }
      flush
    >
      {shown.length === 0 ? (
        <p className="dimmed" style={{ padding: '0 16px 16px' }}>
          Nothing differs between these runs.
        </p>
      ) : (
        <DataTable
          label="Runs side by side"
          rows={shown}
          rowKey={(line) => `${line.kind} ${line.key}`}
          columns={[
            {
              id: 'key',
              header: 'Param, metric or tag',
              cell: (line) => (
                <>
                  {line.key} <span className="small dimmed">{line.kind}</span>
                </>
              ),
            },
            ...comparison.runs.map(
              (run, index): Column<Line> => ({
                id: run.id,
                long: true,
                header: (
                  <Link to="/runs/$run" params={{ run: run.id }}>
                    {run.name}
                  </Link>
                ),
                cell: (line) => {
                  const value = line.values[index] ?? null;
                  const text = value === null ? <span className="dimmed">–</span> : <LongText text={value} />;
                  return line.differs && !onlyDifferent ? <strong>{text}</strong> : text;
                },
              }),
            ),
          ]}
        />
      )}
    </Panel>
  );
}

function linesOf({ runs, params, metrics, tags }: RunComparison): Line[] {
  const started = runs.map((run) => instant(run.startedAtMs));
  const states = runs.map((run) => run.status);
  const differs = (values: readonly string[]) => new Set(values).size > 1;
  return [
    { kind: '', key: 'state', values: states, differs: differs(states) },
    { kind: '', key: 'started', values: started, differs: differs(started) },
    ...params.map(({ key, values, differs: unlike }) => ({
      kind: 'param',
      key,
      values: values.map((value) => (value === null ? null : paramText(value))),
      differs: unlike,
    })),
    ...metrics.map(({ key, values, differs: unlike }) => ({
      kind: 'metric',
      key,
      values: values.map((value) => (value === null ? null : metricText(value))),
      // What machines measure of themselves is never the same.
      differs: unlike && !isSystemMetric(key),
    })),
    ...tags.map((line) => ({ kind: 'tag', ...line })),
  ];
}
