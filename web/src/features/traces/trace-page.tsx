import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Trace } from '#contract';
import { client } from '../../app/client.ts';
import { count, counted, figure } from '../../format/numbers.ts';
import { span as duration, preciseInstant } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { type Fact, Facts } from '../../parts/facts.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ShortId } from '../../parts/short-id.tsx';
import { Assessments } from './assessments.tsx';
import { shortlyOfJson } from './shortly.ts';
import { SpanPanel } from './span-panel.tsx';
import { Timeline } from './timeline.tsx';
import { TraceState } from './trace-state.tsx';

const route = getRouteApi('/traces/$trace');
const POLL_MS = 2_000;

/** One trace: its steps against time, one of them in full, and what is thought of the whole. */
export function TracePage() {
  const { trace } = route.useParams();
  const answer = useQuery({
    queryKey: ['tracing', 'trace', trace],
    queryFn: () => client.tracing.getTrace({ params: { trace } }),
    refetchInterval: (query) => (query.state.data?.state === 'in-progress' ? POLL_MS : false),
  });
  const experiments = useQuery({
    queryKey: ['tracking', 'experiments'],
    queryFn: () => client.tracking.listExperiments(),
  });
  const experiment = experiments.data?.experiments.find(({ id }) => id === answer.data?.experimentId)?.name;
  return (
    <Page
      title={answer.data?.name ?? 'Trace'}
      crumbs={
        <>
          <Link to="/experiments">Experiments</Link>
          {experiment !== undefined && (
            <>
              <Link to="/experiments/$experiment" params={{ experiment }}>
                {experiment}
              </Link>
              <Link to="/experiments/$experiment/traces" params={{ experiment }}>
                Traces
              </Link>
            </>
          )}
        </>
      }
      lede={<span className="mono">{trace}</span>}
    >
      <Answer query={answer} heightPx={400}>
        {(shown) => <Shown trace={shown} />}
      </Answer>
    </Page>
  );
}

function Shown({ trace }: { readonly trace: Trace }) {
  const [chosen, setChosen] = useState<string>();
  // What failed is what one looks for.
  const first = trace.tree.findLast(({ status }) => status === 'error') ?? trace.tree[0];
  const span = trace.tree.find(({ id }) => id === chosen) ?? first;
  return (
    <>
      <Panel title="Request">
        <div className="stack">
          <Facts facts={factsOf(trace)} />
          <Preview label="Asked" text={trace.requestPreview} />
          <Preview label="Answered" text={trace.responsePreview} />
          <Notes trace={trace} />
        </div>
      </Panel>
      <Panel title="Steps" note={counted(trace.tree.length, 'step')} flush>
        {trace.tree.length === 0 ? (
          <p className="dimmed opinion">
            None of its spans is with this server. They may be on their way, or in a file that the client wrote.
          </p>
        ) : (
          <Timeline spans={trace.tree} chosen={span?.id} onChoose={setChosen} />
        )}
      </Panel>
      {span && <SpanPanel span={span} />}
      <Assessments trace={trace.id} assessments={trace.assessments} />
    </>
  );
}

function factsOf({ state, startedAtMs, durationMs, tokens, costUsd, session, runs, prompts }: Trace): readonly Fact[] {
  return [
    { label: 'State', value: <TraceState state={state} /> },
    { label: 'Started', value: preciseInstant(startedAtMs) },
    { label: 'Took', value: durationMs === null ? 'still running' : duration(durationMs) },
    ...(tokens === null
      ? []
      : [{ label: 'Tokens in and out', value: `${count(tokens.input)} + ${count(tokens.output)}` }]),
    ...(costUsd === null ? [] : [{ label: 'Cost', value: figure(costUsd), unit: 'US dollars' }]),
    ...(session === null ? [] : [{ label: 'Conversation', value: session }]),
    ...runs.map((run) => ({
      label: 'Run',
      value: (
        <Link to="/runs/$run" params={{ run }}>
          <ShortId id={run} />
        </Link>
      ),
    })),
    ...prompts.map(({ name, version }) => ({ label: 'Prompt', value: `${name}, version ${version}` })),
  ];
}

function Preview({ label, text }: { readonly label: string; readonly text: string | null }) {
  if (text === null) return null;
  return (
    <div>
      <h3>{label}</h3>
      <p className="preview-text">{shortlyOfJson(text)}</p>
    </div>
  );
}

/** Tags and metadata, without those that clients keep for themselves. */
function Notes({ trace }: { readonly trace: Trace }) {
  const notes = Object.entries({ ...trace.metadata, ...trace.tags }).filter(([key]) => !key.startsWith('mlflow.'));
  if (notes.length === 0) return null;
  return <Facts facts={notes.map(([label, value]) => ({ label, value }))} />;
}
