import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { PipelineRunDetail, RunStep } from '#contract';
import { client } from '../../app/client.ts';
import { counted } from '../../format/numbers.ts';
import { preciseInstant, span } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Reference } from '../../parts/reference.tsx';
import { Status } from '../../parts/status.tsx';
import { Value } from '../../parts/value.tsx';
import { StepPanel } from './step-panel.tsx';
import { RUN_TONES, STEP_TONES } from './vocabulary.ts';

const route = getRouteApi('/pipelines/$run');
const POLL_MS = 2_000;

export function PipelineRunPage() {
  const { run: id } = route.useParams();
  const { step: wanted } = route.useSearch();
  const answer = useQuery({
    queryKey: ['pipelines', 'run', id],
    queryFn: () => client.pipelines.getRun({ params: { run: id } }),
    refetchInterval: (query) => (isOver(query.state.data) ? false : POLL_MS),
  });
  return (
    <Page
      title={answer.data ? `Run of ${answer.data.run.pipeline}` : 'Pipeline run'}
      crumbs={
        <>
          <Link to="/pipelines">Pipelines</Link> <span className="mono">{id}</span>
        </>
      }
    >
      <Answer query={answer} heightPx={300}>
        {(detail) => {
          const step = detail.steps.find((one) => one.name === wanted) ?? telling(detail.steps);
          return (
            <>
              <Summary detail={detail} />
              <Steps detail={detail} />
              {step && <StepPanel run={id} step={step} key={step.name} />}
            </>
          );
        }}
      </Answer>
    </Page>
  );
}

function isOver(detail: PipelineRunDetail | undefined): boolean {
  return detail !== undefined && !['queued', 'running'].includes(detail.run.status);
}

/** The step one most likely wants to see: what failed, else what runs, else the last. */
function telling(steps: readonly RunStep[]): RunStep | undefined {
  return (
    steps.find((step) => step.status === 'failed') ?? steps.find((step) => step.status === 'running') ?? steps.at(-1)
  );
}

function Summary({ detail: { run } }: { readonly detail: PipelineRunDetail }) {
  return (
    <section className="panel" aria-label="Summary">
      <div className="panel-body" style={{ paddingTop: 16 }}>
        <div className="row">
          <Status tone={RUN_TONES[run.status]}>{run.status}</Status>
          <span>{run.words}</span>
        </div>
        <div style={{ marginTop: 14 }}>
          <Facts
            facts={[
              { label: 'Definition', value: `${run.pipeline}, version ${run.version}` },
              { label: 'Started by', value: `${run.trigger.kind}, ${run.createdBy}` },
              ...(run.trigger.subject ? [{ label: 'For', value: <Reference to={run.trigger.subject} /> }] : []),
              { label: 'Asked for', value: preciseInstant(run.createdAtMs) },
              {
                label: 'Took',
                value:
                  run.startedAtMs === null
                    ? 'not started'
                    : run.finishedAtMs === null
                      ? 'still running'
                      : span(run.finishedAtMs - run.startedAtMs),
              },
              ...(run.rerunOf
                ? [{ label: 'Carries on from', value: <Reference to={`pipeline-run:${run.rerunOf}`} /> }]
                : []),
            ]}
          />
        </div>
        {run.trigger.reason && <p style={{ marginTop: 12 }}>{run.trigger.reason}</p>}
        {Object.keys(run.params).length > 0 && (
          <details className="disclosure" style={{ marginTop: 12 }}>
            <summary>Params ({counted(Object.keys(run.params).length, 'param')})</summary>
            <div style={{ marginTop: 8 }}>
              <Value value={run.params} />
            </div>
          </details>
        )}
      </div>
    </section>
  );
}

function Steps({ detail: { run, steps } }: { readonly detail: PipelineRunDetail }) {
  const beginMs = run.startedAtMs ?? run.createdAtMs;
  const endMs = Math.max(beginMs + 1, ...steps.map((step) => step.finishedAtMs ?? step.startedAtMs ?? beginMs));
  return (
    <Panel title="Steps" note={counted(steps.length, 'step')} flush>
      <DataTable
        label="Steps of the run"
        rows={steps}
        rowKey={(step) => step.name}
        columns={[
          {
            id: 'name',
            header: 'Step',
            tight: true,
            cell: (step) => (
              <Link to="/pipelines/$run" params={{ run: run.id }} search={{ step: step.name }} resetScroll={false}>
                {step.name}
              </Link>
            ),
          },
          {
            id: 'status',
            header: 'State',
            cell: (step) => <Status tone={STEP_TONES[step.status]}>{step.status}</Status>,
          },
          {
            id: 'when',
            header: `Within ${span(endMs - beginMs)}`,
            wide: true,
            long: true,
            cell: (step) => <SpanBar step={step} beginMs={beginMs} endMs={endMs} />,
          },
          { id: 'needs', header: 'Needs', wide: true, cell: (step) => step.needs.join(', ') || 'nothing' },
          {
            id: 'attempts',
            header: 'Attempts',
            align: 'number',
            wide: true,
            cell: (step) => step.attempts.length,
          },
          {
            id: 'took',
            header: 'Took',
            align: 'number',
            cell: (step) =>
              step.startedAtMs !== null && step.finishedAtMs !== null
                ? span(step.finishedAtMs - step.startedAtMs)
                : '–',
          },
        ]}
      />
    </Panel>
  );
}

/** When a step ran, as a bar within the span of its run. */
function SpanBar({ step, beginMs, endMs }: { step: RunStep; beginMs: number; endMs: number }) {
  if (step.startedAtMs === null) return <span className="dimmed">–</span>;
  const share = (atMs: number) => `${(100 * (atMs - beginMs)) / (endMs - beginMs)}%`;
  const untilMs = step.finishedAtMs ?? endMs;
  return (
    <div className="span-bar" aria-hidden>
      <i
        data-tone={STEP_TONES[step.status]}
        style={{
          left: share(step.startedAtMs),
          width: `max(3px, calc(${share(untilMs)} - ${share(step.startedAtMs)}))`,
        }}
      />
    </div>
  );
}
