import { axisFigure, figure } from '../format/numbers.ts';
import { instant, span, timeAxisName, timeTick } from '../format/times.ts';
import { axisStyle, Chart, type ChartTable, tooltipStyle, xAxisStyle } from './chart.tsx';
import type { ChartOption } from './echarts.ts';
import { escapeHtml } from './lines.tsx';
import { colourOfMany, type Palette } from './palette.ts';

export interface Curve {
  readonly name: string;
  /** Ascending. */
  readonly xs: readonly number[];
  /** `null` leaves a gap. */
  readonly ys: readonly (number | null)[];
  /** What was measured, where `ys` is smoothed; drawn faintly behind. */
  readonly raw?: readonly (number | null)[];
  /** Least and greatest near each x, drawn as a band. */
  readonly low?: readonly (number | null)[];
  readonly high?: readonly (number | null)[];
}

interface CurvesProps {
  readonly label: string;
  readonly curves: readonly Curve[];
  /** step: whole numbers; time: ms since the epoch; relative: ms since the start. */
  readonly x: 'step' | 'time' | 'relative';
  readonly yName: string;
  readonly logX?: boolean;
  readonly logY?: boolean;
  readonly heightPx?: number;
  /** Changes whenever something to draw does. */
  readonly content: string;
}

const MAX_LEGEND = 12;
const MAX_IN_TOOLTIP = 14;

/** Many lines along steps or time, such as a metric of many runs. */
export function Curves(props: CurvesProps) {
  const { label, curves, content, heightPx = 250 } = props;
  return (
    <Chart
      label={label}
      heightPx={heightPx}
      content={content}
      legend={
        curves.length > 1 && curves.length <= MAX_LEGEND
          ? curves.map(({ name }, index) => ({ label: name, colour: (palette) => colourOfMany(palette, index) }))
          : undefined
      }
      option={(palette) => optionOf(props, palette)}
      table={() => tableOf(props)}
    />
  );
}

function optionOf({ curves, x, yName, logX = false, logY = false }: CurvesProps, palette: Palette): ChartOption {
  const axis = axisStyle(palette);
  const range = rangeOf(curves);
  const xName =
    x === 'time'
      ? timeAxisName(curves.flatMap(({ xs }) => [xs[0] ?? 0, xs.at(-1) ?? 0]))
      : x === 'step'
        ? 'step'
        : 'time since the first point';
  return {
    // Lines of thousands of points move too slowly to be watched.
    animation: false,
    useUTC: true,
    grid: { left: 6, right: 14, top: 26, bottom: 20, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: {
      trigger: 'axis',
      ...tooltipStyle(palette),
      formatter: (given: unknown) => tooltipText(curves, x, given),
    },
    xAxis: {
      ...xAxisStyle(palette, xName),
      type: x === 'time' ? 'time' : logX ? 'log' : 'value',
      ...(x === 'time' ? {} : { min: 'dataMin', max: 'dataMax' }),
      ...(x === 'step' ? { minInterval: 1 } : {}),
      axisLabel: { ...axis.axisLabel, formatter: (at: number) => tick(x, at) },
    },
    yAxis: {
      type: logY ? 'log' : 'value',
      ...axis,
      scale: true,
      name: yName,
      axisLine: { show: false },
      axisLabel: { ...axis.axisLabel, formatter: (value: number) => axisFigure(value, range) },
    },
    series: curves.flatMap((curve, index) => drawn(curve, colourOfMany(palette, index), logX, logY)),
  };
}

function drawn(curve: Curve, colour: string, logX: boolean, logY: boolean) {
  const place = (at: number) => (logX && at <= 0 ? null : at);
  const shown = (value: number | null | undefined) => (value == null || (logY && value <= 0) ? null : value);
  const line = (ys: readonly (number | null)[], widthPx: number, opacity: number, z: number) => ({
    type: 'line' as const,
    name: curve.name,
    data: curve.xs.map((at, i) => [place(at), shown(ys[i])]),
    color: colour,
    symbolSize: 4,
    showSymbol: curve.xs.length === 1,
    lineStyle: { width: widthPx, color: colour, opacity },
    connectNulls: false,
    z,
  });
  const { raw, low, high } = curve;
  return [
    ...(low && high ? band(curve, colour, shown) : []),
    ...(raw ? [{ ...line(raw, 1, 0.25, 2), silent: true, name: '', tooltip: { show: false } }] : []),
    line(curve.ys, 1.6, 1, 3),
  ];
}

/** A band is drawn as an invisible line and, stacked on it, its height. */
function band(curve: Curve, colour: string, shown: (value: number | null | undefined) => number | null) {
  const base = {
    type: 'line' as const,
    name: '',
    stack: `band of ${curve.name}`,
    stackStrategy: 'all' as const,
    symbol: 'none',
    silent: true,
    lineStyle: { opacity: 0 },
    z: 1,
  };
  const lows = curve.xs.map((at, i) => [at, shown(curve.low?.[i])]);
  const heights = curve.xs.map((at, i) => {
    const [low, high] = [shown(curve.low?.[i]), shown(curve.high?.[i])];
    return [at, low === null || high === null ? null : high - low];
  });
  return [
    { ...base, data: lows },
    { ...base, data: heights, areaStyle: { color: colour, opacity: 0.16 } },
  ];
}

/** From the least to the greatest that is drawn. */
function rangeOf(curves: readonly Curve[]): number {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { ys, raw, low, high } of curves) {
    for (const values of [ys, raw, low, high]) {
      for (const value of values ?? []) {
        if (value === null) continue;
        least = Math.min(least, value);
        greatest = Math.max(greatest, value);
      }
    }
  }
  return greatest - least;
}

function tick(x: CurvesProps['x'], at: number): string {
  if (x === 'time') return timeTick(at);
  if (at === 0) return '0';
  return x === 'relative' ? span(at) : figure(at);
}

function xText(x: CurvesProps['x'], at: number): string {
  if (x === 'time') return instant(at);
  return x === 'relative' ? span(at) : `step ${figure(at)}`;
}

function tooltipText(curves: readonly Curve[], x: CurvesProps['x'], given: unknown): string {
  const items = (Array.isArray(given) ? given : [given]) as {
    value?: [number, number | null];
    seriesName?: string;
    marker?: string;
  }[];
  const named = items.filter(({ seriesName, value }) => seriesName && typeof value?.[1] === 'number');
  const at = named[0]?.value?.[0];
  if (at === undefined) return '';
  const sorted = named.toSorted((a, b) => (b.value?.[1] ?? 0) - (a.value?.[1] ?? 0));
  const lines = sorted.slice(0, MAX_IN_TOOLTIP).map(({ seriesName = '', value, marker = '' }) => {
    const curve = curves.find(({ name }) => name === seriesName);
    const place = curve?.xs.indexOf(value?.[0] ?? 0) ?? -1;
    const [low, high] = [curve?.low?.[place], curve?.high?.[place]];
    const interval = typeof low === 'number' && typeof high === 'number' ? ` (${figure(low)} to ${figure(high)})` : '';
    return `${marker}${escapeHtml(seriesName)}: <b>${figure(value?.[1] ?? 0)}</b>${interval}`;
  });
  const more = sorted.length > MAX_IN_TOOLTIP ? [`and ${sorted.length - MAX_IN_TOOLTIP} below`] : [];
  return [xText(x, at), ...lines, ...more].join('<br>');
}

function tableOf({ curves, x }: CurvesProps): ChartTable {
  const lookups = curves.map(({ xs, ys }) => new Map(xs.map((at, i) => [at, ys[i]])));
  const places = [...new Set(curves.flatMap(({ xs }) => xs))].sort((a, b) => a - b);
  return {
    columns: [
      x === 'time' ? 'UTC' : x === 'step' ? 'step' : 'since the first point',
      ...curves.map(({ name }) => name),
    ],
    rows: places.map((at) => [
      xText(x, at).replace('step ', ''),
      ...lookups.map((values) => {
        const value = values.get(at);
        return value == null ? '–' : figure(value);
      }),
    ]),
  };
}
