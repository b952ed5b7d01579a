import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Study } from '#contract';
import { client } from '../../app/client.ts';
import { metricText } from '../../format/metrics.ts';
import { count, counted } from '../../format/numbers.ts';
import { instant } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';

export function StudiesPage() {
  const answer = useQuery({ queryKey: ['tuning', 'studies'], queryFn: () => client.tuning.listStudies() });
  return (
    <Page
      title="Tuning"
      lede="Studies that search for good params: each trial is proposed, reports on its way, and is ended early when it falls behind."
    >
      <Answer query={answer}>
        {({ studies }) => (
          <Panel title="Studies" note={`${counted(studies.length, 'study', 'studies')}, newest first`} flush>
            {studies.length === 0 ? (
              <Empty title="No study yet" command="npx trimtab demo">
                Make one with trimtab study or POST /api/studies, then ask for params and tell what came of them. The
                demo tunes gradient-boosted trees, each trial a tracked run.
              </Empty>
            ) : (
              <DataTable
                label="Studies"
                rows={studies}
                rowKey={(study) => study.name}
                columns={[
                  {
                    id: 'name',
                    header: 'Study',
                    sort: (study) => study.name,
                    cell: (study) => (
                      <Link to="/tuning/$study" params={{ study: study.name }}>
                        {study.name}
                      </Link>
                    ),
                  },
                  {
                    id: 'trials',
                    header: 'Trials',
                    align: 'number',
                    sort: trialsOf,
                    cell: (study) => count(trialsOf(study)),
                  },
                  {
                    id: 'pruned',
                    header: 'Pruned',
                    align: 'number',
                    wide: true,
                    cell: (study) => count(study.counts.pruned),
                  },
                  {
                    id: 'failed',
                    header: 'Failed',
                    align: 'number',
                    wide: true,
                    cell: (study) => count(study.counts.failed),
                  },
                  {
                    id: 'best',
                    header: 'Best value',
                    align: 'number',
                    cell: (study) => study.best[0]?.values?.map(metricText).join(', ') ?? 'none yet',
                  },
                  { id: 'goal', header: 'Goal', wide: true, cell: (study) => study.directions.join(', ') },
                  { id: 'sampler', header: 'Sampler', wide: true, cell: (study) => study.sampler.name },
                  {
                    id: 'made',
                    header: 'Made',
                    tight: true,
                    sort: (study) => study.createdAtMs,
                    cell: (study) => instant(study.createdAtMs),
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

function trialsOf({ counts }: Study): number {
  return counts.running + counts.complete + counts.pruned + counts.failed;
}
