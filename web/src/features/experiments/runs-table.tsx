import { Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Run } from '#contract';
import { instant, span } from '../../format/times.ts';
import { type Column, DataTable, type Order } from '../../parts/data-table.tsx';
import { cellOf, splitColumn } from './columns.ts';
import { RunStatus } from './run-status.tsx';

interface RunsTableProps {
  readonly runs: readonly Run[];
  readonly columns: readonly string[];
  /** Without it the headers sort nothing. */
  readonly onOrder?: (order: Order) => void;
  readonly order?: Order;
  readonly selected?: readonly string[];
  /** Rows shown before "Show all". */
  readonly limit?: number;
  /** Without it runs cannot be selected. */
  readonly onSelect?: (runs: readonly string[]) => void;
}

/** Runs in the order the server gave them; their headers ask it for another. */
export function RunsTable({ runs, columns, order, onOrder, selected = [], onSelect, limit }: RunsTableProps) {
  const toggle = (id: string, on: boolean) => onSelect?.(on ? [...selected, id] : selected.filter((one) => one !== id));
  // The rows are in order already, across pages; what is sorted by only makes a header a button.
  const sortable = onOrder && (() => 0);
  return (
    <DataTable
      label="Runs"
      rows={runs}
      rowKey={(run) => run.id}
      order={order}
      onOrder={onOrder}
      limit={limit}
      columns={[
        {
          id: 'name',
          header: 'Run',
          tight: true,
          sort: sortable,
          cell: (run) => (
            <div className="row" style={{ flexWrap: 'nowrap' }}>
              {onSelect && (
                <Checkbox
                  size="xs"
                  aria-label={`Select ${run.name}`}
                  checked={selected.includes(run.id)}
                  onChange={(event) => toggle(run.id, event.currentTarget.checked)}
                />
              )}
              <Link to="/runs/$run" params={{ run: run.id }}>
                {run.name}
              </Link>
            </div>
          ),
        },
        { id: 'status', header: 'State', sort: sortable, cell: (run) => <RunStatus status={run.status} /> },
        ...columns.map(
          (column): Column<Run> => ({
            id: column,
            header: splitColumn(column)[1],
            align: column.startsWith('metrics.') ? 'number' : undefined,
            sort: sortable,
            cell: (run) => cellOf(run, column) ?? <span className="dimmed">–</span>,
          }),
        ),
        {
          id: 'startedAt',
          header: 'Started',
          tight: true,
          wide: true,
          sort: sortable,
          cell: (run) => instant(run.startedAtMs),
        },
        {
          id: 'took',
          header: 'Took',
          align: 'number',
          wide: true,
          cell: (run) => (run.endedAtMs === null ? 'running' : span(run.endedAtMs - run.startedAtMs)),
        },
      ]}
    />
  );
}
