import { Button, TextInput } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { TraceFigures, TraceInfo } from '#contract';
import { client } from '../../app/client.ts';
import { count, figure, percent } from '../../format/numbers.ts';
import { preciseInstant, span } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { type Column, DataTable, type Order } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Page } from '../../parts/page.tsx';
import { Paged } from '../../parts/paged.tsx';
import { Panel } from '../../parts/panel.tsx';
import { shortlyOfJson } from './shortly.ts';
import { TraceState } from './trace-state.tsx';

const route = getRouteApi('/experiments/$experiment/traces');
const PAGE_SIZE = 100;

/** Traces of an experiment: what programs that ask language models did, and what they amount to. */
export function TracesPage() {
  const { experiment } = route.useParams();
  const { filter = '', order } = route.useSearch();
  const figures = useQuery({
    queryKey: ['tracing', 'figures', experiment, filter],
    queryFn: () => client.tracing.traceFigures({ params: { experiment }, query: { filter } }),
  });
  return (
    <Page
      title={`Traces of ${experiment}`}
      crumbs={
        <>
          <Link to="/experiments">Experiments</Link>
          <Link to="/experiments/$experiment" params={{ experiment }}>
            {experiment}
          </Link>
        </>
      }
      actions={
        <Link to="/experiments/$experiment/evaluation-datasets" params={{ experiment }}>
          Evaluation datasets
        </Link>
      }
      lede="What programs that ask language models did for each request, step by step."
    >
      {/* The table says what is wrong. */}
      {!figures.isError && (
        <Panel title="Altogether" note={filter === '' ? 'all traces' : 'those that match'}>
          <Answer query={figures} heightPx={56}>
            {(answer) => <Figures figures={answer} />}
          </Answer>
        </Panel>
      )}
      <Panel title="Traces" flush>
        <Filter key={filter} filter={filter} />
        <Traces experiment={experiment} filter={filter} order={order} />
      </Panel>
    </Page>
  );
}

function Figures({ figures }: { readonly figures: TraceFigures }) {
  const { traces, errors, p50Ms, p95Ms, tokens, costUsd } = figures;
  return (
    <Facts
      facts={[
        { label: 'Traces', value: count(traces), large: true },
        { label: 'Failed', value: traces === 0 ? '–' : `${count(errors)} (${percent(errors / traces)})`, large: true },
        { label: 'Half take at most', value: p50Ms === null ? '–' : span(p50Ms), large: true },
        { label: '95 % take at most', value: p95Ms === null ? '–' : span(p95Ms), large: true },
        { label: 'Tokens in and out', value: `${count(tokens.input)} + ${count(tokens.output)}`, large: true },
        ...(costUsd > 0 ? [{ label: 'Cost', value: figure(costUsd), unit: 'US dollars', large: true }] : []),
      ]}
    />
  );
}

function Filter({ filter }: { readonly filter: string }) {
  const navigate = route.useNavigate();
  const [text, setText] = useState(filter);
  const open = (next: string | undefined) =>
    void navigate({ search: (search) => ({ ...search, filter: next }), resetScroll: false });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    open(text.trim() || undefined);
  };
  return (
    <form className="row toolbar" onSubmit={submit}>
      <TextInput
        aria-label="Filter of traces"
        placeholder="status = 'ERROR' and execution_time_ms > 500"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        style={{ flex: '1 1 240px', maxWidth: 640 }}
      />
      <Button type="submit" variant="default">
        Filter
      </Button>
      {filter === '' ? (
        <Button variant="subtle" onClick={() => open("status = 'ERROR'")}>
          Only failed
        </Button>
      ) : (
        <Button variant="subtle" onClick={() => open(undefined)}>
          Show all
        </Button>
      )}
    </form>
  );
}

interface TracesProps {
  readonly experiment: string;
  readonly filter: string;
  readonly order: string | undefined;
}

function Traces({ experiment, filter, order }: TracesProps) {
  const navigate = route.useNavigate();
  const found = useInfiniteQuery({
    queryKey: ['tracing', 'traces', experiment, filter, order ?? ''],
    queryFn: ({ pageParam }) =>
      client.tracing.searchTraces({
        params: { experiment },
        query: {
          filter,
          limit: PAGE_SIZE,
          ...(order === undefined ? {} : { orderBy: order }),
          ...(pageParam === null ? {} : { pageToken: pageParam }),
        },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextPageToken,
  });
  return (
    <Paged found={found} rowsOf={(page) => page.traces} more="Show more traces">
      {(traces, more) =>
        traces.length === 0 ? (
          <NoTraces filtered={filter !== ''} />
        ) : (
          <>
            <DataTable
              label="Traces"
              rows={traces}
              rowKey={(trace) => trace.id}
              columns={COLUMNS}
              order={orderOf(order)}
              onOrder={({ column, descending }) =>
                void navigate({
                  search: (search) => ({ ...search, order: `${column} ${descending ? 'desc' : 'asc'}` }),
                  resetScroll: false,
                })
              }
            />
            {more}
          </>
        )
      }
    </Paged>
  );
}

function NoTraces({ filtered }: { readonly filtered: boolean }) {
  if (filtered) return <Empty title="No such trace">Nothing in this experiment matches the filter.</Empty>;
  return (
    <Empty title="No trace yet" command="mlflow.openai.autolog()">
      Trace a program with MLflow's client, or send spans of OpenTelemetry to /v1/traces. In Python, for instance:
    </Empty>
  );
}

/** The server sorts, so columns are called as its search calls them. */
const COLUMNS: readonly Column<TraceInfo>[] = [
  {
    id: 'name',
    header: 'Trace',
    sort: (trace) => trace.name,
    cell: ({ id, name }) => (
      <Link to="/traces/$trace" params={{ trace: id }}>
        {name ?? id.slice(0, 13)}
      </Link>
    ),
  },
  { id: 'status', header: 'State', cell: ({ state }) => <TraceState state={state} /> },
  {
    id: 'timestamp_ms',
    header: 'Started',
    tight: true,
    sort: (trace) => trace.startedAtMs,
    cell: ({ startedAtMs }) => preciseInstant(startedAtMs),
  },
  {
    id: 'execution_time_ms',
    header: 'Took',
    align: 'number',
    sort: (trace) => trace.durationMs,
    cell: ({ durationMs }) => (durationMs === null ? '–' : span(durationMs)),
  },
  { id: 'tokens', header: 'Tokens', align: 'number', cell: ({ tokens }) => (tokens ? count(tokens.total) : '–') },
  { id: 'spans', header: 'Steps', align: 'number', wide: true, cell: ({ spans }) => count(spans) },
  {
    id: 'asked',
    header: 'Asked',
    long: true,
    wide: true,
    cell: ({ requestPreview }) => <span className="two-lines">{shortlyOfJson(requestPreview ?? '–')}</span>,
  },
  {
    id: 'answered',
    header: 'Answered',
    long: true,
    wide: true,
    cell: ({ responsePreview }) => <span className="two-lines">{shortlyOfJson(responsePreview ?? '–')}</span>,
  },
];

function orderOf(order: string | undefined): Order {
  const [column = 'timestamp_ms', direction = 'desc'] = (order ?? '').split(' ').filter((part) => part !== '');
  return { column, descending: direction === 'desc' };
}
