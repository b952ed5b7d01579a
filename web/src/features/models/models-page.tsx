import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { counted } from '../../format/numbers.ts';
import { instant } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Aliases } from './aliases.tsx';
import { Promotions } from './promotions/promotions-table.tsx';

export function ModelsPage() {
  const answer = useQuery({ queryKey: ['registry', 'models'], queryFn: () => client.registry.listModels() });
  const open = useQuery({
    queryKey: ['registry', 'promotions'],
    queryFn: () => client.registry.listAllPromotions({ query: { state: 'open', limit: 200 } }),
  });
  const requests = open.data?.promotions ?? [];
  return (
    <Page
      title="Models"
      lede="Lines of versions that never change, each with its signature, its gate and where it came from. An alias names the version in use."
    >
      <Answer query={answer}>
        {({ models }) => (
          <Panel title="Registered models" note={counted(models.length, 'model')} flush>
            {models.length === 0 ? (
              <Empty title="No model yet" command="npx trimtab demo">
                A version is registered by a pipeline at its end, or with trimtab model. The demo trains, gates and
                registers one.
              </Empty>
            ) : (
              <DataTable
                label="Registered models"
                rows={models}
                rowKey={(model) => model.name}
                columns={[
                  {
                    id: 'name',
                    header: 'Model',
                    sort: (model) => model.name,
                    cell: (model) => (
                      <>
                        <Link to="/models/$model" params={{ model: model.name }}>
                          {model.name}
                        </Link>
                        {model.description && <div className="small dimmed">{model.description}</div>}
                      </>
                    ),
                  },
                  {
                    id: 'latest',
                    header: 'Newest version',
                    align: 'number',
                    cell: (model) =>
                      model.latestVersion === null ? (
                        'none'
                      ) : (
                        <Link
                          to="/models/$model/$version"
                          params={{ model: model.name, version: String(model.latestVersion) }}
                        >
                          v{model.latestVersion}
                        </Link>
                      ),
                  },
                  {
                    id: 'aliases',
                    header: 'Aliases',
                    cell: (model) => <Aliases model={model.name} aliases={model.aliases} />,
                  },
                  {
                    id: 'made',
                    header: 'Made',
                    tight: true,
                    wide: true,
                    sort: (model) => model.createdAtMs,
                    cell: (model) => instant(model.createdAtMs),
                  },
                ]}
              />
            )}
          </Panel>
        )}
      </Answer>
      {requests.length > 0 && <Promotions title="Open promotion requests" promotions={requests} ofModels />}
    </Page>
  );
}
