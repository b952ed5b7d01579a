import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Loop } from '#contract';
import { client } from '../../app/client.ts';
import { count, percent } from '../../format/numbers.ts';
import { instant } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { versionLink } from '../../parts/reference.tsx';
import { Status } from '../../parts/status.tsx';
import { Activity } from './activity.tsx';
import { PauseButton } from './pause-button.tsx';
import { Story } from './story.tsx';
import { Timeline } from './timeline.tsx';
import { stateOf } from './vocabulary.ts';

const route = getRouteApi('/');

/** The home page: whether all is well, how quality went, and what was done about it. */
export function LoopPage() {
  const { loop: wanted } = route.useSearch();
  const navigate = route.useNavigate();
  const loops = useQuery({ queryKey: ['loop', 'list'], queryFn: () => client.loop.listLoops() });
  const all = loops.data?.loops ?? [];
  const chosen = all.find((loop) => loop.name === wanted) ?? all[0];
  return (
    <Page
      title="Loop"
      lede="Keeps a served model good: a signal is triaged, the model retrained, gated, tried on a share of the traffic and promoted, or rolled back."
      actions={
        <>
          {all.length > 1 && (
            <SegmentedControl
              aria-label="Loop"
              size="xs"
              data={all.map((loop) => loop.name)}
              value={chosen?.name ?? ''}
              onChange={(loop) => void navigate({ search: { loop } })}
            />
          )}
          {chosen && <PauseButton loop={chosen} />}
        </>
      }
    >
      <Answer query={loops} heightPx={420}>
        {() => (chosen ? <OneLoop loop={chosen} /> : <NoLoop />)}
      </Answer>
    </Page>
  );
}

function NoLoop() {
  return (
    <>
      <Activity />
      <section className="panel">
        <Empty title="No loop yet" command="npx trimtab demo">
          A loop watches an endpoint and its monitor. The demo builds one from data to production on three million real
          flights, in a few minutes. For your own model: commit data, register a version, create an endpoint and a
          monitor, and put them under a loop with trimtab loop create.
        </Empty>
      </section>
    </>
  );
}

function OneLoop({ loop }: { readonly loop: Loop }) {
  const params = { loop: loop.name };
  const timeline = useQuery({
    queryKey: ['loop', 'timeline', loop.name],
    queryFn: () => client.loop.timeline({ params }),
  });
  const story = useQuery({
    queryKey: ['loop', 'transitions', loop.name],
    queryFn: () => client.loop.listTransitions({ params }),
  });
  const transitions = story.data?.transitions ?? [];
  return (
    <>
      <Now loop={loop} />
      <Activity />
      <Answer query={timeline} heightPx={380}>
        {({ days }) =>
          days.length > 0 ? (
            <>
              <Totals days={days} />
              <Timeline days={days} transitions={transitions} />
            </>
          ) : (
            <Panel title="Live quality by day">
              <Empty title="No window has been judged yet">
                The monitor {loop.monitor} judges a window once it has ended. Send predictions to the endpoint{' '}
                {loop.endpoint}, then their labels.
              </Empty>
            </Panel>
          )
        }
      </Answer>
      <Panel title="What happened" note="newest first, times in UTC">
        <Answer query={story}>
          {() =>
            transitions.length > 0 ? <Story transitions={transitions} /> : <p className="dimmed">Nothing so far.</p>
          }
        </Answer>
      </Panel>
      <Policy loop={loop} />
    </>
  );
}

function Now({ loop }: { readonly loop: Loop }) {
  const state = stateOf(loop.state);
  return (
    <section className="panel" aria-label="Current state">
      <div className="panel-body" style={{ paddingTop: 16 }}>
        <div className="row">
          <Status tone={state.tone}>{state.label}</Status>
          <span className="small dimmed">since {instant(loop.sinceMs)}</span>
        </div>
        <p className="sentence" role="status">
          {loop.sentence}
        </p>
        <Facts
          facts={[
            { label: 'Champion', value: versionLink(loop.champion) },
            { label: 'Challenger', value: loop.challenger ? versionLink(loop.challenger) : 'none' },
            {
              label: 'Endpoint',
              value: (
                <Link to="/endpoints/$endpoint" params={{ endpoint: loop.endpoint }}>
                  {loop.endpoint}
                </Link>
              ),
            },
            {
              label: 'Monitor',
              value: (
                <Link to="/monitors/$monitor" params={{ monitor: loop.monitor }}>
                  {loop.monitor}
                </Link>
              ),
            },
            {
              label: 'Pipeline',
              value: <Link to="/pipelines">{loop.policy.pipeline}</Link>,
            },
          ]}
        />
      </div>
    </section>
  );
}

function Totals({ days }: { readonly days: readonly { predictions: number; labelled: number }[] }) {
  const predictions = days.reduce((sum, one) => sum + one.predictions, 0);
  const labelled = days.reduce((sum, one) => sum + one.labelled, 0);
  return (
    <section className="panel" aria-label="Totals">
      <div className="panel-body" style={{ paddingTop: 14 }}>
        <Facts
          facts={[
            { label: 'Watched', value: count(days.length), unit: 'days', large: true },
            { label: 'Predictions answered', value: count(predictions), large: true },
            { label: 'With a label', value: count(labelled), large: true },
            {
              label: 'Share with a label',
              value: predictions > 0 ? percent(labelled / predictions) : 'none yet',
              large: true,
            },
          ]}
        />
      </div>
    </section>
  );
}

function Policy({ loop }: { readonly loop: Loop }) {
  const { policy } = loop;
  return (
    <Panel title="Policy" note={`made ${instant(loop.createdAtMs)}`}>
      <Facts
        facts={[
          { label: 'A data fault ends after', value: count(policy.recoveryWindows), unit: 'clean windows' },
          { label: 'Training uses up to', value: count(policy.trainingWindows), unit: 'windows' },
          { label: 'A canary answers', value: percent(policy.canaryShare, 0), unit: 'of the traffic' },
          { label: 'A canary needs', value: count(policy.canaryWindows), unit: 'labelled windows' },
          { label: 'and at least', value: count(policy.canaryMinRows), unit: 'labelled rows of its own' },
          { label: 'Rest after a retraining', value: count(policy.cooldownWindows), unit: 'windows' },
          policy.followUpWindows === 0
            ? { label: 'Trains once more', value: 'never' }
            : {
                label: 'Trains once more after',
                value: count(policy.followUpWindows),
                unit: 'labelled windows from a promotion',
              },
        ]}
      />
    </Panel>
  );
}
