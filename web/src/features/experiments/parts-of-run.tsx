import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { client } from '../../app/client.ts';
import { counted } from '../../format/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { columnName, isNumeric } from './table/columns.ts';
import { nextOrders, type Order, orderTexts } from './table/orders.ts';
import { RunsGrid } from './table/runs-grid.tsx';

const METRICS = 4;
const PARAMS = 4;
const MAX_ROWS = 15;

interface PartsProps {
  readonly run: string;
  readonly experiment: string;
}

/** The runs that are part of a run, such as the trials of a tuning; nothing when there are none. */
export function Parts({ run, experiment }: PartsProps) {
  const [orders, setOrders] = useState<readonly Order[]>([]);
  const within = useMemo(() => [{ column: 'parent', value: run }], [run]);
  // What the newest of them was told and measured is what the table shows.
  const answer = useQuery({
    queryKey: ['tracking', 'parts', run],
    queryFn: () => client.tracking.searchRuns({ body: { filter: `parent = '${run}'`, limit: 1 } }),
  });
  const found = useQuery({
    queryKey: ['tracking', 'parts-found', run],
    queryFn: async () =>
      (await client.tracking.runTable({ body: { experiments: [experiment], columns: [], within, limit: 1 } })).total,
  });
  const [first] = answer.data?.runs ?? [];
  const columns = useMemo(
    () => [
      'status',
      ...(first?.metrics ?? []).slice(0, METRICS).map(({ key }) => columnName('metrics', key)),
      ...Object.keys(first?.params ?? {})
        .slice(0, PARAMS)
        .map((key) => columnName('params', key)),
      'startedAt',
      'duration',
    ],
    [first],
  );
  if (!first || !found.data) return null;
  return (
    <Panel title="Its parts" note={counted(found.data, 'run')} flush>
      <RunsGrid
        shown={{ experiments: [experiment], orderBy: orderTexts(orders), within, groupBy: [], nested: false }}
        columns={columns}
        orders={orders}
        onOrder={(column, more) => setOrders(nextOrders(orders, column, isNumeric(column), more))}
        maxRows={MAX_ROWS}
      />
    </Panel>
  );
}
