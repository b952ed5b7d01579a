import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import type { MetricHistory, Run } from '#contract';
import { client } from '../../app/client.ts';
import { Lines } from '../../charts/lines.tsx';
import { drawable } from '../../format/metrics.ts';
import { counted } from '../../format/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { groupsOf, isCurve } from './metric-groups.ts';

const SHOWN = 6;
const MOST_POINTS = 1000;
const LIVE_MS = 3_000;

interface MetricChartsProps {
  readonly runs: readonly Run[];
  readonly keys: readonly string[];
  readonly nameOf: (run: Run, key: string) => string;
}

/** Metrics by step, those of one name (`train.auc`, `valid.auc`) in one picture. Metrics of a single value have none. */
export function MetricCharts({ runs, keys, nameOf }: MetricChartsProps) {
  const [all, setAll] = useState(false);
  const stepped = keys.filter((key) => runs.some((run) => run.metrics.some((one) => one.key === key && isCurve(one))));
  const groups = groupsOf(stepped);
  if (groups.length === 0) return null;
  const shown = all ? groups : groups.slice(0, SHOWN);
  return (
    <Panel title="Metrics by step" note={counted(stepped.length, 'metric')}>
      <div className="columns">
        {shown.map((group) => (
          <Group key={group.name} name={group.name} runs={runs} keys={group.keys} nameOf={nameOf} />
        ))}
      </div>
      {shown.length < groups.length && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          Show all {groups.length}
        </button>
      )}
    </Panel>
  );
}

function Group({ name, runs, keys, nameOf }: MetricChartsProps & { readonly name: string }) {
  const wanted = runs.flatMap((run) =>
    keys.filter((key) => run.metrics.some((one) => one.key === key)).map((key) => ({ run, key })),
  );
  const histories = useQueries({
    queries: wanted.map(({ run, key }) => ({
      queryKey: ['tracking', 'history', run.id, key],
      queryFn: () =>
        client.tracking.getMetricHistory({ params: { run: run.id }, query: { key, maxPoints: MOST_POINTS } }),
      refetchInterval: run.status === 'running' ? LIVE_MS : (false as const),
    })),
  });
  const loaded = wanted.flatMap(({ run, key }, index) => {
    const history = histories[index]?.data;
    return history ? [{ name: nameOf(run, key), history }] : [];
  });
  const thinned = loaded.filter(({ history }) => history.sampled);
  return (
    <div>
      <h3>{name}</h3>
      <Lines
        label={`${name} by step.`}
        x="step"
        xName="step"
        yName={name}
        heightPx={200}
        series={loaded.map(({ name: title, history }) => ({ name: title, points: pointsOf(history) }))}
      />
      {thinned.length > 0 && (
        <p className="small dimmed">
          Drawn from {MOST_POINTS} points at most for each line, extremes kept, of{' '}
          {counted(Math.max(...thinned.map(({ history }) => history.total)), 'point')}.
        </p>
      )}
    </div>
  );
}

function pointsOf(history: MetricHistory) {
  return history.points.map(({ step, value }) => ({ x: step, y: drawable(value) }));
}
