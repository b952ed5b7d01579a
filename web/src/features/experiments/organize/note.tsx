import { Button, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../../app/client.ts';
import { Failure } from '../../../parts/answer.tsx';
import { Markdown } from '../../../parts/markdown.tsx';
import { Panel } from '../../../parts/panel.tsx';

interface NoteProps {
  readonly run: string;
  readonly text: string;
  /** Nothing is written to a run in the trash. */
  readonly isDeleted: boolean;
}

/** What somebody wrote about a run, in Markdown. */
export function Note({ run, text, isDeleted }: NoteProps) {
  const [draft, setDraft] = useState<string>();
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (written: string) => client.tracking.setRunNote({ params: { run }, body: { text: written } }),
    onSuccess: () => {
      setDraft(undefined);
      void queries.invalidateQueries({ queryKey: ['tracking'] });
    },
  });
  return (
    <Panel
      title="Note"
      note={
        draft === undefined && !isDeleted ? (
          <button type="button" className="link-button" onClick={() => setDraft(text)}>
            {text === '' ? 'Write one' : 'Change'}
          </button>
        ) : undefined
      }
    >
      {draft === undefined ? (
        <NoteText text={text} />
      ) : (
        <div className="stack">
          <Textarea
            aria-label="Note"
            autosize
            minRows={3}
            maxLength={8000}
            value={draft}
            onChange={(event) => setDraft(event.currentTarget.value)}
          />
          {save.error && <Failure error={save.error} />}
          <div className="row">
            <Button onClick={() => save.mutate(draft)} loading={save.isPending}>
              Save
            </Button>
            <Button variant="default" onClick={() => setDraft(undefined)}>
              Leave as it was
            </Button>
          </div>
        </div>
      )}
    </Panel>
  );
}

function NoteText({ text }: { readonly text: string }) {
  return text === '' ? <p className="dimmed">Nobody wrote about this run.</p> : <Markdown text={text} />;
}
