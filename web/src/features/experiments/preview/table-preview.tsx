import type { ArtifactPreview as Preview } from '#contract';
import { Bars } from '../../../charts/bars.tsx';
import { count, counted, figure } from '../../../format/numbers.ts';
import { DataTable } from '../../../parts/data-table.tsx';
import { classMetricsOf } from './class-metrics.ts';

interface TablePreviewProps {
  readonly path: string;
  readonly table: NonNullable<Preview['table']>;
}

/** The first rows of a table; figures of classes, as MLflow's evaluation writes them, as bars too. */
export function TablePreview({ path, table }: TablePreviewProps) {
  const { columns, rows, totalRows } = table;
  const byClass = classMetricsOf(table);
  return (
    <>
      {byClass && (
        <Bars
          label="Figures by class."
          xName="class"
          yName="share of 1"
          categories={byClass.classes}
          series={byClass.metrics}
          isGrouped
          heightPx={220}
        />
      )}
      <DataTable
        label={path}
        rows={rows}
        rowKey={(_, index) => index}
        limit={20}
        columns={columns.map(({ name, type }, place) => ({
          id: `${place}`,
          header: name,
          align: type === 'number' ? ('number' as const) : undefined,
          sort: (row: (typeof rows)[number]) => {
            const cell = row[place];
            return typeof cell === 'boolean' ? String(cell) : cell;
          },
          cell: (row: (typeof rows)[number]) => {
            const cell = row[place];
            return typeof cell === 'number' ? figure(cell) : String(cell ?? '–');
          },
        }))}
      />
      <p className="small dimmed grid-note">
        {totalRows === null
          ? `The first ${counted(rows.length, 'row')}.`
          : `${count(rows.length)} of ${counted(totalRows, 'row')}.`}
      </p>
    </>
  );
}
