import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { client } from '../../../app/client.ts';
import { Failure } from '../../../parts/answer.tsx';
import { TagFields, type TagRow, tagChanges } from './tag-fields.tsx';

interface ChangeProps {
  readonly model: string;
  /** Of this version; left out: of the model. */
  readonly version?: number;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Changes what may change around a model or a version: its description and tags, and the name of a model. */
export function ChangeButton(props: ChangeProps) {
  const [opened, dialog] = useDisclosure(false);
  const title = props.version === undefined ? `Change ${props.model}` : `Change ${props.model} v${props.version}`;
  return (
    <>
      <Button variant="default" onClick={dialog.open}>
        Change
      </Button>
      <Modal opened={opened} onClose={dialog.close} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
        <ChangeForm {...props} onDone={dialog.close} />
      </Modal>
    </>
  );
}

function ChangeForm({ model, version, description, tags, onDone }: ChangeProps & { readonly onDone: () => void }) {
  const [name, setName] = useState(model);
  const [text, setText] = useState(description);
  const [rows, setRows] = useState<readonly TagRow[]>(() =>
    Object.entries(tags).map(([key, value]) => ({ key, value, isNew: false })),
  );
  const queries = useQueryClient();
  const navigate = useNavigate();
  const save = useMutation({
    mutationFn: async () => {
      const body = { description: text, tags: tagChanges(tags, rows) };
      if (version === undefined) await client.registry.changeModel({ params: { model }, body: { ...body, name } });
      else await client.registry.changeVersion({ params: { model, version: String(version) }, body });
    },
    onSuccess: async () => {
      onDone();
      if (name !== model) await navigate({ to: '/models/$model', params: { model: name }, replace: true });
      await queries.invalidateQueries({ queryKey: ['registry'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="stack">
      {version === undefined && (
        <TextInput
          label="Name"
          description="References keep the first one"
          required
          maxLength={256}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      <Textarea
        label="Description"
        autosize
        minRows={2}
        maxRows={10}
        maxLength={10_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <TagFields rows={rows} onChange={setRows} />
      {save.error && <Failure error={save.error} />}
      <div>
        <Button type="submit" loading={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
