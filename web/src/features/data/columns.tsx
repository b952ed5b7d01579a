import { useState } from 'react';
import type { ColumnProfile } from '#contract';
import { Bars } from '../../charts/bars.tsx';
import { count, figure, percent } from '../../format/numbers.ts';
import { day, instant } from '../../format/times.ts';
import { type Fact, Facts } from '../../parts/facts.tsx';

const SHOWN = 12;

interface ColumnsProps {
  readonly columns: readonly ColumnProfile[];
  readonly rows: number;
}

/** A card for each column: its figures, and a histogram or its most frequent values. */
export function Columns({ columns, rows }: ColumnsProps) {
  const [all, setAll] = useState(false);
  const shown = all ? columns : columns.slice(0, SHOWN);
  return (
    <>
      <div className="columns" style={{ ['--column' as string]: '340px' }}>
        {shown.map((column) => (
          <section key={column.name} className="card" aria-label={`Column ${column.name}`}>
            <div className="row" style={{ justifyContent: 'space-between' }}>
              <h3>{column.name}</h3>
              <span className="small dimmed">
                {column.type} <span className="mono">{column.storedAs}</span>
              </span>
            </div>
            <Facts facts={factsOf(column, rows)} />
            <Picture column={column} />
          </section>
        ))}
      </div>
      {shown.length < columns.length && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          Show all {columns.length} columns
        </button>
      )}
    </>
  );
}

function isTime(column: ColumnProfile): boolean {
  return column.type === 'date' || column.type === 'timestamp';
}

function textOf(column: ColumnProfile, value: string | number | boolean | null): string {
  if (value === null) return 'none';
  if (typeof value !== 'number') return String(value);
  if (isTime(column)) return column.type === 'date' ? day(value) : instant(value);
  return figure(value);
}

function factsOf(column: ColumnProfile, rows: number): Fact[] {
  return [
    {
      label: 'Missing',
      value: rows > 0 && column.missing > 0 ? `${count(column.missing)} (${percent(column.missing / rows)})` : 'none',
    },
    { label: 'Distinct', value: count(column.distinct) },
    { label: 'Smallest', value: textOf(column, column.min) },
    { label: 'Largest', value: textOf(column, column.max) },
    ...(column.mean === null ? [] : [{ label: 'Mean', value: textOf(column, column.mean) }]),
    ...(column.std === null ? [] : [{ label: 'Standard deviation', value: figure(column.std) }]),
    ...(column.lengths === null
      ? []
      : [{ label: 'Length', value: `${column.lengths.min} to ${column.lengths.max}`, unit: 'characters' }]),
  ];
}

function Picture({ column }: { readonly column: ColumnProfile }) {
  const { histogram, top } = column;
  if (histogram && histogram.counts.length > 0) {
    const edge = (index: number) => textOf(column, histogram.edges[index] ?? null);
    return (
      <Bars
        label={`Histogram of ${column.name}: rows by value.`}
        xName={isTime(column) ? 'UTC' : `${column.name}, from the lower edge of each bin`}
        yName="rows"
        heightPx={150}
        touching
        categories={histogram.counts.map((_, index) => (isTime(column) ? edge(index).slice(0, 10) : edge(index)))}
        series={[{ name: 'rows', values: histogram.counts }]}
      />
    );
  }
  if (top.length === 0) return null;
  return (
    <Bars
      label={`Most frequent values of ${column.name}.`}
      xName={`most frequent of ${count(column.distinct)} values`}
      yName="rows"
      heightPx={150}
      categories={top.map(({ value }) => textOf(column, value))}
      series={[{ name: 'rows', values: top.map((one) => one.count) }]}
    />
  );
}
