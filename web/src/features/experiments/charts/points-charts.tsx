import { useMemo } from 'react';
import { Bars } from '../../../charts/bars.tsx';
import { Parallel } from '../../../charts/parallel.tsx';
import { Scatter } from '../../../charts/scatter.tsx';
import { count, counted, figure } from '../../../format/numbers.ts';
import { Failure, Waiting } from '../../../parts/answer.tsx';
import { headerOf } from '../table/columns.ts';
import { binsOf } from './bins.ts';
import type { ChartSpec } from './chart-specs.ts';
import { type ColourGroup, colourGroups } from './colour-groups.ts';
import { type RunSet, usePoints, valuesAt } from './run-set.ts';

interface PointsChartProps<Kind extends ChartSpec['kind']> {
  readonly spec: ChartSpec & { readonly kind: Kind };
  readonly set: RunSet;
  readonly heightPx: number;
}

const MAX_DOTS = 5_000;
const MAX_LINES = 400;
const MAX_BARS = 60;
const MAX_VALUES = 100_000;

/** A dot a run. */
export function ScatterChart({ spec, set, heightPx }: PointsChartProps<'scatter'>) {
  const columns = ['name', spec.x, spec.y, ...(spec.colour === undefined ? [] : [spec.colour])];
  const answer = usePoints(set, columns, MAX_DOTS, spec.y);
  const drawn = useMemo(() => {
    if (!answer.data) return undefined;
    const [names, xs, ys, colours] = answer.data.columns.map(valuesAt);
    const isText = xs?.some((x) => typeof x === 'string') === true;
    const groups = spec.colour === undefined ? [] : colourGroups(colours ?? [], headerOf(spec.colour));
    const all = allRuns(ys?.length ?? 0);
    return {
      isText,
      groups: (groups.length > 0 ? groups : [all]).map(({ name, colour, members }) => ({
        name,
        colour,
        points: members.flatMap((place) => {
          const [x, y] = [xs?.[place] ?? null, ys?.[place]];
          if (x === null || typeof y !== 'number' || (spec.logX && !(Number(x) > 0))) return [];
          return [{ x: isText ? String(x) : x, y, name: String(names?.[place] ?? '') }];
        }),
      })),
    };
  }, [answer.data, spec]);
  if (answer.error) return <Failure error={answer.error} />;
  if (!answer.data || !drawn) return <Waiting heightPx={heightPx} />;
  return (
    <>
      <Scatter
        label={`${headerOf(spec.y)} over ${headerOf(spec.x)}, a dot a run.`}
        xName={headerOf(spec.x)}
        yName={headerOf(spec.y)}
        scale={drawn.isText ? 'category' : spec.logX ? 'log' : 'linear'}
        groups={drawn.groups}
        heightPx={heightPx}
        content={`${answer.dataUpdatedAt} ${JSON.stringify(spec)} ${drawn.groups.length}`}
      />
      <Told drawn={answer.data.runs.length} total={answer.data.total} />
    </>
  );
}

/** A line a run over several columns. */
export function ParallelChart({ spec, set }: PointsChartProps<'parallel'>) {
  const columns = ['name', ...spec.columns, ...(spec.colour === undefined ? [] : [spec.colour])];
  const answer = usePoints(set, columns, MAX_LINES);
  const drawn = useMemo(() => {
    if (!answer.data) return undefined;
    const values = answer.data.columns.map(valuesAt);
    const axes = spec.columns.map((column, i) => {
      const told = answer.data.columns[i + 1];
      const name = headerOf(column);
      if (told?.kind === 'category') return { name, scale: 'category' as const, categories: told.categories };
      return { name, scale: 'linear' as const };
    });
    const colours = spec.colour === undefined ? undefined : values.at(-1);
    const all = allRuns(answer.data.runs.length);
    const groups = colours && spec.colour ? colourGroups(colours, headerOf(spec.colour)) : [];
    return {
      axes,
      groups: (groups.length > 0 ? groups : [all]).map(({ name, colour, members }) => ({
        name,
        colour,
        widthPx: 1,
        opacity: answer.data.runs.length > 100 ? 0.35 : 0.7,
        lines: members.map((place) => ({
          name: String(values[0]?.[place] ?? ''),
          values: spec.columns.map((_, i) => values[i + 1]?.[place] ?? null),
        })),
      })),
    };
  }, [answer.data, spec]);
  if (answer.error) return <Failure error={answer.error} />;
  if (!answer.data || !drawn) return <Waiting heightPx={300} />;
  return (
    <>
      <Parallel label={`Runs over ${spec.columns.map(headerOf).join(', ')}.`} axes={drawn.axes} groups={drawn.groups} />
      <Told drawn={answer.data.runs.length} total={answer.data.total} />
    </>
  );
}

/** A bar a run. */
export function BarChart({ spec, set, heightPx }: PointsChartProps<'bar'>) {
  const answer = usePoints(set, ['name', spec.column], MAX_BARS, spec.column);
  if (answer.error) return <Failure error={answer.error} />;
  if (!answer.data) return <Waiting heightPx={heightPx} />;
  const [names = [], values = []] = answer.data.columns.map(valuesAt);
  const bars = values.flatMap((value, place) =>
    typeof value === 'number' ? [{ name: String(names[place] ?? ''), value }] : [],
  );
  if (bars.length === 0) return <p className="dimmed">None of these runs has a number as {headerOf(spec.column)}.</p>;
  return (
    <>
      <Bars
        label={`${headerOf(spec.column)}, a bar a run.`}
        xName="run"
        yName={headerOf(spec.column)}
        categories={bars.map(({ name }) => name)}
        series={[{ name: headerOf(spec.column), values: bars.map(({ value }) => value) }]}
        heightPx={heightPx}
        tilted={bars.length <= 20}
        format={figure}
      />
      <Told drawn={bars.length} total={answer.data.total} />
    </>
  );
}

/** How often which values are. */
export function HistogramChart({ spec, set, heightPx }: PointsChartProps<'histogram'>) {
  const answer = usePoints(set, [spec.column], MAX_VALUES, spec.column);
  const [values = []] = answer.data?.columns.map(valuesAt) ?? [];
  const numbers = values.filter((value) => typeof value === 'number');
  if (answer.error) return <Failure error={answer.error} />;
  if (!answer.data) return <Waiting heightPx={heightPx} />;
  const bars =
    numbers.length > 0
      ? binsOf(numbers, spec.logX).map(({ from, to, count: runs }) => ({
          name: `${figure(from)} to ${figure(to)}`,
          runs,
        }))
      : [...Map.groupBy(values, String)].map(([name, members]) => ({ name, runs: members.length }));
  return (
    <>
      <Bars
        label={`How many runs have which ${headerOf(spec.column)}.`}
        xName={headerOf(spec.column)}
        yName="runs"
        categories={bars.map(({ name }) => name)}
        series={[{ name: 'runs', values: bars.map(({ runs }) => runs) }]}
        heightPx={heightPx}
        touching
      />
      <Told drawn={answer.data.runs.length} total={answer.data.total} />
    </>
  );
}

function allRuns(runs: number): ColourGroup {
  return {
    name: 'runs',
    colour: ({ series, text }) => series[0] ?? text,
    members: Array.from({ length: runs }, (_, place) => place),
  };
}

function Told({ drawn, total }: { readonly drawn: number; readonly total: number }) {
  const text = drawn < total ? `The first ${count(drawn)} of ${counted(total, 'run')}.` : `${counted(total, 'run')}.`;
  return <p className="small dimmed">{text}</p>;
}
