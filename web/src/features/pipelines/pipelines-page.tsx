import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Pipeline, PipelineRun } from '#contract';
import { client } from '../../app/client.ts';
import { counted } from '../../format/numbers.ts';
import { instant, span } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ShortId } from '../../parts/short-id.tsx';
import { Status } from '../../parts/status.tsx';
import { RUN_TONES } from './vocabulary.ts';

const SHOWN = 100;

export function PipelinesPage() {
  const pipelines = useQuery({
    queryKey: ['pipelines', 'list'],
    queryFn: () => client.pipelines.listPipelines(),
  });
  const runs = useQuery({
    queryKey: ['pipelines', 'runs'],
    queryFn: () => client.pipelines.listRuns({ query: { limit: SHOWN } }),
  });
  return (
    <Page
      title="Pipelines"
      lede="Steps that run as processes of their own, in the order of what they need, with results reused when nothing that decides them has changed."
    >
      <Answer query={runs}>
        {(answer) => (
          <Panel title="Runs" note="newest first, times in UTC" flush>
            {answer.runs.length === 0 ? (
              <Empty title="No run yet" command="npx trimtab demo">
                A run starts when the loop retrains a model, or with trimtab pipeline run. The demo runs one.
              </Empty>
            ) : (
              <Runs runs={answer.runs} />
            )}
          </Panel>
        )}
      </Answer>
      <Answer query={pipelines}>
        {(answer) => (
          <Panel title="Pipelines" note={counted(answer.pipelines.length, 'pipeline')} flush>
            {answer.pipelines.length === 0 ? (
              <p className="dimmed" style={{ padding: '0 16px 16px' }}>
                None registered. trimtab pipeline put registers one from a YAML or JSON file.
              </p>
            ) : (
              <Definitions pipelines={answer.pipelines} />
            )}
          </Panel>
        )}
      </Answer>
    </Page>
  );
}

function Runs({ runs }: { readonly runs: readonly PipelineRun[] }) {
  return (
    <DataTable
      label="Pipeline runs"
      rows={runs}
      rowKey={(run) => run.id}
      columns={[
        {
          id: 'run',
          header: 'Run',
          tight: true,
          cell: (run) => (
            <Link to="/pipelines/$run" params={{ run: run.id }}>
              {run.pipeline} <ShortId id={run.id} length={12} />
            </Link>
          ),
        },
        { id: 'status', header: 'State', cell: (run) => <Status tone={RUN_TONES[run.status]}>{run.status}</Status> },
        { id: 'words', header: 'How it stands', long: true, wide: true, cell: (run) => run.words },
        { id: 'trigger', header: 'Started by', wide: true, cell: (run) => run.trigger.kind },
        {
          id: 'started',
          header: 'Asked for',
          tight: true,
          sort: (run) => run.createdAtMs,
          cell: (run) => instant(run.createdAtMs),
        },
        {
          id: 'took',
          header: 'Took',
          align: 'number',
          wide: true,
          sort: tookMs,
          cell: (run) => {
            const lengthMs = tookMs(run);
            return lengthMs === undefined ? '–' : span(lengthMs);
          },
        },
      ]}
    />
  );
}

function tookMs(run: PipelineRun): number | undefined {
  return run.startedAtMs === null || run.finishedAtMs === null ? undefined : run.finishedAtMs - run.startedAtMs;
}

function Definitions({ pipelines }: { readonly pipelines: readonly Pipeline[] }) {
  return (
    <DataTable
      label="Pipelines"
      rows={pipelines}
      rowKey={(pipeline) => pipeline.name}
      columns={[
        {
          id: 'name',
          header: 'Pipeline',
          sort: (pipeline) => pipeline.name,
          cell: (pipeline) => (
            <>
              {pipeline.name}
              {pipeline.definition.description && <div className="small dimmed">{pipeline.definition.description}</div>}
            </>
          ),
        },
        { id: 'version', header: 'Version', align: 'number', cell: (pipeline) => pipeline.version },
        {
          id: 'steps',
          header: 'Steps',
          long: true,
          wide: true,
          cell: (pipeline) => pipeline.definition.steps.map((step) => step.name).join(', '),
        },
        {
          id: 'made',
          header: 'Registered',
          tight: true,
          cell: (pipeline) => instant(pipeline.createdAtMs),
        },
      ]}
    />
  );
}
