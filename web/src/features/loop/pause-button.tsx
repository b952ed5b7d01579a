import { Button, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Loop } from '#contract';
import { client } from '../../app/client.ts';
import { Failure } from '../../parts/answer.tsx';

/** Stops the loop from acting, or lets it act again; asks for the reason that the audit log keeps. */
export function PauseButton({ loop }: { readonly loop: Loop }) {
  const [opened, dialog] = useDisclosure(false);
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const paused = loop.state === 'paused';
  const change = useMutation({
    mutationFn: () => {
      const input = { params: { loop: loop.name }, body: { reason } };
      return paused ? client.loop.resumeLoop(input) : client.loop.pauseLoop(input);
    },
    onSuccess: async () => {
      dialog.close();
      setReason('');
      await queries.invalidateQueries({ queryKey: ['loop'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <>
      <Button variant="default" onClick={dialog.open}>
        {paused ? 'Resume' : 'Pause'}
      </Button>
      <Modal
        opened={opened}
        onClose={dialog.close}
        title={paused ? `Resume ${loop.name}` : `Pause ${loop.name}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={submit} className="stack">
          <p className="dimmed">
            {paused
              ? 'The loop acts on signals again.'
              : 'The monitor keeps judging windows; nothing is retrained or promoted.'}
          </p>
          <TextInput
            label="Reason"
            description="Kept in the audit log"
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            required
            data-autofocus
          />
          {change.error && <Failure error={change.error} />}
          <div>
            <Button type="submit" loading={change.isPending} disabled={reason.trim() === ''}>
              {paused ? 'Resume the loop' : 'Pause the loop'}
            </Button>
          </div>
        </form>
      </Modal>
    </>
  );
}
