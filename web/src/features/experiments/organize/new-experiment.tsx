import { Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../../app/client.ts';
import { DialogButton, DialogForm } from '../../../parts/dialog.tsx';

/** Makes an experiment in a folder, or in none, and opens it. */
export function NewExperiment({ folder }: { readonly folder: string }) {
  return (
    <DialogButton label="New experiment" title={folder === '' ? 'New experiment' : `New experiment in ${folder}`}>
      {() => <NewForm folder={folder} />}
    </DialogButton>
  );
}

function NewForm({ folder }: { readonly folder: string }) {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const make = async () => {
    const wanted = name.trim();
    const made = await client.tracking.createExperiment({
      body: { name: wanted, ...(description === '' ? {} : { description }) },
    });
    if (folder !== '') await client.tracking.setFolder({ params: { experiment: made.name }, body: { folder } });
    await queries.invalidateQueries({ queryKey: ['tracking'] });
    await navigate({ to: '/experiments/$experiment', params: { experiment: made.name } });
  };
  return (
    <DialogForm submit="Make it" isDisabled={name.trim() === ''} onSubmit={make}>
      <TextInput
        label="Name"
        description="Programs begin one by themselves; one that exists is opened"
        required
        maxLength={500}
        value={name}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Textarea
        label="Description"
        description="Markdown"
        autosize
        minRows={2}
        maxLength={5000}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
    </DialogForm>
  );
}
