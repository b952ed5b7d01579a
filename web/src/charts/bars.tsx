import { count, figure } from '../format/numbers.ts';
import { axisStyle, Chart, tooltipStyle, wholeLabels, xAxisStyle } from './chart.tsx';
import { escapeHtml } from './lines.tsx';
import type { Palette } from './palette.ts';

interface BarsProps {
  readonly label: string;
  /** Name of what is on the horizontal axis, with its unit. */
  readonly xName: string;
  /** Name of what is counted or measured, with its unit. */
  readonly yName: string;
  readonly categories: readonly string[];
  /** Several series are stacked, unless they are grouped. */
  readonly series: readonly {
    readonly name: string;
    readonly values: readonly number[];
    readonly colour?: (palette: Palette) => string;
  }[];
  readonly heightPx?: number;
  /** Bars of one category stand side by side. */
  readonly isGrouped?: boolean;
  /** Bars touch, as those of a histogram do. */
  readonly touching?: boolean;
  /** Names are long: every one is written, aslant. */
  readonly tilted?: boolean;
  readonly format?: (value: number) => string;
}

/** Bars over categories, days or bins. */
export function Bars(props: BarsProps) {
  const { label, xName, yName, categories, series, heightPx = 180, isGrouped, touching, tilted, format } = props;
  const write = format ?? ((value: number) => (Number.isInteger(value) ? count(value) : figure(value)));
  const colourOf = (index: number) => (palette: Palette) =>
    series[index]?.colour?.(palette) ?? palette.series[index % palette.series.length] ?? palette.text;
  return (
    <Chart
      label={label}
      heightPx={heightPx}
      legend={
        series.length > 1
          ? series.map((one, index) => ({ label: one.name, colour: colourOf(index), block: true }))
          : undefined
      }
      option={(palette) => {
        const axis = axisStyle(palette);
        return {
          grid: { left: 6, right: 12, top: 26, bottom: 20, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
          tooltip: {
            trigger: 'axis',
            axisPointer: { type: 'shadow' },
            ...tooltipStyle(palette),
            formatter: (given: unknown) => {
              const items = (Array.isArray(given) ? given : [given]) as { dataIndex: number }[];
              const index = items[0]?.dataIndex ?? 0;
              const lines = series.map((one) => `${escapeHtml(one.name)}: <b>${write(one.values[index] ?? 0)}</b>`);
              return [escapeHtml(categories[index] ?? ''), ...lines].join('<br>');
            },
          },
          xAxis: {
            type: 'category',
            data: [...categories],
            ...xAxisStyle(palette, tilted ? '' : xName),
            axisLabel: tilted
              ? { ...axis.axisLabel, rotate: 35, interval: 0, hideOverlap: false }
              : wholeLabels(palette),
          },
          yAxis: {
            type: 'value',
            ...axis,
            name: yName,
            axisLine: { show: false },
            splitNumber: 3,
            axisLabel: { ...axis.axisLabel, formatter: write },
          },
          series: series.map((one, index) => ({
            type: 'bar' as const,
            name: one.name,
            stack: isGrouped ? undefined : 'all',
            data: [...one.values],
            color: colourOf(index)(palette),
            barCategoryGap: touching ? '6%' : '28%',
            barMaxWidth: touching ? undefined : 36,
          })),
        };
      }}
      table={{
        columns: [xName, ...series.map((one) => one.name)],
        rows: categories.map((category, index) => [category, ...series.map((one) => write(one.values[index] ?? 0))]),
      }}
    />
  );
}
