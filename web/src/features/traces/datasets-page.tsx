import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { EvaluationDataset } from '#contract';
import { client } from '../../app/client.ts';
import { count } from '../../format/numbers.ts';
import { instant } from '../../format/times.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Paged } from '../../parts/paged.tsx';
import { Panel } from '../../parts/panel.tsx';

const route = getRouteApi('/experiments/$experiment/evaluation-datasets');

/** Evaluation datasets of an experiment. */
export function DatasetsPage() {
  const { experiment } = route.useParams();
  return (
    <Page
      title={`Evaluation datasets of ${experiment}`}
      crumbs={
        <>
          <Link to="/experiments">Experiments</Link>
          <Link to="/experiments/$experiment" params={{ experiment }}>
            {experiment}
          </Link>
          <Link to="/experiments/$experiment/traces" params={{ experiment }}>
            Traces
          </Link>
        </>
      }
      lede="Questions with expected answers, by which programs that ask language models are judged."
    >
      <Panel title="Datasets" flush>
        <Datasets experiment={experiment} />
      </Panel>
    </Page>
  );
}

function Datasets({ experiment }: { readonly experiment: string }) {
  const found = useInfiniteQuery({
    queryKey: ['tracing', 'datasets', experiment],
    queryFn: ({ pageParam }) =>
      client.tracing.listEvaluationDatasets({
        query: { experiment, ...(pageParam === null ? {} : { pageToken: pageParam }) },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextPageToken,
  });
  return (
    <Paged found={found} rowsOf={(page) => page.datasets} more="Show more datasets">
      {(datasets, more) =>
        datasets.length === 0 ? (
          <Empty title="No evaluation dataset yet" command="mlflow.genai.datasets.create_dataset(name='questions')">
            Make one with MLflow's client, while this experiment is the active one. In Python:
          </Empty>
        ) : (
          <>
            <DataTable label="Evaluation datasets" rows={datasets} rowKey={({ id }) => id} columns={COLUMNS} />
            {more}
          </>
        )
      }
    </Paged>
  );
}

const COLUMNS: readonly Column<EvaluationDataset>[] = [
  {
    id: 'name',
    header: 'Dataset',
    sort: ({ name }) => name,
    cell: ({ id, name }) => (
      <Link to="/evaluation-datasets/$dataset" params={{ dataset: id }}>
        {name}
      </Link>
    ),
  },
  {
    id: 'records',
    header: 'Records',
    align: 'number',
    sort: ({ records }) => records,
    cell: ({ records }) => count(records),
  },
  {
    id: 'experiments',
    header: 'Experiments',
    long: true,
    wide: true,
    cell: ({ experiments }) => experiments.map(({ name }) => name).join(', '),
  },
  { id: 'by', header: 'Made by', wide: true, cell: ({ createdBy }) => createdBy ?? '–' },
  {
    id: 'changed',
    header: 'Changed',
    tight: true,
    sort: ({ changedAtMs }) => changedAtMs,
    cell: ({ changedAtMs }) => instant(changedAtMs),
  },
];
