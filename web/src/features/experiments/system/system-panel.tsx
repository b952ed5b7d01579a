import { useQueries } from '@tanstack/react-query';
import type { Run } from '#contract';
import { client } from '../../../app/client.ts';
import { Lines } from '../../../charts/lines.tsx';
import { drawable } from '../../../format/metrics.ts';
import { counted } from '../../../format/numbers.ts';
import { Panel } from '../../../parts/panel.tsx';
import { type SystemGroup, systemGroups } from './system-groups.ts';

const MOST_POINTS = 500;
const LIVE_MS = 5_000;

/** What the machine did while a run ran: CPU, memory, GPU, disk and network by time. Nothing when nobody measured it. */
export function SystemPanel({ run }: { readonly run: Run }) {
  const groups = systemGroups(run.metrics.map(({ key }) => key));
  if (groups.length === 0) return null;
  const keys = groups.reduce((sum, group) => sum + group.keys.length, 0);
  return (
    <Panel title="The machine" note={`${counted(keys, 'metric')} by time`}>
      <div className="columns">
        {groups.map((group) => (
          <Group key={group.title} run={run} group={group} />
        ))}
      </div>
    </Panel>
  );
}

function Group({ run, group: { title, unit, keys } }: { readonly run: Run; readonly group: SystemGroup }) {
  const histories = useQueries({
    queries: keys.map(({ key }) => ({
      queryKey: ['tracking', 'history', run.id, key, MOST_POINTS],
      queryFn: () =>
        client.tracking.getMetricHistory({ params: { run: run.id }, query: { key, maxPoints: MOST_POINTS } }),
      refetchInterval: run.status === 'running' ? LIVE_MS : (false as const),
    })),
  });
  const series = keys.map(({ name }, index) => ({
    name,
    points: (histories[index]?.data?.points ?? []).map(({ timestampMs, value }) => ({
      x: timestampMs,
      y: drawable(value),
    })),
  }));
  return (
    <div>
      <h3>{title}</h3>
      <Lines
        label={`${title} by time.`}
        x="time"
        yName={unit}
        heightPx={180}
        series={series.map((one) => ({ ...one, points: one.points.toSorted((a, b) => a.x - b.x) }))}
        {...(unit === '%' ? { yFrom: 0 } : {})}
      />
    </div>
  );
}
