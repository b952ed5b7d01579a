import { Button, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { client } from '../../../app/client.ts';
import { Failure } from '../../../parts/answer.tsx';
import type { Moved } from './experiment-tree.tsx';

interface MoveDialogProps {
  readonly moved: Moved;
  readonly folders: readonly string[];
  readonly onClose: () => void;
}

/** Asks where an experiment shall lie, or what a folder shall be called. */
export function MoveDialog({ moved: { kind, name, folder }, folders, onClose }: MoveDialogProps) {
  const [wanted, setWanted] = useState(folder);
  const list = useId();
  const queries = useQueryClient();
  const move = useMutation({
    mutationFn: async (to: string) => {
      if (kind === 'folder') await client.tracking.moveFolder({ body: { from: name, to } });
      else await client.tracking.setFolder({ params: { experiment: name }, body: { folder: to === '' ? null : to } });
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['tracking'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    move.mutate(wanted.trim());
  };
  return (
    <Modal opened onClose={onClose} title={`Move ${name}`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form className="stack" onSubmit={submit}>
        <TextInput
          label={kind === 'folder' ? 'New path of the folder' : 'Folder'}
          description={
            kind === 'folder'
              ? 'Everything in it comes along.'
              : 'Names joined by slashes, as team/project; empty for no folder. A folder is made by putting something into it.'
          }
          value={wanted}
          maxLength={500}
          list={list}
          data-autofocus
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
        <datalist id={list}>
          {folders.map((path) => (
            <option key={path} value={path} />
          ))}
        </datalist>
        {move.error && <Failure error={move.error} />}
        <div className="row">
          <Button type="submit" loading={move.isPending} disabled={kind === 'folder' && wanted.trim() === ''}>
            Move
          </Button>
          <Button variant="default" onClick={onClose}>
            Leave it there
          </Button>
        </div>
      </form>
    </Modal>
  );
}
