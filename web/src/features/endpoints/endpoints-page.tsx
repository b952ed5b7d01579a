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
import { EndpointStatus } from './endpoint-status.tsx';
import { TrafficSplit } from './traffic-split.tsx';

export function EndpointsPage() {
  const answer = useQuery({ queryKey: ['serving', 'endpoints'], queryFn: () => client.serving.listEndpoints() });
  return (
    <Page
      title="Endpoints"
      lede="Names that answer predictions over HTTP. Behind each stand one or more model versions that share its traffic."
    >
      <Answer query={answer}>
        {({ endpoints }) => (
          <Panel title="All endpoints" note={counted(endpoints.length, 'endpoint')} flush>
            {endpoints.length === 0 ? (
              <Empty title="Nothing is served yet" command="npx trimtab deploy --help">
                Register a model version, then put it behind an endpoint; it answers POST /api/endpoints/NAME/predict
                and the Open Inference Protocol.
              </Empty>
            ) : (
              <DataTable
                label="Endpoints"
                rows={endpoints}
                rowKey={(endpoint) => endpoint.name}
                columns={[
                  {
                    id: 'name',
                    header: 'Endpoint',
                    sort: (endpoint) => endpoint.name,
                    cell: (endpoint) => (
                      <Link to="/endpoints/$endpoint" params={{ endpoint: endpoint.name }}>
                        {endpoint.name}
                      </Link>
                    ),
                  },
                  { id: 'status', header: 'State', cell: (endpoint) => <EndpointStatus endpoint={endpoint} /> },
                  {
                    id: 'traffic',
                    header: 'Traffic',
                    long: true,
                    cell: (endpoint) => <TrafficSplit variants={endpoint.variants} />,
                  },
                  {
                    id: 'changed',
                    header: 'Last change',
                    tight: true,
                    wide: true,
                    sort: (endpoint) => endpoint.changedAtMs,
                    cell: (endpoint) => instant(endpoint.changedAtMs),
                  },
                ]}
              />
            )}
          </Panel>
        )}
      </Answer>
    </Page>
  );
}
