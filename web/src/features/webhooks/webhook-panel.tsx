import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Webhook, WebhookDelivery, WebhookTest } from '#contract';
import { client } from '../../app/client.ts';
import { instant } from '../../format/times.ts';
import { Answer, Failure } from '../../parts/answer.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { WebhookForm } from './webhook-form.tsx';

const SHOWN = 50;
const REFRESH_MS = 5000;
const TONES = { waiting: 'info', delivered: 'ok', failed: 'failed' } as const;

/** A webhook: what it is told of, whether it answers, what was sent to it, and ways to change it. */
export function WebhookPanel({ webhook, events }: { readonly webhook: Webhook; readonly events: readonly string[] }) {
  const [isChanged, setChanged] = useState(false);
  const queries = useQueryClient();
  const params = { webhook: webhook.id };
  const test = useMutation({ mutationFn: () => client.webhooks.testWebhook({ params, body: {} }) });
  const remove = useMutation({
    mutationFn: () => client.webhooks.deleteWebhook({ params }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['webhooks', 'list'] }),
  });
  const [isDeleting, setDeleting] = useState(false);
  if (isChanged) {
    return (
      <Panel title={`Change ${webhook.name}`}>
        <WebhookForm webhook={webhook} events={events} onDone={() => setChanged(false)} />
      </Panel>
    );
  }
  return (
    <Panel title={webhook.name} note={webhook.description || undefined}>
      <div className="stack">
        <Facts
          facts={[
            { label: 'State', value: webhook.active ? 'active' : 'told of nothing' },
            { label: 'Address', value: <span style={{ overflowWrap: 'anywhere' }}>{webhook.url}</span>, wide: true },
            { label: 'Told of', value: webhook.events.join(', '), wide: true },
            { label: 'Made', value: instant(webhook.createdAtMs) },
          ]}
        />
        <div className="row">
          <Button variant="default" onClick={() => test.mutate()} loading={test.isPending}>
            Test
          </Button>
          <Button variant="default" onClick={() => setChanged(true)}>
            Change
          </Button>
          {isDeleting ? (
            <Button onClick={() => remove.mutate()} loading={remove.isPending}>
              Delete it with what waits for it
            </Button>
          ) : (
            <Button variant="default" onClick={() => setDeleting(true)}>
              Delete
            </Button>
          )}
        </div>
        {test.data && <Outcome outcome={test.data} />}
        {test.error && <Failure error={test.error} />}
        {remove.error && <Failure error={remove.error} />}
        <Deliveries webhook={webhook} />
      </div>
    </Panel>
  );
}

function Outcome({ outcome: { event, isDelivered, status, body, error } }: { readonly outcome: WebhookTest }) {
  return (
    <div className="notice" data-tone={isDelivered ? undefined : 'failed'} role="status">
      {error === null ? `${event} was answered with ${status}` : `${event} was not delivered: ${error}`}
      {body ? `: ${body.slice(0, 500)}` : '.'}
    </div>
  );
}

function Deliveries({ webhook }: { readonly webhook: Webhook }) {
  const answer = useQuery({
    queryKey: ['webhooks', 'deliveries', webhook.id],
    queryFn: () => client.webhooks.listDeliveries({ params: { webhook: webhook.id }, query: { limit: SHOWN } }),
    // A try is no event.
    refetchInterval: REFRESH_MS,
  });
  return (
    <Answer query={answer} heightPx={60}>
      {({ deliveries }) =>
        deliveries.length === 0 ? (
          <p className="dimmed">Nothing was sent in the last seven days.</p>
        ) : (
          <DataTable
            label={`Latest messages to ${webhook.name}`}
            rows={deliveries}
            rowKey={({ id }) => id}
            limit={10}
            columns={COLUMNS}
          />
        )
      }
    </Answer>
  );
}

const COLUMNS: readonly Column<WebhookDelivery>[] = [
  { id: 'event', header: 'Event', cell: ({ event }) => event },
  { id: 'state', header: 'State', cell: ({ state }) => <Status tone={TONES[state]}>{state}</Status> },
  { id: 'at', header: 'Happened', tight: true, cell: ({ happenedAtMs }) => instant(happenedAtMs) },
  { id: 'tries', header: 'Tries', align: 'number', wide: true, cell: ({ attempts }) => attempts },
  { id: 'outcome', header: 'Last try', wide: true, cell: ({ outcome }) => outcome ?? '–' },
];
