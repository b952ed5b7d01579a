import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { count, counted } from '../../format/numbers.ts';
import { instant } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';

export function ExperimentsPage() {
  const answer = useQuery({
    queryKey: ['tracking', 'experiments'],
    queryFn: () => client.tracking.listExperiments(),
  });
  return (
    <Page
      title="Experiments"
      lede="Runs with what they were told, what they measured, which data and code they used, and the files they left."
      actions={<Link to="/trash">Trash</Link>}
    >
      <Answer query={answer}>
        {({ experiments }) => (
          <Panel title="Experiments" note={counted(experiments.length, 'experiment')} flush>
            {experiments.length === 0 ? (
              <Empty title="No experiment yet" command="npx trimtab demo">
                A training step tracks its runs by itself; your own code does with POST /api/experiments and POST
                /api/runs. The demo tunes a model, each trial a run.
              </Empty>
            ) : (
              <DataTable
                label="Experiments"
                rows={experiments}
                rowKey={(experiment) => experiment.id}
                columns={[
                  {
                    id: 'name',
                    header: 'Experiment',
                    sort: (experiment) => experiment.name,
                    cell: (experiment) => (
                      <>
                        <Link to="/experiments/$experiment" params={{ experiment: experiment.name }}>
                          {experiment.name}
                        </Link>
                        {experiment.description && <div className="small dimmed">{experiment.description}</div>}
                      </>
                    ),
                  },
                  {
                    id: 'folder',
                    header: 'Folder',
                    wide: true,
                    sort: (experiment) => experiment.tags['trimtab.folder'],
                    cell: (experiment) => experiment.tags['trimtab.folder'] ?? <span className="dimmed">–</span>,
                  },
                  {
                    id: 'runs',
                    header: 'Runs',
                    align: 'number',
                    sort: (experiment) => experiment.runs,
                    cell: (experiment) => count(experiment.runs),
                  },
                  {
                    id: 'running',
                    header: 'Running',
                    align: 'number',
                    wide: true,
                    sort: (experiment) => experiment.runningRuns,
                    cell: (experiment) => count(experiment.runningRuns),
                  },
                  {
                    id: 'activity',
                    header: 'Last activity',
                    tight: true,
                    sort: (experiment) => experiment.lastActivityAtMs,
                    cell: (experiment) => instant(experiment.lastActivityAtMs),
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
