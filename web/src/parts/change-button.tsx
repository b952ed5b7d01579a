import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { DialogButton, DialogForm } from './dialog.tsx';
import { TagFields, type TagRow, tagChanges } from './tag-fields.tsx';

/** What was changed around something; what stayed is left out. */
export interface Change {
  readonly name?: string;
  readonly description?: string;
  /** Null takes a tag away. */
  readonly tags: Record<string, string | null>;
}

interface ChangeProps {
  readonly title: string;
  /** Its name; left out where it has none of its own. */
  readonly name?: string;
  readonly nameHint?: string;
  readonly maxName?: number;
  readonly description?: string;
  readonly maxDescription?: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Stores a change. */
  readonly onSave: (change: Change) => Promise<void>;
}

/** A button that opens a dialog to change what people say of something: its name, its description, its tags. */
export function ChangeButton(props: ChangeProps) {
  return (
    <DialogButton label="Change" title={props.title}>
      {(close) => <ChangeForm {...props} onDone={close} />}
    </DialogButton>
  );
}

function ChangeForm({ onDone, onSave, ...before }: ChangeProps & { readonly onDone: () => void }) {
  const [name, setName] = useState(before.name);
  const [description, setDescription] = useState(before.description);
  const [rows, setRows] = useState<readonly TagRow[]>(() =>
    Object.entries(before.tags).map(([key, value]) => ({ key, value, isNew: false })),
  );
  const save = async () => {
    await onSave({
      ...(name === undefined || name === before.name ? {} : { name }),
      ...(description === undefined || description === before.description ? {} : { description }),
      tags: tagChanges(before.tags, rows),
    });
    onDone();
  };
  return (
    <DialogForm submit="Save" onSubmit={save}>
      {name !== undefined && (
        <TextInput
          label="Name"
          description={before.nameHint}
          required
          maxLength={before.maxName}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      {description !== undefined && (
        <Textarea
          label="Description"
          description="Markdown"
          autosize
          minRows={2}
          maxRows={10}
          maxLength={before.maxDescription}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
      )}
      <TagFields rows={rows} onChange={setRows} />
    </DialogForm>
  );
}
