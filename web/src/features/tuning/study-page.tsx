import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Study } from '#contract';
import { client } from '../../app/client.ts';
import { metricText } from '../../format/metrics.ts';
import { count } from '../../format/numbers.ts';
import { instant } from '../../format/times.ts';
import { Actor } from '../../parts/actor.tsx';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Value } from '../../parts/value.tsx';
import { Charts } from './charts.tsx';
import { dimensionWords, paramText } from './space.ts';
import { Trials } from './trials.tsx';

const route = getRouteApi('/tuning/$study');
const SHOWN = 2000;
const LIVE_MS = 3_000;

export function StudyPage() {
  const { study: name } = route.useParams();
  const params = { study: name };
  const study = useQuery({
    queryKey: ['tuning', 'study', name],
    queryFn: () => client.tuning.getStudy({ params }),
    refetchInterval: (query) => ((query.state.data?.counts.running ?? 0) > 0 ? LIVE_MS : false),
  });
  const trials = useQuery({
    queryKey: ['tuning', 'trials', name],
    queryFn: () => client.tuning.listTrials({ params, query: { limit: SHOWN } }),
    refetchInterval: (study.data?.counts.running ?? 0) > 0 ? LIVE_MS : false,
  });
  return (
    <Page title={name} crumbs={<Link to="/tuning">Tuning</Link>} lede={study.data && goal(study.data)}>
      <Answer query={study} heightPx={160}>
        {(known) => (
          <>
            <Summary study={known} />
            <Best study={known} />
            <Answer query={trials} heightPx={400}>
              {(answer) =>
                answer.trials.length === 0 ? (
                  <Panel title="Trials">
                    <Empty title="No trial yet">
                      POST /api/studies/{name}/ask starts one and answers its params; tell what came of it.
                    </Empty>
                  </Panel>
                ) : (
                  <>
                    <Charts study={known} trials={answer.trials} />
                    <Trials study={known} trials={answer.trials} />
                  </>
                )
              }
            </Answer>
            <Settings study={known} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function goal({ directions, experiment }: Study): string {
  const what = directions.length === 1 ? `${directions[0]} one value` : `trade off ${directions.length} values`;
  return `Searches for params that ${what}${experiment === null ? '' : `; each trial is a run of ${experiment}`}.`;
}

function Summary({ study }: { readonly study: Study }) {
  const { counts } = study;
  return (
    <section className="panel" aria-label="Summary">
      <div className="panel-body" style={{ paddingTop: 14 }}>
        <Facts
          facts={[
            { label: 'Complete', value: count(counts.complete), unit: 'trials', large: true },
            { label: 'Pruned', value: count(counts.pruned), unit: 'trials', large: true },
            { label: 'Failed', value: count(counts.failed), unit: 'trials', large: true },
            { label: 'Running', value: count(counts.running), unit: 'trials', large: true },
            { label: 'Goal', value: study.directions.join(', ') },
            {
              label: 'Tracked in',
              value:
                study.experiment === null ? (
                  'no experiment'
                ) : (
                  <Link to="/experiments/$experiment" params={{ experiment: study.experiment }}>
                    {study.experiment}
                  </Link>
                ),
            },
            { label: 'Made', value: instant(study.createdAtMs) },
            { label: 'By', value: <Actor id={study.createdBy} /> },
          ]}
        />
      </div>
    </section>
  );
}

function Best({ study: { best } }: { readonly study: Study }) {
  if (best.length === 0) return null;
  return (
    <Panel
      title={best.length === 1 ? 'Best trial' : 'Best trials'}
      note={best.length === 1 ? undefined : 'no other beats one of these in every objective'}
    >
      <div className="stack">
        {best.map((trial) => (
          <Facts
            key={trial.number}
            facts={[
              { label: `Trial ${trial.number}`, value: trial.values?.map(metricText).join(', ') ?? '–', large: true },
              ...Object.entries(trial.params).map(([label, value]) => ({ label, value: paramText(value) })),
              ...(trial.run === null
                ? []
                : [
                    {
                      label: 'Run',
                      value: (
                        <Link to="/runs/$run" params={{ run: trial.run }}>
                          open it
                        </Link>
                      ),
                    },
                  ]),
            ]}
          />
        ))}
      </div>
    </Panel>
  );
}

function Settings({ study }: { readonly study: Study }) {
  return (
    <div className="columns">
      <Panel title="Search space" flush>
        <DataTable
          label="Search space"
          rows={Object.entries(study.space)}
          rowKey={([param]) => param}
          columns={[
            { id: 'param', header: 'Param', cell: ([param]) => param },
            { id: 'range', header: 'May be', cell: ([, dimension]) => dimensionWords(dimension) },
          ]}
        />
      </Panel>
      <Panel title="Sampler and pruner">
        <Value value={{ sampler: study.sampler, pruner: study.pruner }} />
      </Panel>
    </div>
  );
}
