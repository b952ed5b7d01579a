import { queryOptions, useQuery } from '@tanstack/react-query';
import type { Diff, FileChange } from '#contract';
import { client } from '../../app/client.ts';
import { bytes, count, percent } from '../../format/numbers.ts';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ShortId } from '../../parts/short-id.tsx';
import { Status } from '../../parts/status.tsx';

interface DiffPanelProps {
  readonly repository: string;
  readonly from: string;
  readonly to: string;
}

const TONES = { added: 'ok', changed: 'info', removed: 'warning' } as const;

/** What differs between two commits. */
export function diffQuery(repository: string, from: string, to: string) {
  return queryOptions({
    queryKey: ['data', 'diff', repository, from, to],
    queryFn: () => client.data.diff({ params: { repository }, query: { from, to } }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What a commit changed against its parent, and how much of its bytes the parent had already. */
export function DiffPanel({ repository, from, to }: DiffPanelProps) {
  const params = { repository };
  const diff = useQuery(diffQuery(repository, from, to));
  const storage = useQuery({
    queryKey: ['data', 'storage', repository, from, to],
    queryFn: () => client.data.getStorage({ params, query: { from, to } }),
  });
  return (
    <Panel
      title="Changes"
      note={
        <>
          against <ShortId id={from} />
        </>
      }
      flush
    >
      <Answer query={diff}>{(answer) => <Changes diff={answer} />}</Answer>
      {storage.data && (
        <p className="small dimmed" style={{ padding: '8px 16px 14px' }}>
          Of {bytes(storage.data.storedBytes)} that its files take, {bytes(storage.data.sharedBytes)}
          {storage.data.storedBytes > 0 && ` (${percent(storage.data.sharedBytes / storage.data.storedBytes)})`} was
          stored with the parent already: {count(storage.data.sharedChunks)} of {count(storage.data.chunks)} chunks.
        </p>
      )}
    </Panel>
  );
}

function Changes({ diff }: { readonly diff: Diff }) {
  if (diff.files.length === 0) {
    return (
      <p className="dimmed" style={{ padding: '0 16px' }}>
        No file differs.
      </p>
    );
  }
  return (
    <DataTable
      label="Changed files"
      rows={diff.files}
      rowKey={(file) => file.path}
      limit={20}
      columns={[
        { id: 'path', header: 'Path', long: true, sort: (file) => file.path, cell: (file) => file.path },
        {
          id: 'change',
          header: 'Change',
          sort: (file) => file.change,
          cell: (file) => <Status tone={TONES[file.change]}>{file.change}</Status>,
        },
        { id: 'rows', header: 'Rows', align: 'number', cell: rowsOf },
        { id: 'size', header: 'Size', align: 'number', wide: true, cell: sizesOf },
      ]}
    />
  );
}

function rowsOf({ from, to }: FileChange): string {
  const rows = [from, to].flatMap((side) => (side?.table ? [count(side.table.rowCount)] : []));
  return rows.length === 0 ? '–' : rows.join(' → ');
}

function sizesOf({ from, to }: FileChange): string {
  return [from, to].flatMap((side) => (side ? [bytes(side.sizeBytes)] : [])).join(' → ');
}
