import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ModelVersion } from '#contract';
import { client } from '../../app/client.ts';
import { bytes, counted, figure } from '../../format/numbers.ts';
import { instant } from '../../format/times.ts';
import { Actor } from '../../parts/actor.tsx';
import { Answer } from '../../parts/answer.tsx';
import { Command } from '../../parts/command.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Download } from '../../parts/download.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Reference, TagValue } from '../../parts/reference.tsx';
import { ShortId } from '../../parts/short-id.tsx';
import { LineagePanel } from '../lineage/lineage-panel.tsx';
import { CardPanel } from './card/card-panel.tsx';
import { ChangeVersion } from './changes/change-button.tsx';
import { DeleteButton } from './changes/delete-button.tsx';
import { StageButton } from './changes/stage-button.tsx';
import { EvaluationPanels } from './evaluation-panels.tsx';
import { Gate } from './gate.tsx';
import { GateStatus } from './gate-status.tsx';
import { metricName } from './metrics.ts';

const route = getRouteApi('/models/$model/$version');

export function VersionPage() {
  const params = route.useParams();
  const answer = useQuery({
    queryKey: ['registry', 'version', params.model, params.version],
    queryFn: () => client.registry.getVersion({ params }),
  });
  const shown = answer.data ? answer.data.version : params.version;
  return (
    <Page
      title={`${params.model} v${shown}`}
      crumbs={
        <>
          <Link to="/models">Models</Link>
          <Link to="/models/$model" params={{ model: params.model }}>
            {params.model}
          </Link>
        </>
      }
      about={answer.data?.description}
      actions={
        answer.data && (
          <>
            <ChangeVersion
              model={answer.data.model}
              version={answer.data.version}
              description={answer.data.description}
              tags={answer.data.tags}
            />
            <StageButton version={answer.data} />
            <DeleteButton model={answer.data.model} version={answer.data.version} />
          </>
        )
      }
    >
      <Answer query={answer} heightPx={400}>
        {(version) => (
          <>
            <Summary version={version} />
            <Gate version={version} />
            <EvaluationPanels given={version.evaluation} />
            <div className="columns">
              <Metrics version={version} />
              <Signature version={version} />
            </div>
            <CardPanel model={version.model} version={String(version.version)} />
            <LineagePanel of={version.ref} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Summary({ version }: { readonly version: ModelVersion }) {
  return (
    <section className="panel" aria-label="Summary">
      <div className="panel-body" style={{ paddingTop: 16 }}>
        <Facts
          facts={[
            { label: 'Gate', value: <GateStatus passed={version.gatePassed} /> },
            { label: 'Aliases', value: version.aliases.join(', ') || 'none' },
            { label: 'Made by', value: version.run === null ? 'unknown' : <Reference to={version.run} /> },
            { label: 'Registered', value: instant(version.createdAtMs) },
            { label: 'By', value: <Actor id={version.registeredBy} /> },
            {
              label: 'Code commit',
              value: version.codeCommit === null ? 'unknown' : <ShortId id={version.codeCommit} />,
            },
            {
              label: 'Model file',
              value: version.file ? (
                <Download href={fileUrl(version)} name={`${version.model}-${version.version}.onnx`}>
                  ONNX, {bytes(version.file.sizeBytes)}
                </Download>
              ) : (
                'none'
              ),
            },
            ...(version.source ? [{ label: 'Files lie at', value: version.source.uri, wide: true }] : []),
            ...(version.stage === 'None' ? [] : [{ label: 'Stage', value: version.stage }]),
            { label: 'Digest', value: <ShortId id={version.digest} /> },
            {
              label: 'Monitoring reference',
              value: version.reference === null ? 'none' : <ShortId id={version.reference} />,
            },
            ...Object.entries(version.tags).map(([label, value]) => ({
              label,
              value: <TagValue name={label} value={value} />,
            })),
          ]}
        />
        {version.inputs.length > 0 && (
          <p className="small" style={{ marginTop: 12 }}>
            Trained on{' '}
            {version.inputs.map((input, index) => (
              <span key={input}>
                {index > 0 && ', '}
                <Reference to={input} />
              </span>
            ))}
          </p>
        )}
      </div>
    </section>
  );
}

function fileUrl({ model, version }: ModelVersion): string {
  return `/api/models/${encodeURIComponent(model)}/versions/${version}/file`;
}

function Metrics({ version }: { readonly version: ModelVersion }) {
  const metrics = Object.entries(version.metrics);
  // A version that a client of MLflow registered never brings any; its card tells those of its run.
  if (metrics.length === 0 && version.source) return null;
  return (
    <Panel title="Metrics" note={counted(metrics.length, 'figure')} flush>
      {metrics.length === 0 ? (
        <p className="dimmed" style={{ padding: '0 16px 16px' }}>
          None were given when it was registered.
        </p>
      ) : (
        <DataTable
          label="Metrics"
          rows={metrics}
          rowKey={([name]) => name}
          limit={20}
          columns={[
            { id: 'name', header: 'Metric', sort: ([name]) => name, cell: ([name]) => metricName(name) },
            {
              id: 'value',
              header: 'Value',
              align: 'number',
              cell: ([, value]) => (value === null ? 'not computable' : figure(value)),
            },
          ]}
        />
      )}
    </Panel>
  );
}

function Signature({ version: { signature, golden } }: { readonly version: ModelVersion }) {
  if (!signature) return null;
  return (
    <Panel title="Signature" note={`answers a ${signature.output}`} flush>
      <DataTable
        label="Input columns"
        rows={signature.inputs}
        rowKey={(column) => column.name}
        limit={20}
        columns={[
          { id: 'name', header: 'Input column', cell: (column) => column.name },
          { id: 'type', header: 'Type', cell: (column) => column.type },
          { id: 'nullable', header: 'May be missing', cell: (column) => (column.nullable ? 'yes' : 'no') },
        ]}
      />
      <div className="small" style={{ padding: '8px 16px 14px' }}>
        {golden === null ? (
          <p className="dimmed">No golden rows: a server cannot check its answers before it serves it.</p>
        ) : (
          <details className="disclosure">
            <summary>
              {counted(golden.rows.length, 'golden row')}: rows with known answers, checked before it serves
            </summary>
            <div style={{ marginTop: 8 }}>
              <Command
                text={golden.rows
                  .slice(0, 5)
                  .map((row, index) => `${JSON.stringify(row)} → ${golden.predictions[index] ?? '?'}`)
                  .join('\n')}
              />
            </div>
          </details>
        )}
      </div>
    </Panel>
  );
}
