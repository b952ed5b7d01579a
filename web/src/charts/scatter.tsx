import { figure } from '../format/numbers.ts';
import { axisStyle, Chart, tooltipStyle, xAxisStyle } from './chart.tsx';
import { escapeHtml } from './lines.tsx';
import type { Palette } from './palette.ts';

interface ScatterPoint {
  readonly x: number | string;
  readonly y: number;
  /** What the point is. */
  readonly name: string;
}

interface ScatterProps {
  readonly label: string;
  readonly xName: string;
  readonly yName: string;
  /** category: x is text; log: x is spread over powers of ten. */
  readonly scale: 'linear' | 'log' | 'category';
  readonly groups: readonly {
    readonly name: string;
    readonly colour: (palette: Palette) => string;
    readonly points: readonly ScatterPoint[];
  }[];
  readonly heightPx?: number;
  /** Changes whenever something to draw does; for thousands of points. */
  readonly content?: string;
}

/** One dot for each pair of values, in groups of one colour. */
export function Scatter({ label, xName, yName, scale, groups, heightPx = 260, content }: ScatterProps) {
  const categories = [...new Set(groups.flatMap(({ points }) => points.map(({ x }) => String(x))))];
  return (
    <Chart
      label={label}
      heightPx={heightPx}
      content={content}
      legend={groups.length < 2 ? undefined : groups.map(({ name, colour }) => ({ label: name, colour, block: true }))}
      option={(palette) => {
        const axis = axisStyle(palette);
        return {
          grid: { left: 6, right: 14, top: 26, bottom: 20, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
          tooltip: {
            trigger: 'item',
            ...tooltipStyle(palette),
            formatter: (given: unknown) => {
              const { seriesIndex, dataIndex } = given as { seriesIndex: number; dataIndex: number };
              const point = groups[seriesIndex]?.points[dataIndex];
              if (!point) return '';
              const x = typeof point.x === 'number' ? figure(point.x) : escapeHtml(point.x);
              return `${escapeHtml(point.name)}<br>${escapeHtml(xName)}: <b>${x}</b><br>${escapeHtml(yName)}: <b>${figure(point.y)}</b>`;
            },
          },
          xAxis: {
            ...xAxisStyle(palette, xName),
            ...(scale === 'category'
              ? { type: 'category' as const, data: categories }
              : {
                  type: scale === 'log' ? ('log' as const) : ('value' as const),
                  scale: true,
                  axisLabel: { ...axis.axisLabel, formatter: (value: number) => figure(value) },
                }),
          },
          yAxis: {
            type: 'value',
            ...axis,
            scale: true,
            name: yName,
            axisLine: { show: false },
            axisLabel: { ...axis.axisLabel, formatter: (value: number) => figure(value) },
          },
          series: groups.map((group) => ({
            type: 'scatter' as const,
            name: group.name,
            symbolSize: group.points.length > 500 ? 4 : 7,
            color: group.colour(palette),
            data: group.points.map(({ x, y }) => [x, y]),
          })),
        };
      }}
      table={() => ({
        columns: ['', xName, yName],
        rows: groups.flatMap(({ points }) =>
          points.map(({ name, x, y }) => [name, typeof x === 'number' ? figure(x) : x, figure(y)]),
        ),
      })}
    />
  );
}
