import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { PerformanceDay, PerformanceReport } from '#contract';
import { client } from '../../app/client.ts';
import { Lines } from '../../charts/lines.tsx';
import { Answer } from '../../parts/answer.tsx';
import { Panel } from '../../parts/panel.tsx';

const METRICS = {
  logLoss: { title: 'Log loss', unit: 'log loss, nats (lower is better)' },
  auc: { title: 'AUC', unit: 'AUC, 0 to 1 (higher is better)' },
  brier: { title: 'Brier', unit: 'Brier score, 0 to 1 (lower is better)' },
} as const;
type Metric = keyof typeof METRICS;

interface PerformanceProps {
  readonly monitor: string;
  readonly limit: number;
}

/** Realised performance by window, with its interval and what the windows of the reference showed. */
export function Performance({ monitor, limit }: PerformanceProps) {
  const [metric, setMetric] = useState<Metric>('logLoss');
  const answer = useQuery({
    queryKey: ['monitoring', 'performance', monitor],
    queryFn: () => client.monitoring.listPerformance({ params: { monitor }, query: { limit } }),
  });
  return (
    <Panel
      title="Realised performance"
      note={
        <SegmentedControl
          size="xs"
          aria-label="Metric"
          data={Object.entries(METRICS).map(([value, { title }]) => ({ value, label: title }))}
          value={metric}
          onChange={(value) => setMetric(value in METRICS ? (value as Metric) : 'logLoss')}
        />
      }
    >
      <Answer query={answer} heightPx={280}>
        {({ days, reference }) =>
          days.length === 0 ? (
            <p className="dimmed">No window has its labels yet.</p>
          ) : (
            <Drawn days={days} reference={reference} metric={metric} />
          )
        }
      </Answer>
    </Panel>
  );
}

interface DrawnProps {
  readonly days: readonly PerformanceDay[];
  readonly reference: PerformanceReport['reference'] | null;
  readonly metric: Metric;
}

function Drawn({ days, reference, metric }: DrawnProps) {
  const { title, unit } = METRICS[metric];
  const band = reference?.[metric];
  return (
    <div className="stack">
      <Lines
        label={`${title} of live predictions by window with its 95 % interval, and the range the reference windows showed.`}
        x="day"
        yName={unit}
        heightPx={260}
        series={[
          {
            name: `${title}, with its 95 % interval`,
            points: days.map((one) => ({
              x: one.startMs,
              y: one[metric].value,
              low: one[metric].low,
              high: one[metric].high,
            })),
          },
        ]}
        {...(band
          ? {
              band: {
                label: 'expected, from the reference windows',
                points: days.map((one) => ({ x: one.startMs, low: band.low, high: band.high })),
              },
            }
          : {})}
        stretches={days
          .filter((one) => one.verdict === 'failed')
          .map((one) => ({ fromX: one.startMs, toX: one.endMs, label: 'failed', tone: 'failed' }))}
      />
      <div className="columns">
        <Lines
          label="Share of positive labels by window, against the mean prediction of the same rows."
          x="day"
          yName="share, 0 to 1"
          heightPx={180}
          series={[
            { name: 'observed rate', points: days.map((one) => ({ x: one.startMs, y: one.rate.value })) },
            { name: 'mean prediction', points: days.map((one) => ({ x: one.startMs, y: one.expectedRate })) },
          ]}
        />
        <Lines
          label="Evidence of lost performance gathered over the last windows, and where it fails."
          x="day"
          yName="evidence, fails at 1"
          heightPx={180}
          yFrom={0}
          series={[{ name: 'gathered evidence', points: days.map((one) => ({ x: one.startMs, y: one.sequence })) }]}
          thresholds={[{ label: 'fails', value: 1, tone: 'failed' }]}
        />
      </div>
    </div>
  );
}
