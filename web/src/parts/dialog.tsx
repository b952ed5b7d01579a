import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { Failure } from './answer.tsx';

interface DialogButtonProps {
  readonly label: string;
  /** What it is called where the label alone would not tell. */
  readonly name?: string;
  readonly title: string;
  /** What stands in the dialog, made anew each time it opens. */
  readonly children: (close: () => void) => ReactNode;
}

/** A button that opens a dialog. */
export function DialogButton({ label, name, title, children }: DialogButtonProps) {
  const [opened, dialog] = useDisclosure(false);
  return (
    <>
      <Button variant="default" onClick={dialog.open} aria-label={name}>
        {label}
      </Button>
      <Modal opened={opened} onClose={dialog.close} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
        {children(dialog.close)}
      </Modal>
    </>
  );
}

interface DialogFormProps {
  /** What its button says. */
  readonly submit: string;
  readonly isDisabled?: boolean;
  /** Something is lost by it. */
  readonly isDangerous?: boolean;
  /** Carries out what was filled in, and closes the dialog; what it throws is shown. */
  readonly onSubmit: () => Promise<void>;
  readonly children: ReactNode;
}

/** Fields with a button below them that carries out what they say. */
export function DialogForm({ submit, isDisabled = false, isDangerous = false, onSubmit, children }: DialogFormProps) {
  const action = useMutation({ mutationFn: onSubmit });
  const begin = (event: FormEvent) => {
    event.preventDefault();
    action.mutate();
  };
  return (
    <form onSubmit={begin} className="stack">
      {children}
      {action.error && <Failure error={action.error} />}
      <div>
        <Button type="submit" color={isDangerous ? 'red' : undefined} loading={action.isPending} disabled={isDisabled}>
          {submit}
        </Button>
      </div>
    </form>
  );
}
