import { useMediaQuery } from '@mantine/hooks';
import { figure } from '../format/numbers.ts';
import { axisStyle, Chart, tooltipStyle } from './chart.tsx';
import { escapeHtml } from './lines.tsx';
import type { Palette } from './palette.ts';

interface ParallelAxis {
  readonly name: string;
  /** category: values are text; log: they are spread over powers of ten. */
  readonly scale: 'linear' | 'log' | 'category';
  /** What may be searched; the axis reaches from the first to the last. Left out: as far as the values. */
  readonly range?: readonly [low: number, high: number];
  readonly categories?: readonly string[];
}

interface ParallelLine {
  /** What the line is. */
  readonly name: string;
  /** One value an axis; a line without one of them has a gap there. */
  readonly values: readonly (number | string | null)[];
}

interface ParallelProps {
  readonly label: string;
  readonly axes: readonly ParallelAxis[];
  readonly groups: readonly {
    readonly name: string;
    readonly colour: (palette: Palette) => string;
    readonly widthPx: number;
    readonly opacity: number;
    readonly lines: readonly ParallelLine[];
  }[];
}

const AXIS_PX = 60;

/** Lines over many axes: what goes together can be followed from one axis to the next. Axes lie flat on phones. */
export function Parallel({ label, axes, groups }: ParallelProps) {
  const narrow = useMediaQuery('(max-width: 48em)') ?? false;
  return (
    <Chart
      label={label}
      heightPx={narrow ? axes.length * AXIS_PX + 20 : 300}
      legend={groups.length < 2 ? undefined : groups.map(({ name, colour }) => ({ label: name, colour }))}
      option={(palette) => ({
        tooltip: {
          trigger: 'item',
          ...tooltipStyle(palette),
          formatter: (given: unknown) => tooltipText(axes, groups, given),
        },
        parallel: narrow
          ? { layout: 'vertical', left: 14, right: 22, top: 24, bottom: 26 }
          : { layout: 'horizontal', left: 36, right: 56, top: 34, bottom: 14 },
        parallelAxis: axes.map((axis, dim) => axisOf(axis, dim, palette, narrow)),
        series: groups.map((group) => ({
          type: 'parallel' as const,
          name: group.name,
          lineStyle: { color: group.colour(palette), width: group.widthPx, opacity: group.opacity },
          emphasis: { lineStyle: { width: group.widthPx + 1.5, opacity: 1 } },
          data: group.lines.map(({ values }) => values.map((value) => value ?? '-')),
        })),
      })}
      table={{
        columns: ['', ...axes.map(({ name }) => name)],
        rows: groups.flatMap(({ lines }) => lines.map(({ name, values }) => [name, ...values.map(text)])),
      }}
    />
  );
}

function axisOf(axis: ParallelAxis, dim: number, palette: Palette, narrow: boolean) {
  const plain = axisStyle(palette);
  // Lines run behind the labels of all axes but the last.
  const style = { ...plain, axisLabel: { ...plain.axisLabel, backgroundColor: palette.surface, padding: [1, 3] } };
  const shared = {
    dim,
    name: axis.name,
    ...style,
    splitLine: { show: false },
    axisLine: { lineStyle: { color: palette.line, width: 1.5 } },
    nameGap: narrow ? 6 : 12,
    nameLocation: narrow ? ('start' as const) : ('end' as const),
    nameTextStyle: narrow
      ? {
          ...style.nameTextStyle,
          backgroundColor: palette.surface,
          align: 'left' as const,
          verticalAlign: 'bottom' as const,
          padding: [0, 0, 4, 8],
        }
      : { ...style.nameTextStyle, align: 'center' as const },
  };
  if (axis.scale === 'category') return { ...shared, type: 'category' as const, data: [...(axis.categories ?? [])] };
  const [min, max] = axis.range ?? [];
  return {
    ...shared,
    type: axis.scale === 'log' ? ('log' as const) : ('value' as const),
    scale: true,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    splitNumber: 3,
    axisLabel: { ...style.axisLabel, formatter: (value: number) => figure(value) },
  };
}

function text(value: number | string | null): string {
  if (value === null) return '–';
  return typeof value === 'number' ? figure(value) : value;
}

function tooltipText(axes: ParallelProps['axes'], groups: ParallelProps['groups'], given: unknown): string {
  const { seriesIndex, dataIndex } = given as { seriesIndex: number; dataIndex: number };
  const line = groups[seriesIndex]?.lines[dataIndex];
  if (!line) return '';
  const values = axes.map(
    (axis, at) => `${escapeHtml(axis.name)}: <b>${escapeHtml(text(line.values[at] ?? null))}</b>`,
  );
  return [escapeHtml(line.name), ...values].join('<br>');
}
