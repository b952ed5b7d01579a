import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { counted } from '../../format/numbers.ts';
import { Answer } from '../../parts/answer.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { WebhookForm } from './webhook-form.tsx';
import { WebhookPanel } from './webhook-panel.tsx';

/** Addresses that are told what happens to models: each with its latest messages, and a way to make one. */
export function WebhooksPage() {
  const [isMaking, setMaking] = useState(false);
  const answer = useQuery({
    queryKey: ['webhooks', 'list'],
    queryFn: () => client.webhooks.listWebhooks({ query: { limit: 1000 } }),
  });
  return (
    <Page
      title="Webhooks"
      crumbs={<Link to="/models">Models</Link>}
      lede="Addresses that are told when models, versions, tags, aliases and prompts come and go. Messages are signed, and tried again when an address does not answer."
    >
      <Answer query={answer} heightPx={240}>
        {({ webhooks, total, events }) => (
          <>
            <Panel
              title="A new webhook"
              note={
                <button type="button" className="link-button" onClick={() => setMaking(!isMaking)}>
                  {isMaking ? 'Leave it' : 'Make one'}
                </button>
              }
            >
              {isMaking ? (
                <WebhookForm events={events} onDone={() => setMaking(false)} />
              ) : (
                <p className="dimmed">{counted(total, 'webhook')} so far.</p>
              )}
            </Panel>
            {webhooks.length === 0 && (
              <Empty title="No webhook yet" command="trimtab webhook create --help">
                Clients of MLflow make them too.
              </Empty>
            )}
            {webhooks.map((webhook) => (
              <WebhookPanel key={webhook.id} webhook={webhook} events={events} />
            ))}
          </>
        )}
      </Answer>
    </Page>
  );
}
