import { IconChecks } from '@tabler/icons-react';
import { headerOf, isNumeric, splitColumn } from './columns.ts';
import type { Order } from './orders.ts';

interface GridHeaderProps {
  readonly columns: readonly string[];
  readonly orders: readonly Order[];
  readonly onOrder: (column: string, more: boolean) => void;
  readonly onSelectAll: (() => Promise<void>) | undefined;
}

/** Headers that sort: with Shift by one column more. */
export function GridHeader({ columns, orders, onOrder, onSelectAll }: GridHeaderProps) {
  return (
    <thead>
      <tr aria-rowindex={1}>
        {['name', ...columns].map((column) => {
          const place = orders.findIndex((order) => order.column === column);
          const order = orders[place];
          const header = column === 'name' ? 'Run' : headerOf(column);
          return (
            <th
              key={column}
              scope="col"
              className={isNumeric(column) ? 'number' : undefined}
              aria-sort={order ? (order.descending ? 'descending' : 'ascending') : undefined}
            >
              {column === 'name' && onSelectAll && (
                <button
                  type="button"
                  className="select-all"
                  title="Select all that match, 1,000 at most"
                  aria-label="Select all runs that match, 1,000 at most"
                  onClick={() => void onSelectAll()}
                >
                  <IconChecks size={15} aria-hidden />
                </button>
              )}
              <button
                type="button"
                className="sort"
                title={titleOf(column, header)}
                onClick={(event) => onOrder(column, event.shiftKey)}
              >
                {header}
                {order && (
                  <span aria-hidden>
                    {' '}
                    {order.descending ? '↓' : '↑'}
                    {orders.length > 1 ? place + 1 : ''}
                  </span>
                )}
              </button>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function titleOf(column: string, header: string): string {
  const { kind } = splitColumn(column);
  const what = { metrics: 'metric, latest value', minima: 'metric', maxima: 'metric', params: 'param', tags: 'tag' };
  const about = kind === 'attributes' ? header : `${header} (${what[kind]})`;
  return `${about}. Click to sort, with Shift to sort by one more.`;
}
