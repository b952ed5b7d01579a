import { figure } from '../format/numbers.ts';
import { axisStyle, Chart, tooltipStyle, wholeLabels } from './chart.tsx';
import type { ChartOption } from './echarts.ts';
import { escapeHtml } from './lines.tsx';
import type { Palette } from './palette.ts';

interface HeatCell {
  readonly column: number;
  readonly row: number;
  readonly value: number;
  /** The value as a multiple of what is allowed. */
  readonly strength: number;
  /** Whether the verdict on this cell is bad; decides which of the two ramps colours it. */
  readonly bad: boolean;
  /** What the cell says besides its value. */
  readonly note: string;
}

interface HeatMapProps {
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  readonly cells: readonly HeatCell[];
  readonly valueName: string;
  readonly words: { readonly good: string; readonly bad: string };
}

const ROW_PX = 24;
/** As a multiple of what is allowed: a bad cell has the strongest colour from here on. */
const FAR_TOO_MUCH = 3;

/**
 * A value for each pair of row and column, as colour. A bad cell never looks like a good one: each kind has a ramp of
 * its own, and within it the strength deepens the colour.
 */
export function HeatMap({ label, columns, rows, cells, valueName, words }: HeatMapProps) {
  const kinds = [cells.filter((cell) => !cell.bad), cells.filter((cell) => cell.bad)];
  return (
    <Chart
      label={label}
      heightPx={rows.length * ROW_PX + 34}
      legend={[
        { label: words.good, colour: ({ calm }) => `linear-gradient(90deg, ${calm.join(', ')})`, block: true },
        { label: words.bad, colour: ({ alarm }) => `linear-gradient(90deg, ${alarm.join(', ')})`, block: true },
      ]}
      option={(palette) => ({
        grid: { left: 6, right: 8, top: 8, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
        tooltip: {
          ...tooltipStyle(palette),
          formatter: (given: unknown) => {
            const { seriesIndex, dataIndex } = given as { seriesIndex: number; dataIndex: number };
            const cell = kinds[seriesIndex]?.[dataIndex];
            if (!cell) return '';
            const place = `${escapeHtml(rows[cell.row] ?? '')}, ${escapeHtml(columns[cell.column] ?? '')}`;
            return `${place}<br>${escapeHtml(valueName)}: <b>${figure(cell.value)}</b><br>${escapeHtml(cell.note)}`;
          },
        },
        ...axes(palette, columns, rows),
        visualMap: [
          { show: false, seriesIndex: 0, dimension: 2, min: 0, max: 1, inRange: { color: [...palette.calm] } },
          {
            show: false,
            seriesIndex: 1,
            dimension: 2,
            min: 1,
            max: FAR_TOO_MUCH,
            inRange: { color: [...palette.alarm] },
          },
        ],
        series: kinds.map((kind) => ({
          type: 'heatmap' as const,
          data: kind.map((cell) => [cell.column, cell.row, cell.strength]),
          itemStyle: { borderColor: palette.surface, borderWidth: 1 },
        })),
      })}
      table={{
        columns: ['feature', 'window', valueName, 'verdict'],
        rows: cells.map((cell) => [rows[cell.row] ?? '', columns[cell.column] ?? '', figure(cell.value), cell.note]),
      }}
    />
  );
}

function axes(palette: Palette, columns: readonly string[], rows: readonly string[]): ChartOption {
  const axis = axisStyle(palette);
  return {
    xAxis: {
      type: 'category',
      data: [...columns],
      ...axis,
      splitLine: { show: false },
      axisLabel: wholeLabels(palette),
    },
    yAxis: { type: 'category', data: [...rows], ...axis, splitLine: { show: false }, inverse: true },
  };
}
