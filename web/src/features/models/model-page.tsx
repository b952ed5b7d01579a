import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ModelVersionSummary, RegisteredModel } from '#contract';
import { client } from '../../app/client.ts';
import { counted, figure } from '../../format/numbers.ts';
import { instant } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Reference } from '../../parts/reference.tsx';
import { Aliases } from './aliases.tsx';
import { ModelCardPanel } from './card/model-card-panel.tsx';
import { ChangeModel } from './changes/change-button.tsx';
import { DeleteButton } from './changes/delete-button.tsx';
import { GateStatus } from './gate-status.tsx';
import { metricName, telling } from './metrics.ts';
import { Environments } from './promotions/environments.tsx';
import { Promotions } from './promotions/promotions-table.tsx';

const route = getRouteApi('/models/$model');
const SHOWN = 500;

export function ModelPage() {
  const { model: name } = route.useParams();
  const model = useQuery({
    queryKey: ['registry', 'model', name],
    queryFn: () => client.registry.getModel({ params: { model: name } }),
  });
  const versions = useQuery({
    queryKey: ['registry', 'versions', name],
    queryFn: () => client.registry.listVersions({ params: { model: name }, query: { limit: SHOWN } }),
  });
  const promotions = useQuery({
    queryKey: ['registry', 'promotions', name],
    queryFn: () => client.registry.listPromotions({ params: { model: name }, query: { limit: 100 } }),
  });
  const requests = promotions.data?.promotions ?? [];
  return (
    <Page
      title={name}
      crumbs={<Link to="/models">Models</Link>}
      about={model.data?.description}
      actions={
        model.data && (
          <>
            <ChangeModel model={name} description={model.data.description} tags={model.data.tags} />
            <DeleteButton model={name} />
          </>
        )
      }
    >
      <Answer query={model}>{(known) => <Summary model={known} />}</Answer>
      {!model.isError && (
        <>
          <Environments model={name} open={requests.filter(({ state }) => state === 'open')} />
          {requests.length > 0 && <Promotions title="Promotion requests" promotions={requests} />}
          <Answer query={versions} heightPx={240}>
            {(answer) => <Versions versions={answer.versions} />}
          </Answer>
        </>
      )}
      {model.data?.latestVersion != null && <ModelCardPanel model={name} />}
    </Page>
  );
}

function Summary({ model }: { readonly model: RegisteredModel }) {
  return (
    <section className="panel" aria-label="Summary">
      <div className="panel-body" style={{ paddingTop: 14 }}>
        <Facts
          facts={[
            { label: 'Newest version', value: model.latestVersion === null ? 'none' : `v${model.latestVersion}` },
            { label: 'Aliases', value: <Aliases model={model.name} aliases={model.aliases} /> },
            { label: 'Protected aliases', value: model.protectedAliases.join(', ') || 'none' },
            { label: 'Made', value: instant(model.createdAtMs) },
            ...Object.entries(model.tags).map(([label, value]) => ({ label, value })),
          ]}
        />
      </div>
    </section>
  );
}

function Versions({ versions }: { readonly versions: readonly ModelVersionSummary[] }) {
  const [newest, before] = versions;
  const note = (
    <>
      {counted(versions.length, 'version')}, newest first
      {newest && before && (
        <>
          {', '}
          <Link
            to="/models/$model/compare"
            params={{ model: newest.model }}
            search={{ left: String(before.version), right: String(newest.version) }}
          >
            compare
          </Link>
        </>
      )}
    </>
  );
  return (
    <Panel title="Versions" note={note} flush>
      {versions.length === 0 ? (
        <Empty title="No version yet">A pipeline registers one at its end; so does trimtab model register.</Empty>
      ) : (
        <DataTable
          label="Versions"
          rows={versions}
          rowKey={(version) => version.version}
          limit={50}
          columns={columnsOf(versions)}
        />
      )}
    </Panel>
  );
}

function columnsOf(versions: readonly ModelVersionSummary[]): Column<ModelVersionSummary>[] {
  const metrics = telling(versions.flatMap((version) => Object.keys(version.metrics)));
  return [
    {
      id: 'version',
      header: 'Version',
      tight: true,
      sort: (one) => one.version,
      cell: (one) => (
        <Link to="/models/$model/$version" params={{ model: one.model, version: String(one.version) }}>
          v{one.version}
        </Link>
      ),
    },
    { id: 'gate', header: 'Gate', cell: (one) => <GateStatus passed={one.gatePassed} /> },
    { id: 'aliases', header: 'Aliases', cell: (one) => one.aliases.join(', ') || '–' },
    ...metrics.map(
      (metric, place): Column<ModelVersionSummary> => ({
        id: metric,
        header: metricName(metric),
        align: 'number',
        wide: place > 0,
        sort: (one) => one.metrics[metric],
        cell: (one) => {
          const value = one.metrics[metric];
          return typeof value === 'number' ? figure(value) : '–';
        },
      }),
    ),
    {
      id: 'run',
      header: 'Made by',
      wide: true,
      tight: true,
      cell: (one) => (one.run === null ? '–' : <Reference to={one.run} />),
    },
    {
      id: 'made',
      header: 'Registered',
      tight: true,
      sort: (one) => one.createdAtMs,
      cell: (one) => instant(one.createdAtMs),
    },
  ];
}
