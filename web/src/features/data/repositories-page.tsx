import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { bytes, count, counted } from '../../format/numbers.ts';
import { instant } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';

export function RepositoriesPage() {
  const answer = useQuery({
    queryKey: ['data', 'repositories'],
    queryFn: () => client.data.listRepositories(),
  });
  return (
    <Page
      title="Data"
      lede="Repositories of files and tables. Every commit is kept as it was, and stores only the chunks that no other one has."
    >
      <Answer query={answer}>
        {({ repositories }) => (
          <Panel title="Repositories" note={counted(repositories.length, 'repository', 'repositories')} flush>
            {repositories.length === 0 ? (
              <Empty title="No repository yet" command="npx trimtab demo">
                Make one and commit a Parquet or CSV file with trimtab data, or let the demo commit three million
                flights, validate them and set the broken rows aside.
              </Empty>
            ) : (
              <DataTable
                label="Repositories"
                rows={repositories}
                rowKey={(repository) => repository.name}
                columns={[
                  {
                    id: 'name',
                    header: 'Repository',
                    sort: (repository) => repository.name,
                    cell: (repository) => (
                      <>
                        <Link to="/data/$repository" params={{ repository: repository.name }}>
                          {repository.name}
                        </Link>
                        {repository.description && <div className="small dimmed">{repository.description}</div>}
                      </>
                    ),
                  },
                  {
                    id: 'latest',
                    header: 'Latest commit',
                    long: true,
                    cell: ({ name, latest }) =>
                      latest === null ? (
                        'none'
                      ) : (
                        <>
                          <Link to="/data/$repository/$commit" params={{ repository: name, commit: latest.id }}>
                            {latest.message}
                          </Link>
                          <div className="small dimmed">{instant(latest.createdAtMs)}</div>
                        </>
                      ),
                  },
                  {
                    id: 'files',
                    header: 'Files',
                    align: 'number',
                    wide: true,
                    cell: ({ latest }) => (latest === null ? '–' : count(latest.entries)),
                  },
                  {
                    id: 'size',
                    header: 'Size',
                    align: 'number',
                    wide: true,
                    sort: ({ latest }) => latest?.sizeBytes,
                    cell: ({ latest }) => (latest === null ? '–' : bytes(latest.sizeBytes)),
                  },
                  {
                    id: 'commits',
                    header: 'Commits',
                    align: 'number',
                    sort: (repository) => repository.commits,
                    cell: (repository) => count(repository.commits),
                  },
                ]}
              />
            )}
          </Panel>
        )}
      </Answer>
    </Page>
  );
}
