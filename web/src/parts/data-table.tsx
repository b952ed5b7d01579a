import { type ReactNode, useState } from 'react';

export interface Column<Row> {
  readonly id: string;
  readonly header: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  /** What to sort by; a column without it cannot be sorted. */
  readonly sort?: (row: Row) => number | string | null | undefined;
  readonly align?: 'number';
  /** Left out on phones. */
  readonly wide?: boolean;
  /** Does not wrap. */
  readonly tight?: boolean;
  /** Wants room for text. */
  readonly long?: boolean;
}

export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

interface DataTableProps<Row> {
  /** What the table lists, for screen readers. */
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row, index: number) => string | number;
  readonly order?: Order;
  /** Keeps the order outside, e.g. in the address of the page. */
  readonly onOrder?: (order: Order) => void;
  /** The rows come in the order already, e.g. from the server. */
  readonly isSorted?: boolean;
  /** Rows shown before "Show all"; all when left out. */
  readonly limit?: number;
}

/** A table that sorts by its headers. Its first column names the row. It scrolls by itself when it is too wide. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const [ownOrder, setOwnOrder] = useState(props.order);
  const [all, setAll] = useState(false);
  const order = props.onOrder ? props.order : ownOrder;
  const setOrder = props.onOrder ?? setOwnOrder;
  const sorted = props.isSorted ? props.rows : sortRows(props.rows, props.columns, order);
  const shown = all || props.limit === undefined ? sorted : sorted.slice(0, props.limit);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="table-scroll" aria-label={props.label} tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              {props.columns.map((column) => (
                <HeaderCell key={column.id} column={column} order={order} onOrder={setOrder} />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              <tr key={props.rowKey(row, index)}>
                {props.columns.map((column, place) => {
                  const Cell = place === 0 ? 'th' : 'td';
                  return (
                    <Cell key={column.id} scope={place === 0 ? 'row' : undefined} className={classOf(column)}>
                      {column.cell(row)}
                    </Cell>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {shown.length < sorted.length && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          Show all {sorted.length}
        </button>
      )}
    </>
  );
}

interface HeaderCellProps<Row> {
  readonly column: Column<Row>;
  readonly order: Order | undefined;
  readonly onOrder: (order: Order) => void;
}

function HeaderCell<Row>({ column, order, onOrder }: HeaderCellProps<Row>) {
  if (!column.sort) {
    return (
      <th scope="col" className={classOf(column)}>
        {column.header}
      </th>
    );
  }
  const active = order?.column === column.id;
  const descending = active ? !order.descending : column.align === 'number';
  return (
    <th
      scope="col"
      className={classOf(column)}
      aria-sort={active ? (order.descending ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" className="sort" onClick={() => onOrder({ column: column.id, descending })}>
        {column.header}
        {active && <span aria-hidden> {order.descending ? '↓' : '↑'}</span>}
      </button>
    </th>
  );
}

function classOf<Row>(column: Column<Row>): string {
  const names = [column.align, column.wide && 'wide', column.tight && 'tight', column.long && 'long'];
  return names.filter(Boolean).join(' ');
}

/** Rows in the wanted order; rows without a value come last either way. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  order: Order | undefined,
): readonly Row[] {
  const by = columns.find((column) => column.id === order?.column)?.sort;
  if (!by || !order) return rows;
  const sign = order.descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const left = by(a) ?? undefined;
    const right = by(b) ?? undefined;
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
    if (typeof left === 'number' && typeof right === 'number') return sign * (left - right);
    return sign * String(left).localeCompare(String(right), 'en', { numeric: true });
  });
}
