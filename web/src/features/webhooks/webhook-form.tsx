import { Button, Checkbox, MultiSelect, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Webhook } from '#contract';
import { client } from '../../app/client.ts';
import { Failure } from '../../parts/answer.tsx';

interface FormProps {
  /** The one to be changed; left out: a new one. */
  readonly webhook?: Webhook;
  /** What it can be told of. */
  readonly events: readonly string[];
  readonly onDone: () => void;
}

/** Makes a webhook, or changes one. */
export function WebhookForm({ webhook, events, onDone }: FormProps) {
  const [fields, setFields] = useState({
    name: webhook?.name ?? '',
    url: webhook?.url ?? '',
    description: webhook?.description ?? '',
    events: webhook?.events ?? [],
    active: webhook?.active ?? true,
  });
  const [secret, setSecret] = useState('');
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => {
      const body = { ...fields, ...(secret === '' ? {} : { secret }) };
      return webhook
        ? client.webhooks.changeWebhook({ params: { webhook: webhook.id }, body })
        : client.webhooks.createWebhook({ body });
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['webhooks'] });
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const change = (part: Partial<typeof fields>) => setFields({ ...fields, ...part });
  return (
    <form onSubmit={submit} className="stack">
      <TextInput
        label="Name"
        required
        maxLength={63}
        value={fields.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <TextInput
        label="Address"
        description="https, unless the server is told otherwise"
        required
        maxLength={2000}
        value={fields.url}
        onChange={(event) => change({ url: event.currentTarget.value })}
      />
      <MultiSelect
        label="Events"
        description="What it is told of"
        required
        searchable
        data={[...new Set([...events, ...fields.events])]}
        value={fields.events}
        onChange={(chosen) => change({ events: chosen })}
      />
      <TextInput
        label="Description"
        maxLength={2000}
        value={fields.description}
        onChange={(event) => change({ description: event.currentTarget.value })}
      />
      <TextInput
        type="password"
        label="Secret"
        description={webhook ? 'Left empty, it stays as it is' : 'Signs the messages; it is never told again'}
        autoComplete="new-password"
        maxLength={1000}
        value={secret}
        onChange={(event) => setSecret(event.currentTarget.value)}
      />
      <Checkbox
        label="Active"
        checked={fields.active}
        onChange={(event) => change({ active: event.currentTarget.checked })}
      />
      {save.error && <Failure error={save.error} />}
      <div className="row">
        <Button type="submit" loading={save.isPending} disabled={fields.events.length === 0}>
          {webhook ? 'Save' : 'Make it'}
        </Button>
        <Button variant="default" onClick={onDone}>
          Leave it
        </Button>
      </div>
    </form>
  );
}
