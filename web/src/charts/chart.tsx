import { useComputedColorScheme } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { ChartOption } from './echarts.ts';
import { type Palette, paletteOf } from './palette.ts';

export interface ChartTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

interface ChartProps {
  /** What the picture shows in one sentence, for those who do not see it. */
  readonly label: string;
  readonly option: (palette: Palette) => ChartOption;
  /** The same numbers as a table; made when somebody asks for it. */
  readonly table: ChartTable | (() => ChartTable);
  /** Stands for what is drawn, where comparing all of it would take long. */
  readonly content?: string;
  readonly heightPx?: number;
  readonly legend?: readonly LegendEntry[];
  readonly children?: ReactNode;
}

export interface LegendEntry {
  readonly label: string;
  readonly colour: (palette: Palette) => string;
  /** Drawn as an area rather than a line. */
  readonly block?: boolean;
}

/** Rows of a table that one still reads. */
const MAX_ROWS = 1000;

/** A picture of numbers: drawn by ECharts, described in words, and given again as a table. */
export function Chart({ label, option, table, content, heightPx = 220, legend, children }: ChartProps) {
  const scheme = useComputedColorScheme('light');
  const palette = paletteOf(scheme);
  const [isOpen, setOpen] = useState(false);
  return (
    <figure className="figure-chart">
      {legend && (
        <ul className="legend">
          {legend.map((entry) => (
            <li key={entry.label}>
              <span
                className={entry.block ? 'swatch block' : 'swatch'}
                style={{ background: entry.colour(palette) }}
                aria-hidden
              />
              {entry.label}
            </li>
          ))}
        </ul>
      )}
      <Canvas
        label={label}
        option={() => ({ ...baseOption(palette), ...option(palette) })}
        content={content === undefined ? undefined : `${scheme} ${content}`}
        heightPx={heightPx}
      />
      {children}
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>Show the numbers</summary>
        {isOpen && <Numbers label={label} table={typeof table === 'function' ? table() : table} />}
      </details>
    </figure>
  );
}

interface NumbersProps {
  readonly label: string;
  readonly table: ChartTable;
}

function Numbers({ label, table: { columns, rows } }: NumbersProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-scroll" aria-label={label} tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MAX_ROWS).map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows are drawn once and never moved
            <tr key={index}>
              {row.map((cell, place) => (
                <td key={columns[place]} className="tight">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MAX_ROWS && (
        <p className="small dimmed grid-note">
          The first {MAX_ROWS} of {rows.length.toLocaleString('en')} rows.
        </p>
      )}
    </section>
  );
}

interface CanvasProps {
  readonly label: string;
  readonly option: () => ChartOption;
  readonly content: string | undefined;
  readonly heightPx: number;
}

function Canvas({ label, option, content, heightPx }: CanvasProps) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<import('echarts/core').EChartsType>(undefined);
  const latest = useRef(option);
  latest.current = option;
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    let gone = false;
    const observer = new ResizeObserver(() => chart.current?.resize());
    void import('./echarts.ts').then(({ startChart }) => {
      if (gone) return;
      chart.current = startChart(target);
      chart.current.setOption(latest.current());
      observer.observe(target);
    });
    return () => {
      gone = true;
      observer.disconnect();
      chart.current?.dispose();
      chart.current = undefined;
    };
  }, []);
  // Drawn anew only when something to draw has changed, so an open tooltip survives a refresh.
  const drawn = content ?? JSON.stringify(option());
  // biome-ignore lint/correctness/useExhaustiveDependencies: the content stands for the option it was made from
  useEffect(() => {
    chart.current?.setOption(latest.current(), { notMerge: true });
  }, [drawn]);
  return <div ref={element} role="img" aria-label={label} style={{ height: heightPx, width: '100%' }} />;
}

function baseOption(palette: Palette): ChartOption {
  const still = typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches;
  return {
    animation: !still,
    animationDuration: 250,
    animationDurationUpdate: 250,
    color: [...palette.series],
    textStyle: { fontFamily: 'Inter, system-ui, sans-serif', fontSize: 11, color: palette.muted },
    grid: { left: 6, right: 12, top: 14, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
  };
}

/** The look of a tooltip, the same on every chart. */
export function tooltipStyle(palette: Palette) {
  return {
    backgroundColor: palette.surface,
    borderColor: palette.line,
    textStyle: { color: palette.text, fontSize: 12 },
    confine: true,
  };
}

/** The look of an axis: hairlines, muted labels. The name of a vertical axis begins at it. */
export function axisStyle(palette: Palette) {
  return {
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: { color: palette.muted, fontSize: 11, hideOverlap: true },
    splitLine: { lineStyle: { color: palette.line, width: 1 } },
    nameTextStyle: { color: palette.muted, fontSize: 11, align: 'left' as const },
  };
}

/** A horizontal axis with its name under its middle. */
export function xAxisStyle(palette: Palette, name: string) {
  const axis = axisStyle(palette);
  return {
    ...axis,
    splitLine: { show: false },
    name,
    nameLocation: 'middle' as const,
    nameGap: 24,
    nameTextStyle: { ...axis.nameTextStyle, align: 'center' as const },
  };
}

/** Labels of categories, the first and the last of which end where the axis does, so that none is cut off. */
export function wholeLabels(palette: Palette) {
  return {
    ...axisStyle(palette).axisLabel,
    showMinLabel: true,
    showMaxLabel: true,
    alignMinLabel: 'left' as const,
    alignMaxLabel: 'right' as const,
  };
}
