import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { EndpointStats, LatencySummary } from '#contract';
import { client } from '../../app/client.ts';
import { Bars } from '../../charts/bars.tsx';
import { Lines } from '../../charts/lines.tsx';
import { count, counted, figure, percent } from '../../format/numbers.ts';
import { day, span } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Fact, Facts } from '../../parts/facts.tsx';
import { Panel } from '../../parts/panel.tsx';
import { versionLink } from '../../parts/reference.tsx';
import { byVersion } from './days.ts';

const WINDOWS = [
  { value: '60000', label: '1 min' },
  { value: '300000', label: '5 min' },
  { value: '3600000', label: '1 h' },
];
const POLL_MS = 5_000;

/** What an endpoint did: just now by the machine's clock, and day by day of event time. */
export function Traffic({ endpoint }: { readonly endpoint: string }) {
  const [windowMs, setWindowMs] = useState(300_000);
  const stats = useQuery({
    queryKey: ['serving', 'stats', endpoint, windowMs],
    queryFn: () => client.serving.getStats({ params: { endpoint }, query: { windowMs } }),
    refetchInterval: POLL_MS,
    placeholderData: (before) => before,
  });
  return (
    <Answer query={stats} heightPx={300}>
      {(data) => (
        <>
          <Panel
            title="Just now"
            note={
              <SegmentedControl
                size="xs"
                aria-label="Length of the window"
                data={WINDOWS}
                value={String(windowMs)}
                onChange={(value) => setWindowMs(Number(value))}
              />
            }
          >
            <Recent stats={data} />
          </Panel>
          <ByDay stats={data} />
        </>
      )}
    </Answer>
  );
}

function Recent({ stats }: { readonly stats: EndpointStats }) {
  const errors = stats.errors.reduce((sum, one) => sum + one.count, 0);
  return (
    <div className="stack">
      <Facts
        facts={[
          { label: 'Requests', value: count(stats.requests), large: true },
          { label: 'Rows predicted', value: count(stats.rows), large: true },
          { label: 'Rate', value: figure(stats.rowsPerSecond), unit: 'rows/s', large: true },
          ...latencyFacts(stats.latency),
          { label: 'Refused or failed', value: count(errors), unit: 'requests', large: true },
          { label: 'In flight', value: count(stats.inFlight), unit: 'requests', large: true },
        ]}
      />
      {stats.errors.length > 0 && (
        <ul className="list small">
          {stats.errors.map((error) => (
            <li key={error.code}>
              <span className="mono">{error.code}</span>: {counted(error.count, 'request')}
            </li>
          ))}
        </ul>
      )}
      {stats.variants.length > 1 && (
        <DataTable
          label="Traffic by variant in the window"
          rows={stats.variants}
          rowKey={(variant) => `${variant.variant} ${variant.version}`}
          columns={[
            { id: 'variant', header: 'Variant', cell: (one) => one.variant },
            { id: 'version', header: 'Version', cell: (one) => versionLink(one.version) },
            { id: 'rows', header: 'Rows', align: 'number', cell: (one) => count(one.rows) },
            { id: 'share', header: 'Share', align: 'number', cell: (one) => percent(one.share) },
            {
              id: 'mean',
              header: 'Mean prediction',
              align: 'number',
              cell: (one) => (one.meanPrediction === null ? '–' : figure(one.meanPrediction)),
            },
            {
              id: 'p99',
              header: 'p99 latency',
              align: 'number',
              cell: (one) => (one.latency.p99Ms === null ? '–' : span(one.latency.p99Ms)),
            },
          ]}
        />
      )}
    </div>
  );
}

function latencyFacts(latency: LatencySummary): Fact[] {
  const quantiles = [
    ['Latency, median', latency.p50Ms],
    ['Latency, p90', latency.p90Ms],
    ['Latency, p99', latency.p99Ms],
    ['Latency, largest', latency.maxMs],
  ] as const;
  return quantiles.map(([label, valueMs]) => ({
    label,
    value: valueMs === null ? 'no request' : span(valueMs),
    large: valueMs !== null,
  }));
}

function ByDay({ stats }: { readonly stats: EndpointStats }) {
  if (stats.days.length === 0) {
    return (
      <Panel title="By day">
        <Empty title="No prediction yet">
          The first answered prediction appears here. Try one below, or use the command line shown there.
        </Empty>
      </Panel>
    );
  }
  const { days, versions } = byVersion(stats.days);
  const errors = new Map<number, number>();
  for (const one of stats.errorDays) errors.set(one.dayMs, (errors.get(one.dayMs) ?? 0) + one.count);
  const refused = stats.errorDays.reduce((sum, one) => sum + one.count, 0);
  return (
    <div className="columns">
      <Panel title="Rows predicted by day" note="day of event time, UTC">
        <Bars
          label="Rows predicted by day of event time and model version."
          xName="day (UTC)"
          yName="rows"
          categories={days.map(day)}
          series={versions.map((one) => ({ name: one.name, values: one.rows }))}
        />
        <p className="small dimmed">
          {refused === 0
            ? 'No request was refused or failed.'
            : `${counted(refused, 'request')} refused or failed, on ${counted(errors.size, 'day')}.`}
        </p>
      </Panel>
      <Panel title="Mean prediction by day" note="by version">
        <Lines
          label="Mean prediction by day of event time and model version."
          x="day"
          yName="mean prediction"
          heightPx={190}
          series={versions.map((one) => ({
            name: one.name,
            points: days.map((dayMs, index) => ({ x: dayMs, y: one.meanPrediction[index] ?? null })),
          }))}
        />
      </Panel>
    </div>
  );
}
