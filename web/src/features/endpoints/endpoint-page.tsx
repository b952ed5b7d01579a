import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Endpoint } from '#contract';
import { client } from '../../app/client.ts';
import { instant } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { EndpointStatus } from './endpoint-status.tsx';
import { RecentPredictions } from './recent-predictions.tsx';
import { Traffic } from './traffic.tsx';
import { TrafficSplit } from './traffic-split.tsx';
import { TryIt } from './try-it.tsx';

const route = getRouteApi('/endpoints/$endpoint');

export function EndpointPage() {
  const { endpoint: name } = route.useParams();
  const params = { endpoint: name };
  const answer = useQuery({
    queryKey: ['serving', 'endpoint', name],
    queryFn: () => client.serving.getEndpoint({ params }),
  });
  return (
    <Page title={name} crumbs={<Link to="/endpoints">Endpoints</Link>}>
      <Answer query={answer}>
        {(endpoint) => (
          <>
            <State endpoint={endpoint} />
            <Traffic endpoint={name} />
            <TryIt endpoint={name} />
            <RecentPredictions endpoint={name} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function State({ endpoint }: { readonly endpoint: Endpoint }) {
  return (
    <Panel title="State" note={<EndpointStatus endpoint={endpoint} />}>
      <div className="stack">
        {endpoint.problem && (
          <div className="notice" data-tone="failed">
            <strong>Not ready.</strong> {endpoint.problem}
          </div>
        )}
        {endpoint.status === 'blocked' && (
          <div className="notice" data-tone="warning">
            <strong>Blocked.</strong> {endpoint.statusReason} It keeps answering; its predictions are flagged and its
            traffic is not changed.
          </div>
        )}
        <TrafficSplit variants={endpoint.variants} />
        <Facts
          facts={[
            { label: 'Keeps a caller on a variant by', value: endpoint.stickyKey ?? 'inference id' },
            { label: 'Revision', value: endpoint.revision },
            { label: 'Last change', value: instant(endpoint.changedAtMs) },
            { label: 'Made', value: instant(endpoint.createdAtMs) },
          ]}
        />
      </div>
    </Panel>
  );
}
