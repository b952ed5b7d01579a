import { TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Loop } from '#contract';
import { client } from '../../app/client.ts';
import { DialogButton, DialogForm } from '../../parts/dialog.tsx';

/** Stops the loop from acting, or lets it act again; asks for the reason that the audit log keeps. */
export function PauseButton({ loop }: { readonly loop: Loop }) {
  const word = loop.state === 'paused' ? 'Resume' : 'Pause';
  return (
    <DialogButton label={word} title={`${word} ${loop.name}`}>
      {(close) => <PauseForm loop={loop} onDone={close} />}
    </DialogButton>
  );
}

function PauseForm({ loop, onDone }: { readonly loop: Loop; readonly onDone: () => void }) {
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const paused = loop.state === 'paused';
  const change = async () => {
    const input = { params: { loop: loop.name }, body: { reason } };
    await (paused ? client.loop.resumeLoop(input) : client.loop.pauseLoop(input));
    onDone();
    await queries.invalidateQueries({ queryKey: ['loop'] });
  };
  return (
    <DialogForm
      submit={paused ? 'Resume the loop' : 'Pause the loop'}
      isDisabled={reason.trim() === ''}
      onSubmit={change}
    >
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
    </DialogForm>
  );
}
