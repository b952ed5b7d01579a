import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Histories } from '#contract';
import { client } from '../../../app/client.ts';
import { type Curve, Curves } from '../../../charts/curves.tsx';
import { drawable } from '../../../format/metrics.ts';
import { count, counted } from '../../../format/numbers.ts';
import { Failure, Waiting } from '../../../parts/answer.tsx';
import type { ChartSpec } from './chart-specs.ts';
import { type RunSet, useLineRuns } from './run-set.ts';
import { smoothed } from './smoothing.ts';

type LinesSpec = ChartSpec & { readonly kind: 'lines' };

interface LinesChartProps {
  readonly spec: LinesSpec;
  readonly set: RunSet;
  readonly heightPx: number;
}

const FEW_LINES = 20;
const LIVE_MS = 3_000;

/** A metric of the runs over steps or time: a line each, or a line with a band for each group of them. */
export function LinesChart({ spec, set, heightPx }: LinesChartProps) {
  const found = useLineRuns(set, spec.metric);
  const runs = found.data?.runs ?? [];
  const isLive = runs.some(({ status }) => status === 'running');
  const answer = useHistories(
    runs.map(({ id }) => id),
    spec,
    isLive,
  );
  if (found.error ?? answer.error) return <Failure error={(found.error ?? answer.error) as Error} />;
  if (found.data && runs.length === 0) return <p className="dimmed">None of these runs has {spec.metric}.</p>;
  if (!answer.data) return <Waiting heightPx={heightPx} />;
  return (
    <>
      <HistoryCurves histories={answer.data} spec={spec} heightPx={heightPx} updatedAt={answer.dataUpdatedAt} />
      <p className="small dimmed">{remark(answer.data, runs.length, found.data?.total ?? 0)}</p>
    </>
  );
}

/** Histories of one metric; asked for again while runs go on. */
function useHistories(runs: readonly string[], spec: LinesSpec, isLive: boolean) {
  const body = {
    runs: [...runs],
    key: spec.metric,
    ...(spec.x ? { x: spec.x } : {}),
    maxPoints: runs.length > FEW_LINES ? 200 : 1000,
    ...(spec.fromX === undefined ? {} : { fromX: spec.fromX }),
    ...(spec.toX === undefined ? {} : { toX: spec.toX }),
    ...(spec.group === undefined ? {} : { groupBy: [spec.group] }),
  };
  return useQuery({
    queryKey: ['tracking', 'histories', body],
    queryFn: () => client.tracking.runHistories({ body }),
    enabled: runs.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval: isLive ? LIVE_MS : false,
  });
}

interface HistoryCurvesProps {
  readonly histories: Histories;
  readonly spec: LinesSpec;
  readonly heightPx: number;
  readonly updatedAt: number;
}

/** Histories as they are drawn: smoothed, with what was measured faintly behind. */
function HistoryCurves({ histories, spec, heightPx, updatedAt }: HistoryCurvesProps) {
  const curves = useMemo(() => curvesOf(histories, spec), [histories, spec]);
  if (curves.every(({ xs }) => xs.length < 2)) {
    return (
      <p className="dimmed">
        Each of these runs has a single value of {spec.metric}. Bars or points show it better than lines.
      </p>
    );
  }
  return (
    <Curves
      label={`${spec.metric} of ${counted(curves.length, 'line')}.`}
      curves={curves}
      x={spec.x ?? 'step'}
      yName={spec.metric}
      logX={spec.logX === true && spec.x !== 'time'}
      logY={spec.logY === true}
      heightPx={heightPx}
      content={`${updatedAt} ${curves.length} ${JSON.stringify(spec)} ${histories.lines.map(({ name }) => name).join()}`}
    />
  );
}

function curvesOf({ lines }: Histories, { smoothing = 0 }: LinesSpec): Curve[] {
  const names = namesOf(lines);
  return lines.map(({ x, y, low, high }, i) => {
    const raw = y.map(drawable);
    return {
      name: names[i] as string,
      xs: x,
      ys: smoothing > 0 ? smoothed(raw, smoothing) : raw,
      ...(smoothing > 0 && low === undefined ? { raw } : {}),
      ...(low && high ? { low: low.map(drawable), high: high.map(drawable) } : {}),
    };
  });
}

/** Names that are told apart: runs of one name are followed by the beginning of their ids. */
function namesOf(lines: Histories['lines']): string[] {
  const counts = Map.groupBy(lines, ({ name }) => name);
  return lines.map(({ name, runs }) =>
    (counts.get(name)?.length ?? 0) > 1 ? `${name} (${runs[0]?.slice(-6)})` : name,
  );
}

function remark({ lines }: Histories, drawn: number, total: number): string {
  const thinned = lines.some(({ sampled }) => sampled);
  const which = drawn < total ? `The first ${count(drawn)} of ${counted(total, 'run')}` : counted(total, 'run');
  const points = lines.reduce((sum, line) => sum + line.total, 0);
  return `${which}, ${counted(points, 'point')}${thinned ? ', thinned with peaks kept' : ''}.`;
}
