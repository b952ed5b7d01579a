import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Commit, FileEntry } from '#contract';
import { client } from '../../app/client.ts';
import { bytes, count, counted } from '../../format/numbers.ts';
import { preciseInstant } from '../../format/times.ts';
import { Actor } from '../../parts/actor.tsx';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Download } from '../../parts/download.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ShortId } from '../../parts/short-id.tsx';
import { Value } from '../../parts/value.tsx';
import { LineagePanel } from '../lineage/lineage-panel.tsx';
import { DiffPanel, diffQuery } from './diff-panel.tsx';
import { TablePanels } from './table-panels.tsx';

const route = getRouteApi('/data/$repository/$commit');

export function CommitPage() {
  const { repository, commit: ref } = route.useParams();
  const { path } = route.useSearch();
  const commit = useQuery({
    queryKey: ['data', 'commit', repository, ref],
    queryFn: () => client.data.getCommit({ params: { repository, ref } }),
  });
  const files = useQuery({
    queryKey: ['data', 'entries', repository, ref],
    queryFn: () => client.data.listEntries({ params: { repository }, query: { ref } }),
  });
  const parent = commit.data?.parents[0];
  const changes = useQuery({
    ...diffQuery(repository, parent ?? '', commit.data?.id ?? ''),
    enabled: parent !== undefined,
  });
  const entries = files.data?.entries ?? [];
  const changed = new Set(changes.data?.files.map((file) => file.path));
  const settled = parent === undefined ? commit.isFetched : changes.isFetched;
  const chosen = settled ? (entries.find((entry) => entry.path === path) ?? firstTable(entries, changed)) : undefined;
  return (
    <Page
      title={commit.data?.message ?? 'Commit'}
      crumbs={
        <>
          <Link to="/data">Data</Link>
          <Link to="/data/$repository" params={{ repository }}>
            {repository}
          </Link>
          <ShortId id={ref} />
        </>
      }
    >
      <Answer query={commit} heightPx={120}>
        {(known) => <Summary commit={known} />}
      </Answer>
      {commit.data && parent !== undefined && <DiffPanel repository={repository} from={parent} to={commit.data.id} />}
      <Answer query={files} heightPx={200}>
        {({ next }) => (
          <Files repository={repository} commit={ref} entries={entries} chosen={chosen?.path} more={next !== null} />
        )}
      </Answer>
      {chosen?.table && (
        <TablePanels
          key={chosen.path}
          repository={repository}
          commit={ref}
          entry={chosen}
          schemas={entries.flatMap((entry) => (/^schemas\/.+\.json$/.test(entry.path) ? [entry.path] : []))}
        />
      )}
      {commit.data && <LineagePanel of={commit.data.ref} />}
    </Page>
  );
}

/** The table one most likely wants to see: one that this commit brought, clean rows rather than those set aside. */
function firstTable(entries: readonly FileEntry[], changed: ReadonlySet<string>): FileEntry | undefined {
  const tables = entries.filter((entry) => entry.table !== null);
  const brought = tables.filter(({ path }) => changed.has(path));
  return (
    brought.find(({ path }) => path.startsWith('clean/')) ??
    brought[0] ??
    tables.find(({ path }) => !path.startsWith('quarantine/')) ??
    tables[0]
  );
}

function Summary({ commit }: { readonly commit: Commit }) {
  return (
    <section className="panel" aria-label="Summary">
      <div className="panel-body" style={{ paddingTop: 14 }}>
        <Facts
          facts={[
            { label: 'Made', value: preciseInstant(commit.createdAtMs) },
            { label: 'By', value: <Actor id={commit.author} /> },
            { label: 'Files', value: count(commit.entries) },
            { label: 'Size', value: bytes(commit.sizeBytes) },
            {
              label: commit.parents.length > 1 ? 'Parents' : 'Parent',
              value:
                commit.parents.length === 0
                  ? 'none, the first commit'
                  : commit.parents.map((parent) => (
                      <Link
                        key={parent}
                        to="/data/$repository/$commit"
                        params={{ repository: commit.repository, commit: parent }}
                      >
                        <ShortId id={parent} />{' '}
                      </Link>
                    )),
            },
            { label: 'Commit', value: <ShortId id={commit.id} length={16} /> },
          ]}
        />
        {Object.keys(commit.meta).length > 0 && (
          <details className="disclosure small" style={{ marginTop: 12 }}>
            <summary>What its maker attached</summary>
            <div style={{ marginTop: 6 }}>
              <Value value={commit.meta} />
            </div>
          </details>
        )}
      </div>
    </section>
  );
}

interface FilesProps {
  readonly repository: string;
  readonly commit: string;
  readonly entries: readonly FileEntry[];
  readonly chosen: string | undefined;
  readonly more: boolean;
}

function Files({ repository, commit, entries, chosen, more }: FilesProps) {
  return (
    <Panel title="Files" note={`${counted(entries.length, 'file')}${more ? ', there are more' : ''}`} flush>
      {entries.length === 0 ? (
        <Empty title="No file">This commit holds nothing: it is where a repository begins.</Empty>
      ) : (
        <DataTable
          label="Files of the commit"
          rows={entries}
          rowKey={(entry) => entry.path}
          limit={15}
          columns={[
            {
              id: 'path',
              header: 'Path',
              long: true,
              sort: (entry) => entry.path,
              cell: (entry) =>
                entry.table === null ? (
                  <Download href={fileUrl(repository, commit, entry.path)} name={nameOf(entry.path)}>
                    {entry.path}
                  </Download>
                ) : (
                  <Link
                    to="/data/$repository/$commit"
                    params={{ repository, commit }}
                    search={{ path: entry.path }}
                    resetScroll={false}
                    aria-current={entry.path === chosen ? 'true' : undefined}
                  >
                    {entry.path}
                  </Link>
                ),
            },
            {
              id: 'format',
              header: 'Format',
              wide: true,
              cell: (entry) => (entry.table === null ? 'file' : entry.table.format),
            },
            {
              id: 'rows',
              header: 'Rows',
              align: 'number',
              sort: (entry) => entry.table?.rowCount,
              cell: (entry) => (entry.table === null ? '–' : count(entry.table.rowCount)),
            },
            {
              id: 'columns',
              header: 'Columns',
              align: 'number',
              wide: true,
              cell: (entry) => (entry.table === null ? '–' : count(entry.table.columns.length)),
            },
            {
              id: 'size',
              header: 'Size',
              align: 'number',
              sort: (entry) => entry.sizeBytes,
              cell: (entry) => bytes(entry.sizeBytes),
            },
          ]}
        />
      )}
    </Panel>
  );
}

/** The last part of a path. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function fileUrl(repository: string, ref: string, path: string): string {
  return `/api/repositories/${encodeURIComponent(repository)}/files?${new URLSearchParams({ ref, path })}`;
}
