import { Button, TextInput } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { ExperimentColumns, Run } from '#contract';
import { client } from '../../app/client.ts';
import { counted } from '../../format/numbers.ts';
import { Answer, Failure, Waiting } from '../../parts/answer.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ColumnChoice } from './column-choice.tsx';
import { orderBy, shownColumns } from './columns.ts';
import { RunsTable } from './runs-table.tsx';

const route = getRouteApi('/experiments/$experiment');
const PAGE_SIZE = 100;

export function ExperimentPage() {
  const { experiment } = route.useParams();
  const answer = useQuery({
    queryKey: ['tracking', 'experiment', experiment],
    queryFn: () => client.tracking.getExperiment({ params: { experiment } }),
  });
  const columns = useQuery({
    queryKey: ['tracking', 'columns', experiment],
    queryFn: () => client.tracking.listColumns({ params: { experiment } }),
  });
  return (
    <Page title={experiment} crumbs={<Link to="/experiments">Experiments</Link>} lede={answer.data?.description}>
      <Answer query={columns} heightPx={400}>
        {(known) => <Runs experiment={experiment} known={known} total={answer.data?.runs} />}
      </Answer>
    </Page>
  );
}

interface RunsProps {
  readonly experiment: string;
  readonly known: ExperimentColumns;
  readonly total: number | undefined;
}

function Runs({ experiment, known, total }: RunsProps) {
  const { filter, columns: chosen, sort, descending = false } = route.useSearch();
  const navigate = route.useNavigate();
  const [selected, setSelected] = useState<readonly string[]>([]);
  const columns = shownColumns(known, chosen);
  const search = useInfiniteQuery({
    queryKey: ['tracking', 'runs', experiment, filter ?? '', sort ?? '', descending],
    queryFn: ({ pageParam }) =>
      client.tracking.searchRuns({
        body: {
          experiments: [experiment],
          limit: PAGE_SIZE,
          orderBy: orderBy(sort, descending),
          ...(filter === undefined ? {} : { filter }),
          ...(pageParam === null ? {} : { pageToken: pageParam }),
        },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextPageToken,
    placeholderData: keepPreviousData,
  });
  const runs = search.data?.pages.flatMap((page) => page.runs);
  return (
    <Panel
      title="Runs"
      note={total === undefined ? undefined : `${counted(total, 'run')}, newest first unless sorted`}
      flush
    >
      <div className="row toolbar">
        <Filter filter={filter ?? ''} />
        <ColumnChoice
          known={known}
          shown={columns}
          onChange={(value) => void navigate({ search: (before) => ({ ...before, columns: value }) })}
        />
        <Compare runs={selected} />
      </div>
      {search.error && (
        <div style={{ padding: '0 16px 12px' }}>
          <Failure error={search.error} />
        </div>
      )}
      {!runs && !search.error && (
        <div style={{ padding: 16 }}>
          <Waiting heightPx={300} />
        </div>
      )}
      {runs && runs.length === 0 && <NoRun filtered={filter !== undefined} />}
      {runs && runs.length > 0 && (
        <RunsTable
          runs={runs}
          columns={columns}
          order={sort === undefined ? undefined : { column: sort, descending }}
          onOrder={(order) =>
            void navigate({
              search: (before) => ({ ...before, sort: order.column, descending: order.descending || undefined }),
            })
          }
          selected={selected}
          onSelect={setSelected}
        />
      )}
      {search.hasNextPage && (
        <button type="button" className="more" onClick={() => void search.fetchNextPage()}>
          {search.isFetchingNextPage ? 'Loading' : 'Show more runs'}
        </button>
      )}
    </Panel>
  );
}

function NoRun({ filtered }: { readonly filtered: boolean }) {
  return filtered ? (
    <Empty title="No run meets the filter">Write less of it, or clear it.</Empty>
  ) : (
    <Empty title="No run yet">POST /api/runs starts one; a training step of a pipeline does so by itself.</Empty>
  );
}

function Filter({ filter }: { readonly filter: string }) {
  const navigate = route.useNavigate();
  const [text, setText] = useState(filter);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ search: (before) => ({ ...before, filter: text.trim() || undefined }) });
  };
  return (
    <form onSubmit={submit} className="row" style={{ flex: '1 1 280px', flexWrap: 'nowrap', minWidth: 0 }}>
      <TextInput
        aria-label="Filter of runs"
        placeholder="metrics.auc > 0.6 and params.depth = '6'"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        style={{ flex: 1, minWidth: 0 }}
      />
      <Button type="submit" variant="default">
        Filter
      </Button>
    </form>
  );
}

function Compare({ runs }: { readonly runs: readonly Run['id'][] }) {
  if (runs.length < 2) return <span className="small dimmed">Select two runs or more to compare them.</span>;
  return (
    <Link to="/compare" search={{ runs: [...runs] }} className="button-link">
      Compare {runs.length} runs
    </Link>
  );
}
