import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { RepositoryDetail, StorageFigures } from '#contract';
import { client } from '../../app/client.ts';
import { bytes, count, counted, percent } from '../../format/numbers.ts';
import { instant } from '../../format/times.ts';
import { Actor } from '../../parts/actor.tsx';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ShortId } from '../../parts/short-id.tsx';

const route = getRouteApi('/data/$repository');
const SHOWN = 200;

export function RepositoryPage() {
  const { repository: name } = route.useParams();
  const { branch: wanted } = route.useSearch();
  const repository = useQuery({
    queryKey: ['data', 'repository', name],
    queryFn: () => client.data.getRepository({ params: { repository: name } }),
  });
  const branch = wanted ?? repository.data?.defaultBranch;
  const storage = useQuery({
    queryKey: ['data', 'storage', name],
    queryFn: () => client.data.getStorage({ params: { repository: name } }),
  });
  return (
    <Page title={name} crumbs={<Link to="/data">Data</Link>} lede={repository.data?.description}>
      <Answer query={repository} heightPx={300}>
        {(known) => (
          <>
            <Answer query={storage} heightPx={80}>
              {(figures) => <Storage figures={figures} />}
            </Answer>
            {branch !== undefined && <Log repository={known} branch={branch} />}
            <Names repository={known} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Storage({ figures }: { readonly figures: StorageFigures }) {
  const { logicalBytes, storedBytes } = figures;
  return (
    <section className="panel" aria-label="Storage">
      <div className="panel-body" style={{ paddingTop: 14 }}>
        <Facts
          facts={[
            { label: 'Distinct files', value: count(figures.objects), large: true },
            { label: 'As plain copies', value: bytes(logicalBytes), large: true },
            { label: 'Stored', value: bytes(storedBytes), large: true },
            ...(logicalBytes > 0
              ? [{ label: 'Stored of plain', value: percent(storedBytes / logicalBytes), large: true }]
              : []),
            { label: 'Chunks', value: count(figures.chunks), large: true },
            { label: 'Shared between files', value: count(figures.sharedChunks), unit: 'chunks', large: true },
          ]}
        />
      </div>
    </section>
  );
}

function Log({ repository, branch }: { readonly repository: RepositoryDetail; readonly branch: string }) {
  const navigate = route.useNavigate();
  const answer = useQuery({
    queryKey: ['data', 'commits', repository.name, branch],
    queryFn: () =>
      client.data.listCommits({ params: { repository: repository.name }, query: { ref: branch, limit: SHOWN } }),
  });
  const names = repository.branches.map(({ name }) => name);
  return (
    <Panel
      title="Commits"
      note={
        <Select
          size="xs"
          aria-label="Branch"
          data={names.includes(branch) ? names : [branch, ...names]}
          value={branch}
          onChange={(value) => void navigate({ search: { branch: value ?? undefined } })}
        />
      }
      flush
    >
      <Answer query={answer}>
        {({ commits }) => (
          <DataTable
            label={`Commits of ${branch}, newest first`}
            rows={commits}
            rowKey={(commit) => commit.id}
            limit={25}
            columns={[
              {
                id: 'message',
                header: 'Commit',
                long: true,
                cell: (commit) => (
                  <>
                    <Link to="/data/$repository/$commit" params={{ repository: repository.name, commit: commit.id }}>
                      {commit.message}
                    </Link>
                    <div className="small dimmed">
                      <ShortId id={commit.id} /> by <Actor id={commit.author} />
                    </div>
                  </>
                ),
              },
              { id: 'made', header: 'Made', tight: true, cell: (commit) => instant(commit.createdAtMs) },
              { id: 'files', header: 'Files', align: 'number', wide: true, cell: (commit) => count(commit.entries) },
              { id: 'size', header: 'Size', align: 'number', wide: true, cell: (commit) => bytes(commit.sizeBytes) },
            ]}
          />
        )}
      </Answer>
    </Panel>
  );
}

function Names({ repository }: { readonly repository: RepositoryDetail }) {
  const at = (commit: string) => (
    <Link to="/data/$repository/$commit" params={{ repository: repository.name, commit }}>
      <ShortId id={commit} />
    </Link>
  );
  return (
    <div className="columns">
      <Panel title="Branches" note={counted(repository.branches.length, 'branch', 'branches')} flush>
        <DataTable
          label="Branches"
          rows={repository.branches}
          rowKey={(branch) => branch.name}
          columns={[
            { id: 'name', header: 'Branch', sort: (branch) => branch.name, cell: (branch) => branch.name },
            { id: 'head', header: 'Head', cell: (branch) => at(branch.head) },
            { id: 'moved', header: 'Moved', tight: true, cell: (branch) => instant(branch.movedAtMs) },
          ]}
        />
      </Panel>
      <Panel title="Tags" note={counted(repository.tags.length, 'tag')} flush>
        {repository.tags.length === 0 ? (
          <p className="dimmed" style={{ padding: '0 16px 16px' }}>
            None. A tag names a commit for ever.
          </p>
        ) : (
          <DataTable
            label="Tags"
            rows={repository.tags}
            rowKey={(tag) => tag.name}
            columns={[
              { id: 'name', header: 'Tag', sort: (tag) => tag.name, cell: (tag) => tag.name },
              { id: 'commit', header: 'Commit', cell: (tag) => at(tag.commit) },
              { id: 'made', header: 'Made', tight: true, cell: (tag) => instant(tag.createdAtMs) },
            ]}
          />
        )}
      </Panel>
    </div>
  );
}
