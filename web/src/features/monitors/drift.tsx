import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { DriftSeries } from '#contract';
import { client } from '../../app/client.ts';
import { HeatMap } from '../../charts/heat-map.tsx';
import { Lines } from '../../charts/lines.tsx';
import { counted, pValue } from '../../format/numbers.ts';
import { day } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { Panel } from '../../parts/panel.tsx';
import { featureName } from './feature-name.ts';

type DriftPoint = DriftSeries['points'][number];

interface DriftProps {
  readonly monitor: string;
  readonly windowMs: number;
  readonly limit: number;
}

/** Drift of every feature over time: all at once as colour, one of them as a line against what is usual. */
export function Drift({ monitor, windowMs, limit }: DriftProps) {
  const answer = useQuery({
    queryKey: ['monitoring', 'drift', monitor],
    queryFn: () => client.monitoring.listDrift({ params: { monitor }, query: { limit } }),
  });
  return (
    <Answer query={answer} heightPx={320}>
      {({ features }) =>
        features.length === 0 ? (
          <Panel title="Drift by feature">
            <p className="dimmed">No window had enough rows to be tested yet.</p>
          </Panel>
        ) : (
          <Loaded features={features} windowMs={windowMs} />
        )
      }
    </Answer>
  );
}

function Loaded({ features, windowMs }: { readonly features: readonly DriftSeries[]; readonly windowMs: number }) {
  const [name, setName] = useState<string>();
  const ranked = features.toSorted((a, b) => worst(b) - worst(a));
  const chosen = features.find((series) => series.feature === name) ?? ranked[0];
  return (
    <>
      <Panel title="Drift by feature" note="PSI above what is usual for a window of its size">
        <Overview features={ranked} />
      </Panel>
      {chosen && (
        <Panel
          title="One feature over time"
          note={
            <Select
              size="xs"
              aria-label="Feature"
              data={ranked.map(({ feature }) => ({ value: feature, label: featureName(feature) }))}
              value={chosen.feature}
              onChange={(value) => setName(value ?? undefined)}
            />
          }
        >
          <OneFeature series={chosen} windowMs={windowMs} />
        </Panel>
      )}
    </>
  );
}

function effectOf(point: DriftPoint): number {
  return Math.max(0, point.psi - point.usualPsi);
}

function worst(series: DriftSeries): number {
  return Math.max(0, ...series.points.map(effectOf));
}

function Overview({ features }: { readonly features: readonly DriftSeries[] }) {
  const starts = [...new Set(features.flatMap(({ points }) => points.map((point) => point.startMs)))].sort(
    (a, b) => a - b,
  );
  const column = new Map(starts.map((startMs, index) => [startMs, index]));
  return (
    <HeatMap
      label="Drift of each feature by window: population stability index above the usual."
      columns={starts.map(day)}
      rows={features.map(({ feature }) => featureName(feature))}
      valueName="PSI above the usual"
      words={{ good: 'no drift, deeper is further from the usual', bad: 'drifted' }}
      cells={features.flatMap((series, row) =>
        series.points.map((point) => ({
          column: column.get(point.startMs) ?? 0,
          row,
          value: effectOf(point),
          strength: effectOf(point) / series.psiThreshold,
          bad: point.drifted,
          note: verdictWords(point, series.psiThreshold),
        })),
      )}
    />
  );
}

/** Drift has to be both large and beyond chance; a large value that is not says so. */
function verdictWords(point: DriftPoint, threshold: number): string {
  const large = effectOf(point) >= threshold;
  const verdict = point.drifted ? 'drifted' : large ? 'not drifted: large, but not beyond chance' : 'not drifted';
  return `${verdict}, q ${pValue(point.qValue)}, ${counted(point.rows, 'row')}`;
}

function OneFeature({ series, windowMs }: { readonly series: DriftSeries; readonly windowMs: number }) {
  const name = featureName(series.feature);
  const distance =
    series.kind === 'numeric' ? 'Wasserstein distance, in reference sd' : 'Jensen-Shannon distance, 0 to 1';
  const drifted = series.points.filter((point) => point.drifted);
  return (
    <div className="columns">
      <Lines
        label={`Population stability index of ${name} by window, with what is usual and where drift begins.`}
        x="day"
        yName="PSI"
        yFrom={0}
        series={[
          { name: 'PSI', points: series.points.map((point) => ({ x: point.startMs, y: point.psi })) },
          {
            name: 'usual',
            colour: (palette) => palette.muted,
            points: series.points.map((point) => ({ x: point.startMs, y: point.usualPsi })),
          },
          {
            name: `drift begins (usual + ${series.psiThreshold})`,
            colour: (palette) => palette.failed,
            points: series.points.map((point) => ({ x: point.startMs, y: point.usualPsi + series.psiThreshold })),
          },
        ]}
        stretches={drifted.map((point) => ({
          fromX: point.startMs,
          toX: point.startMs + windowMs,
          label: 'drifted',
          tone: 'failed',
        }))}
      />
      <Lines
        label={`${distance} of ${name} by window, and its share of missing values.`}
        x="day"
        yName={distance}
        yFrom={0}
        series={[
          { name: distance, points: series.points.map((point) => ({ x: point.startMs, y: point.distance })) },
          {
            name: 'share missing, 0 to 1',
            points: series.points.map((point) => ({ x: point.startMs, y: point.missingRate })),
          },
        ]}
      />
    </div>
  );
}
