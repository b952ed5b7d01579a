import { figure } from '../format/numbers.ts';
import { axisStyle, Chart, tooltipStyle } from './chart.tsx';
import { escapeHtml } from './lines.tsx';

interface HeatCell {
  readonly column: number;
  readonly row: number;
  readonly value: number;
  /** What the cell says besides its value. */
  readonly note?: string;
}

interface HeatMapProps {
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  readonly cells: readonly HeatCell[];
  readonly valueName: string;
  /** Values from here on have the strongest colour. */
  readonly highest: number;
}

const ROW_PX = 24;

/** A value for each pair of row and column, as colour. */
export function HeatMap({ label, columns, rows, cells, valueName, highest }: HeatMapProps) {
  return (
    <Chart
      label={label}
      heightPx={rows.length * ROW_PX + 86}
      option={(palette) => {
        const axis = axisStyle(palette);
        return {
          grid: { left: 6, right: 8, top: 8, bottom: 50, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
          tooltip: {
            ...tooltipStyle(palette),
            formatter: (given: unknown) => {
              const cell = cells[(given as { dataIndex: number }).dataIndex];
              if (!cell) return '';
              const place = `${escapeHtml(rows[cell.row] ?? '')}, ${escapeHtml(columns[cell.column] ?? '')}`;
              const note = cell.note ? `<br>${escapeHtml(cell.note)}` : '';
              return `${place}<br>${escapeHtml(valueName)}: <b>${figure(cell.value)}</b>${note}`;
            },
          },
          xAxis: {
            type: 'category',
            data: [...columns],
            ...axis,
            splitLine: { show: false },
            axisLabel: { ...axis.axisLabel, alignMinLabel: 'left', alignMaxLabel: 'right' },
          },
          yAxis: { type: 'category', data: [...rows], ...axis, splitLine: { show: false }, inverse: true },
          visualMap: {
            min: 0,
            max: highest,
            orient: 'horizontal',
            left: 'center',
            bottom: 0,
            itemWidth: 10,
            itemHeight: 120,
            text: [`${figure(highest)} or more`, `${valueName} 0`],
            textStyle: { color: palette.muted, fontSize: 11 },
            inRange: { color: [...palette.ramp] },
          },
          series: [
            {
              type: 'heatmap',
              data: cells.map((cell) => [cell.column, cell.row, cell.value]),
              itemStyle: { borderColor: palette.surface, borderWidth: 1 },
            },
          ],
        };
      }}
      table={{
        columns: ['feature', 'window', valueName, 'verdict'],
        rows: cells.map((cell) => [
          rows[cell.row] ?? '',
          columns[cell.column] ?? '',
          figure(cell.value),
          cell.note ?? '',
        ]),
      }}
    />
  );
}
