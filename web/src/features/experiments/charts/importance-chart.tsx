import { useQuery } from '@tanstack/react-query';
import { client } from '../../../app/client.ts';
import { counted, figure, percent } from '../../../format/numbers.ts';
import { Failure, Waiting } from '../../../parts/answer.tsx';
import { DataTable } from '../../../parts/data-table.tsx';
import { headerOf } from '../table/columns.ts';
import type { ChartSpec } from './chart-specs.ts';
import { type RunSet, selectionOf } from './run-set.ts';

interface ImportanceChartProps {
  readonly spec: ChartSpec & { readonly kind: 'importance' };
  readonly set: RunSet;
}

const FRESH_MS = 60_000;

/** Which params go along with a metric. */
export function ImportanceChart({ spec, set }: ImportanceChartProps) {
  const { orderBy: _, ...selection } = selectionOf(set);
  const body = { ...selection, target: spec.target };
  // A forest takes a second of the server to grow, so it is not grown with every change.
  const answer = useQuery({
    queryKey: ['importance', body],
    queryFn: () => client.tracking.paramImportance({ body }),
    staleTime: FRESH_MS,
    refetchOnWindowFocus: false,
  });
  if (answer.error) return <Failure error={answer.error} onRetry={() => void answer.refetch()} />;
  if (!answer.data) return <Waiting heightPx={200} />;
  const { runs, explained, params } = answer.data;
  const signed = (value: number | null) => (value === null ? '–' : figure(Number(value.toFixed(3))));
  return (
    <>
      <p className="small dimmed">
        {explained === null
          ? `Learned from ${counted(runs, 'run')}: too few, or all alike.`
          : explained <= 0
            ? `Learned from ${counted(runs, 'run')}. A forest knows nothing of runs that it has not seen, so the shares mean nothing.`
            : `Learned from ${counted(runs, 'run')}. A forest tells ${percent(explained, 0)} of the variance of runs that it has not seen.`}
      </p>
      {params.length === 0 ? (
        <p className="dimmed">No param has more than one value among these runs.</p>
      ) : (
        <DataTable
          label={`Importance of params for ${headerOf(spec.target)}`}
          rows={params}
          rowKey={({ column }) => column}
          limit={12}
          columns={[
            { id: 'param', header: 'Param', cell: ({ column }) => headerOf(column) },
            {
              id: 'importance',
              header: 'Importance, share',
              sort: ({ importance }) => importance,
              cell: ({ importance }) => (
                <div className="share-bar">
                  <i style={{ width: `${100 * importance}%` }} aria-hidden />
                  <span>{percent(importance)}</span>
                </div>
              ),
            },
            {
              id: 'spearman',
              header: 'Rank correlation',
              align: 'number',
              sort: ({ spearman }) => spearman,
              cell: ({ spearman }) => signed(spearman),
            },
            {
              id: 'pearson',
              header: 'Linear',
              align: 'number',
              wide: true,
              sort: ({ pearson }) => pearson,
              cell: ({ pearson }) => signed(pearson),
            },
          ]}
        />
      )}
    </>
  );
}
