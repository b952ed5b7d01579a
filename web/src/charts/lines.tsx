import { figure } from '../format/numbers.ts';
import { day, instant, timeAxisName, timeTick } from '../format/times.ts';
import { axisStyle, Chart, type LegendEntry, tooltipStyle, xAxisStyle } from './chart.tsx';
import type { ChartOption } from './echarts.ts';
import type { Palette } from './palette.ts';

interface Point {
  /** A step, or ms since the epoch. */
  readonly x: number;
  /** `null` leaves a gap. */
  readonly y: number | null;
  /** An interval around the value, drawn as a whisker band. */
  readonly low?: number | null;
  readonly high?: number | null;
}

interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  readonly colour?: (palette: Palette) => string;
  readonly kind?: 'line' | 'dots';
  /** A step function: the value holds until the next point. */
  readonly stepped?: boolean;
}

/** A value that is expected, allowed or feared, as a horizontal line. */
interface Threshold {
  readonly label: string;
  readonly value: number;
  readonly tone: 'ok' | 'warning' | 'failed' | 'info';
}

/** Something that happened at one time. */
export interface Mark {
  readonly x: number;
  readonly label: string;
  readonly tone: 'ok' | 'warning' | 'failed' | 'info';
}

/** A stretch of time with a meaning. */
export interface Stretch {
  readonly fromX: number;
  readonly toX: number;
  readonly label: string;
  readonly tone: 'ok' | 'warning' | 'failed' | 'info';
}

interface LinesProps {
  readonly label: string;
  readonly series: readonly Series[];
  /** step: whole numbers. value: any. */
  readonly x: 'day' | 'time' | 'step' | 'value';
  readonly xName?: string;
  /** Unit or name of the vertical axis. */
  readonly yName: string;
  readonly band?: { readonly label: string; readonly points: readonly { x: number; low: number; high: number }[] };
  readonly thresholds?: readonly Threshold[];
  readonly marks?: readonly Mark[];
  readonly stretches?: readonly Stretch[];
  readonly heightPx?: number;
  readonly yFrom?: number;
  readonly yTo?: number;
  readonly format?: (value: number) => string;
}

const DAY_MS = 86_400_000;
const SHORTEST_MS = 10_000;

/** Lines over time or steps, with what is expected as a band, and what happened as marks. */
export function Lines(props: LinesProps) {
  const format = props.format ?? figure;
  const legend = legendOf(props);
  return (
    <Chart
      label={props.label}
      heightPx={props.heightPx ?? 250}
      legend={legend.length > 1 ? legend : undefined}
      option={(palette) => optionOf(props, palette, format)}
      table={tableOf(props, format)}
    />
  );
}

function colourOf(series: Series, index: number): (palette: Palette) => string {
  return series.colour ?? ((palette) => palette.series[index % palette.series.length] ?? palette.text);
}

function legendOf({ series, band, thresholds = [] }: LinesProps): LegendEntry[] {
  return [
    ...series.map((one, index) => ({ label: one.name, colour: colourOf(one, index), block: one.kind === 'dots' })),
    ...(band && band.points.length > 0
      ? [{ label: band.label, colour: (palette: Palette) => palette.band, block: true }]
      : []),
    ...thresholds.map((one) => ({ label: one.label, colour: (palette: Palette) => palette[one.tone] })),
  ];
}

function xText(kind: LinesProps['x'], x: number): string {
  if (kind === 'step' || kind === 'value') return figure(x);
  return kind === 'day' ? day(x) : instant(x);
}

function optionOf(props: LinesProps, palette: Palette, format: (value: number) => string): ChartOption {
  const { series, band, thresholds = [], marks = [], stretches = [] } = props;
  const axis = axisStyle(palette);
  const time = props.x === 'day' || props.x === 'time';
  const xName = props.xName ?? (time ? timeAxisName(series.flatMap(({ points }) => points.map(({ x }) => x))) : '');
  return {
    tooltip: {
      trigger: 'axis',
      ...tooltipStyle(palette),
      formatter: (given: unknown) => tooltipText(props, given, format),
    },
    // Times are shown in UTC whatever the browser's zone is.
    useUTC: true,
    grid: {
      left: 6,
      right: 14,
      top: marks.length > 0 ? 30 : 26,
      bottom: xName ? 20 : 4,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    xAxis: {
      type: time ? 'time' : 'value',
      ...xAxisStyle(palette, xName),
      ...(time ? { axisLabel: { ...axis.axisLabel, formatter: (at: number) => timeTick(at) } } : {}),
      ...(props.x === 'step' ? { min: 'dataMin', max: 'dataMax', minInterval: 1 } : {}),
      ...(props.x === 'value' ? { scale: true } : {}),
      ...(props.x === 'day' ? { minInterval: DAY_MS } : {}),
      ...(props.x === 'time' ? atLeastSeconds(series) : {}),
    },
    yAxis: {
      type: 'value',
      ...axis,
      scale: true,
      name: props.yName,
      axisLine: { show: false },
      axisLabel: { ...axis.axisLabel, formatter: (value: number) => format(value) },
      ...(props.yFrom === undefined ? {} : { min: props.yFrom }),
      ...(props.yTo === undefined ? {} : { max: props.yTo }),
    },
    series: [
      ...(band ? bandSeries(band.points, palette.band, 'band') : []),
      ...series.flatMap((one, index) => intervalSeries(one, colourOf(one, index)(palette))),
      ...series.map((one, index) => drawn(one, colourOf(one, index)(palette), props.x)),
      {
        name: '',
        type: 'line',
        data: [],
        silent: true,
        markLine: {
          symbol: 'none',
          silent: true,
          data: [
            ...thresholds.map((one) => ({
              yAxis: one.value,
              lineStyle: { color: palette[one.tone], type: 'dashed' as const, width: 1.2 },
              label: { show: false },
            })),
            ...marks.map((one) => ({
              xAxis: one.x,
              lineStyle: { color: palette[one.tone], type: 'solid' as const, width: 1.2 },
              label: { formatter: one.label, color: palette[one.tone], fontSize: 10, position: 'end' as const },
            })),
          ],
        },
        markArea: {
          silent: true,
          data: stretches.map((one): [object, object] => [
            {
              xAxis: one.fromX,
              itemStyle: { color: palette[one.tone], opacity: 0.1 },
              label: { show: false },
            },
            { xAxis: one.toX },
          ]),
        },
      },
    ],
  };
}

/** An axis of times is some seconds long, however soon it was over: what is shown of times ends with seconds. */
function atLeastSeconds(series: readonly Series[]) {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { points } of series) {
    for (const { x } of points) {
      first = Math.min(first, x);
      last = Math.max(last, x);
    }
  }
  const missing = SHORTEST_MS - (last - first);
  return missing > 0 && Number.isFinite(missing) ? { min: first - missing / 2, max: last + missing / 2 } : {};
}

function drawn(one: Series, colour: string, x: LinesProps['x']) {
  const few = one.points.filter((point) => point.y !== null).length < 40;
  return {
    name: one.name,
    type: one.kind === 'dots' ? ('scatter' as const) : ('line' as const),
    data: one.points.map((point) => [point.x, point.y]),
    color: colour,
    symbol: 'circle',
    symbolSize: one.kind === 'dots' ? 6 : 4,
    // A line of one point is a dot, or it would not be seen.
    showSymbol: (few && x !== 'step') || one.points.length === 1,
    lineStyle: { width: 1.8, color: colour },
    ...(one.stepped ? { step: 'end' as const } : {}),
    connectNulls: false,
    z: 3,
  };
}

function intervalSeries(one: Series, colour: string) {
  const points = one.points.flatMap((point) =>
    typeof point.low === 'number' && typeof point.high === 'number'
      ? [{ x: point.x, low: point.low, high: point.high }]
      : [],
  );
  return points.length > 0 ? bandSeries(points, colour, `interval-${one.name}`, 0.16) : [];
}

/** A band is drawn as an invisible line and, stacked on it, the height of the band filled. */
function bandSeries(
  points: readonly { x: number; low: number; high: number }[],
  colour: string,
  stack: string,
  opacity = 1,
) {
  const base = { type: 'line' as const, stack, symbol: 'none', silent: true, lineStyle: { opacity: 0 }, z: 1 };
  return [
    { ...base, name: '', stackStrategy: 'all' as const, data: points.map((point) => [point.x, point.low]) },
    {
      ...base,
      name: '',
      stackStrategy: 'all' as const,
      data: points.map((point) => [point.x, point.high - point.low]),
      areaStyle: { color: colour, opacity },
    },
  ];
}

function tooltipText(props: LinesProps, given: unknown, format: (value: number) => string): string {
  const items = (Array.isArray(given) ? given : [given]) as { value?: [number, number | null]; seriesName?: string }[];
  const x = items.find((item) => item.value)?.value?.[0];
  if (x === undefined) return '';
  const lines = props.series.flatMap((one) => {
    const point = one.points.find((candidate) => candidate.x === x);
    if (!point || point.y === null) return [];
    const interval =
      typeof point.low === 'number' && typeof point.high === 'number'
        ? ` (${format(point.low)} to ${format(point.high)})`
        : '';
    return [`${escapeHtml(one.name)}: <b>${format(point.y)}</b>${interval}`];
  });
  const expected = props.band?.points.find((point) => point.x === x);
  if (expected && props.band) {
    lines.push(`${escapeHtml(props.band.label)}: ${format(expected.low)} to ${format(expected.high)}`);
  }
  for (const mark of props.marks ?? []) if (mark.x === x) lines.push(`<b>${escapeHtml(mark.label)}</b>`);
  const numeric = props.x === 'step' || props.x === 'value';
  const title = numeric ? `${props.xName ?? 'step'} ${xText(props.x, x)}` : xText(props.x, x);
  return [title, ...lines].join('<br>');
}

/** Names come from users; a tooltip is HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function tableOf(props: LinesProps, format: (value: number) => string) {
  const xs = [...new Set(props.series.flatMap((one) => one.points.map((point) => point.x)))].sort((a, b) => a - b);
  const lookups = props.series.map((one) => new Map(one.points.map((point) => [point.x, point])));
  const band = new Map(props.band?.points.map((point) => [point.x, point]));
  return {
    columns: [
      props.x === 'step' || props.x === 'value' ? (props.xName ?? 'step') : 'UTC',
      ...props.series.map((one) => one.name),
      ...(props.band ? [props.band.label] : []),
    ],
    rows: xs.map((x) => [
      xText(props.x, x),
      ...lookups.map((points) => {
        const point = points.get(x);
        if (!point || point.y === null) return '–';
        return typeof point.low === 'number' && typeof point.high === 'number'
          ? `${format(point.y)} (${format(point.low)} to ${format(point.high)})`
          : format(point.y);
      }),
      ...(props.band ? [bandText(band.get(x), format)] : []),
    ]),
  };
}

function bandText(point: { low: number; high: number } | undefined, format: (value: number) => string): string {
  return point ? `${format(point.low)} to ${format(point.high)}` : '–';
}
