import { figure } from '../../format/numbers.ts';
import { DataTable } from '../../parts/data-table.tsx';

interface Row {
  readonly row: number;
  readonly values: Readonly<Record<string, string | number | boolean | null>>;
}

interface CellTableProps {
  readonly label: string;
  readonly rows: readonly Row[];
  /** Columns in their order; those of the first row when left out. */
  readonly columns?: readonly string[];
  /** The column the rows are shown for. */
  readonly highlight?: string | null;
}

/** Rows of a table of data, as they are, with their place in the file. */
export function CellTable({ label, rows, columns, highlight }: CellTableProps) {
  const names = columns ?? Object.keys(rows[0]?.values ?? {});
  return (
    <DataTable
      label={label}
      rows={rows}
      rowKey={(row) => row.row}
      columns={[
        { id: '#row', header: 'Row', tight: true, cell: ({ row }) => <span className="dimmed">{row}</span> },
        ...names.map((name) => ({
          id: name,
          header: name,
          tight: true,
          align: rows.every(({ values }) => values[name] === null || typeof values[name] === 'number')
            ? ('number' as const)
            : undefined,
          cell: ({ values }: Row) =>
            name === highlight ? <strong>{cellText(values[name])}</strong> : cellText(values[name]),
        })),
      ]}
    />
  );
}

function cellText(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return 'missing';
  return typeof value === 'number' ? figure(value) : String(value);
}
