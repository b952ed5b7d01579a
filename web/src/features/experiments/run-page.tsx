import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Run } from '#contract';
import { client } from '../../app/client.ts';
import { metricText } from '../../format/metrics.ts';
import { counted, figure } from '../../format/numbers.ts';
import { preciseInstant, span } from '../../format/times.ts';
import { Actor } from '../../parts/actor.tsx';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Reference, TagValue } from '../../parts/reference.tsx';
import { ShortId } from '../../parts/short-id.tsx';
import { Status } from '../../parts/status.tsx';
import { LineagePanel } from '../lineage/lineage-panel.tsx';
import { FilesPanel } from './files/files-panel.tsx';
import { LoggedModelsPanel } from './logged-models-panel.tsx';
import { MetricCharts } from './metric-charts.tsx';
import { ChangeRun } from './organize/change-run.tsx';
import { Note } from './organize/note.tsx';
import { Parts } from './parts-of-run.tsx';
import { RunStatus } from './run-status.tsx';
import { isSystemMetric } from './system/system-groups.ts';
import { SystemPanel } from './system/system-panel.tsx';

const route = getRouteApi('/runs/$run');
const LIVE_MS = 3_000;
const NOTE_TAG = 'mlflow.note.content';

export function RunPage() {
  const { run: id } = route.useParams();
  const { file } = route.useSearch();
  const navigate = route.useNavigate();
  const answer = useQuery({
    queryKey: ['tracking', 'run', id],
    queryFn: () => client.tracking.getRun({ params: { run: id } }),
    refetchInterval: (query) => (query.state.data?.status === 'running' ? LIVE_MS : false),
  });
  return (
    <Page
      title={answer.data?.name ?? 'Run'}
      actions={answer.data?.lifecycle === 'active' && <ChangeRun run={answer.data} />}
      crumbs={
        <>
          <Link to="/experiments">Experiments</Link>
          {answer.data && (
            <Link to="/experiments/$experiment" params={{ experiment: answer.data.experiment }}>
              {answer.data.experiment}
            </Link>
          )}
          <ShortId id={id} />
        </>
      }
    >
      <Answer query={answer} heightPx={400}>
        {(run) => (
          <>
            <Summary run={run} />
            <Note run={run.id} text={run.tags[NOTE_TAG] ?? ''} isDeleted={run.lifecycle === 'deleted'} />
            <MetricCharts
              runs={[run]}
              keys={run.metrics.map(({ key }) => key).filter((key) => !isSystemMetric(key))}
              nameOf={(_, key) => key}
            />
            <div className="columns">
              <Metrics run={run} />
              <Texts title="Params" label="Param" texts={run.params} none="It was told nothing." />
            </div>
            <FilesPanel
              of={`run:${run.id}`}
              chosen={file}
              onChoose={(path) => void navigate({ search: { file: path }, replace: true, resetScroll: false })}
            />
            <SystemPanel run={run} />
            <div className="columns">
              <Inputs run={run} />
              <LoggedModelsPanel run={run.id} experiment={run.experiment} />
            </div>
            <Parts run={run.id} experiment={run.experiment} />
            <LineagePanel of={`run:${run.id}`} />
            <Tags tags={run.tags} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Summary({ run }: { readonly run: Run }) {
  return (
    <section className="panel" aria-label="Summary">
      <div className="panel-body" style={{ paddingTop: 16 }}>
        <Facts
          facts={[
            {
              label: 'State',
              value: (
                <span className="row">
                  <RunStatus status={run.status} />
                  {run.lifecycle === 'deleted' && <Status tone="warning">deleted</Status>}
                </span>
              ),
            },
            { label: 'Started', value: preciseInstant(run.startedAtMs) },
            {
              label: 'Took',
              value: run.endedAtMs === null ? 'still running' : span(run.endedAtMs - run.startedAtMs),
            },
            { label: 'By', value: <Actor id={run.createdBy} /> },
            { label: 'Code commit', value: run.codeCommit === null ? 'unknown' : <ShortId id={run.codeCommit} /> },
            ...(run.parent === null ? [] : [{ label: 'Part of', value: <Reference to={`run:${run.parent}`} /> }]),
          ]}
        />
      </div>
    </section>
  );
}

function Metrics({ run }: { readonly run: Run }) {
  const range = (value: Run['metrics'][number]['min']) => (value === null ? '–' : metricText(value));
  const metrics = run.metrics.filter(({ key }) => !isSystemMetric(key)).toSorted((a, b) => byName(a.key, b.key));
  return (
    <Panel title="Metrics" note={counted(metrics.length, 'metric')} flush>
      {metrics.length === 0 ? (
        <p className="dimmed" style={{ padding: '0 16px 16px' }}>
          None measured{run.status === 'running' ? ' yet' : ''}.
        </p>
      ) : (
        <DataTable
          label="Metrics"
          rows={metrics}
          rowKey={(metric) => metric.key}
          limit={15}
          columns={[
            { id: 'key', header: 'Metric', sort: (metric) => metric.key, cell: (metric) => metric.key },
            { id: 'value', header: 'Latest', align: 'number', cell: (metric) => metricText(metric.value) },
            { id: 'step', header: 'at step', align: 'number', cell: (metric) => figure(metric.step) },
            { id: 'min', header: 'Least', align: 'number', wide: true, cell: (metric) => range(metric.min) },
            { id: 'max', header: 'Greatest', align: 'number', wide: true, cell: (metric) => range(metric.max) },
          ]}
        />
      )}
    </Panel>
  );
}

/** `layer_2` before `layer_10`. */
function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

interface TextsProps {
  readonly title: string;
  readonly label: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly none: string;
}

function Texts({ title, label, texts, none }: TextsProps) {
  const entries = Object.entries(texts).toSorted(([a], [b]) => byName(a, b));
  return (
    <Panel title={title} note={counted(entries.length, label.toLowerCase())} flush>
      {entries.length === 0 ? (
        <p className="dimmed" style={{ padding: '0 16px 16px' }}>
          {none}
        </p>
      ) : (
        <DataTable
          label={title}
          rows={entries}
          rowKey={([key]) => key}
          limit={15}
          columns={[
            { id: 'key', header: label, sort: ([key]) => key, cell: ([key]) => key },
            { id: 'value', header: 'Value', cell: ([key, value]) => <TagValue name={key} value={value} /> },
          ]}
        />
      )}
    </Panel>
  );
}

/** Tags but the note, which stands at the top. */
function Tags({ tags: { [NOTE_TAG]: _, ...others } }: { readonly tags: Run['tags'] }) {
  return Object.keys(others).length > 0 && <Texts title="Tags" label="Tag" texts={others} none="" />;
}

function Inputs({ run }: { readonly run: Run }) {
  return (
    <Panel title="Data it read" note={counted(run.inputs.length + run.datasets.length, 'input')} flush>
      {run.inputs.length + run.datasets.length === 0 && (
        <p className="dimmed" style={{ padding: '0 16px 16px' }}>
          None were told.
        </p>
      )}
      {run.inputs.length > 0 && (
        <DataTable
          label="Inputs"
          rows={run.inputs}
          rowKey={(input) => `${input.ref} ${input.path ?? ''} ${input.role}`}
          columns={[
            { id: 'ref', header: 'Commit', cell: (input) => <Reference to={input.ref} /> },
            { id: 'path', header: 'File', long: true, cell: (input) => input.path ?? 'all of it' },
            { id: 'role', header: 'Used for', cell: (input) => input.role },
          ]}
        />
      )}
      {run.datasets.length > 0 && (
        <DataTable
          label="Data sets"
          rows={run.datasets}
          rowKey={({ name, digest }) => `${name} ${digest}`}
          columns={[
            { id: 'name', header: 'Data set', cell: ({ name }) => name },
            { id: 'digest', header: 'Digest', cell: ({ digest }) => <ShortId id={digest} /> },
            { id: 'source', header: 'Source', cell: ({ sourceType }) => sourceType },
            { id: 'use', header: 'Used for', cell: ({ tags }) => tags['mlflow.data.context'] ?? 'unknown' },
          ]}
        />
      )}
    </Panel>
  );
}
