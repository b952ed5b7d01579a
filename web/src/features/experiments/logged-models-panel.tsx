import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { LoggedModel } from '#contract';
import { client } from '../../app/client.ts';
import { metricText } from '../../format/metrics.ts';
import { counted } from '../../format/numbers.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ShortId } from '../../parts/short-id.tsx';
import { Status } from '../../parts/status.tsx';
import { versionsIn } from './registered-versions.ts';

const MOST = 100;
const METRICS = 3;
const TONES = { ready: 'ok', pending: 'info', failed: 'failed' } as const;

interface LoggedModelsPanelProps {
  readonly run: string;
  readonly experiment: string;
}

/** The models that a run logged, with the versions that were registered from them; nothing when it logged none. */
export function LoggedModelsPanel({ run, experiment }: LoggedModelsPanelProps) {
  const answer = useQuery({
    queryKey: ['tracking', 'logged-models', run],
    queryFn: () =>
      client.tracking.searchLoggedModels({
        body: { experiments: [experiment], filter: `source_run_id = '${run}'`, limit: MOST },
      }),
  });
  const models = answer.data?.models ?? [];
  if (models.length === 0) return null;
  return (
    <Panel
      title="Logged models"
      note={answer.data?.nextPageToken ? `the first ${MOST}` : counted(models.length, 'model')}
      flush
    >
      <DataTable
        label="Logged models"
        rows={models}
        rowKey={(model) => model.id}
        limit={10}
        columns={[
          { id: 'name', header: 'Model', sort: (model) => model.name, cell: (model) => <Name model={model} /> },
          {
            id: 'status',
            header: 'State',
            cell: (model) => <Status tone={TONES[model.status]}>{model.status}</Status>,
          },
          { id: 'versions', header: 'Registered as', cell: (model) => <Versions model={model} /> },
          { id: 'metrics', header: 'Measured', wide: true, cell: (model) => <Measured model={model} /> },
        ]}
      />
    </Panel>
  );
}

function Name({ model: { id, name, type } }: { readonly model: LoggedModel }) {
  return (
    <>
      {name} <ShortId id={id} />
      {type !== '' && <div className="small dimmed">{type}</div>}
    </>
  );
}

function Versions({ model }: { readonly model: LoggedModel }) {
  const versions = versionsIn(model.tags);
  if (versions.length === 0) return <span className="dimmed">not registered</span>;
  return versions.map(({ name, version }) => (
    <div key={`${name} ${version}`}>
      <Link to="/models/$model/$version" params={{ model: name, version }}>
        {name} v{version}
      </Link>
    </div>
  ));
}

function Measured({ model: { metrics } }: { readonly model: LoggedModel }) {
  const latest = [...new Map(metrics.map((metric) => [metric.key, metric])).values()];
  if (latest.length === 0) return <span className="dimmed">nothing</span>;
  return (
    <>
      {latest.slice(0, METRICS).map(({ key, value }) => (
        <div key={key} className="small">
          {key} {metricText(value)}
        </div>
      ))}
      {latest.length > METRICS && <div className="small dimmed">and {latest.length - METRICS} more</div>}
    </>
  );
}
