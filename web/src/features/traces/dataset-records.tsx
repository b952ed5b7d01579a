import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { EvaluationRecord } from '#contract';
import { client } from '../../app/client.ts';
import { instant } from '../../format/times.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Paged } from '../../parts/paged.tsx';
import { JsonBlock } from './json-block.tsx';
import { shortly } from './shortly.ts';

/** Records of an evaluation dataset, a page at a time, and one of them in full. */
export function DatasetRecords({ dataset }: { readonly dataset: string }) {
  const [chosen, setChosen] = useState<string>();
  const found = useInfiniteQuery({
    queryKey: ['tracing', 'dataset', dataset, 'records'],
    queryFn: ({ pageParam }) =>
      client.tracing.listEvaluationRecords({
        params: { dataset },
        query: pageParam === null ? {} : { pageToken: pageParam },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextPageToken,
  });
  return (
    <Paged found={found} rowsOf={(page) => page.records} more="Show more records">
      {(records, more) => {
        if (records.length === 0) {
          return (
            <Empty title="No record yet" command="dataset.merge_records([{'inputs': {'question': '…'}}])">
              Add questions, expected answers or traces with MLflow's client. In Python:
            </Empty>
          );
        }
        const record = records.find(({ id }) => id === chosen);
        return (
          <>
            <DataTable label="Records" rows={records} rowKey={({ id }) => id} columns={columnsOf(chosen, setChosen)} />
            {more}
            {record && <Whole record={record} />}
          </>
        );
      }}
    </Paged>
  );
}

function columnsOf(chosen: string | undefined, onChoose: (id: string) => void): readonly Column<EvaluationRecord>[] {
  return [
    {
      id: 'inputs',
      header: 'Asked',
      cell: ({ id, inputs }) => (
        <button type="button" className="record-name" aria-expanded={id === chosen} onClick={() => onChoose(id)}>
          <span className="two-lines">{shortly(inputs)}</span>
        </button>
      ),
    },
    { id: 'expected', header: 'Expected', long: true, cell: ({ expectations }) => <Preview value={expectations} /> },
    { id: 'outputs', header: 'Answered', long: true, wide: true, cell: ({ outputs }) => <Preview value={outputs} /> },
    { id: 'source', header: 'From', wide: true, cell: ({ source }) => <Source source={source} /> },
    { id: 'changed', header: 'Changed', tight: true, wide: true, cell: ({ changedAtMs }) => instant(changedAtMs) },
  ];
}

function Preview({ value }: { readonly value: unknown }) {
  return <span className="two-lines">{value === null || value === undefined ? '–' : shortly(value)}</span>;
}

function Source({ source }: { readonly source: EvaluationRecord['source'] }) {
  if (!source) return '–';
  const { source_type: type, source_data: data } = source;
  const trace = (data as { readonly trace_id?: unknown } | undefined)?.trace_id;
  if (typeof trace !== 'string' || trace === '') return String(type).toLowerCase();
  return (
    <Link to="/traces/$trace" params={{ trace }}>
      a trace
    </Link>
  );
}

function Whole({ record }: { readonly record: EvaluationRecord }) {
  const { inputs, expectations, outputs, tags, source } = record;
  return (
    <section className="opinion" aria-label="The whole record">
      <JsonBlock title="Asked" value={inputs} />
      {expectations !== null && <JsonBlock title="Expected" value={expectations} />}
      {outputs !== null && <JsonBlock title="Answered" value={outputs} />}
      {Object.keys(tags).length > 0 && <JsonBlock title="Tags" value={tags} />}
      {source !== null && <JsonBlock title="From" value={source} />}
    </section>
  );
}
