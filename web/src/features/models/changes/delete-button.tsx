import { Button, Modal, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { client } from '../../../app/client.ts';
import { Failure } from '../../../parts/answer.tsx';

interface DeleteProps {
  readonly model: string;
  /** This version; left out: the model with all of them. */
  readonly version?: number;
}

/** Deletes a version, or a model with its versions, for a reason. */
export function DeleteButton({ model, version }: DeleteProps) {
  const [opened, dialog] = useDisclosure(false);
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const what = version === undefined ? `${model} with all its versions` : `${model} v${version}`;
  const remove = useMutation({
    mutationFn: async () => {
      const query = { reason };
      if (version === undefined) await client.registry.deleteModel({ params: { model }, query });
      else await client.registry.deleteVersion({ params: { model, version: String(version) }, query });
    },
    onSuccess: async () => {
      if (version === undefined) await navigate({ to: '/models' });
      else await navigate({ to: '/models/$model', params: { model } });
      await queries.invalidateQueries({ queryKey: ['registry'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    remove.mutate();
  };
  return (
    <>
      <Button variant="default" onClick={dialog.open}>
        Delete
      </Button>
      <Modal
        opened={opened}
        onClose={dialog.close}
        title={`Delete ${what}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={submit} className="stack">
          <p className="dimmed">It stays under its references in lineage and audit, and nothing brings it back.</p>
          <Textarea
            label="Reason"
            description="Kept in the audit log"
            required
            autosize
            minRows={2}
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {remove.error && <Failure error={remove.error} />}
          <div>
            <Button type="submit" color="red" loading={remove.isPending}>
              Delete it
            </Button>
          </div>
        </form>
      </Modal>
    </>
  );
}
