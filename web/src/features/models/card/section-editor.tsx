import { Button, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CardSection } from '#contract';
import { ApiError } from '#sdk';
import { client } from '../../../app/client.ts';
import { Failure } from '../../../parts/answer.tsx';
import { Markdown } from '../../../parts/markdown.tsx';

interface EditorProps {
  readonly model: string;
  readonly version: number;
  /** As it is now, which may be newer than what was being changed. */
  readonly section: CardSection;
  readonly onLeave: () => void;
}

/** Writes a section. When somebody else was faster, both texts stand here until one decides. */
export function SectionEditor({ model, version, section, onLeave }: EditorProps) {
  const [draft, setDraft] = useState(section.text);
  const [revision, setRevision] = useState(section.revision);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (text: string | null) =>
      client.registry.editCardSection({
        params: { model, version: String(version), section: section.section },
        body: { text, revision },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['registry', 'card'] });
      onLeave();
    },
    onError: () => void queries.invalidateQueries({ queryKey: ['registry', 'card'] }),
  });
  const isOlder = revision !== section.revision;
  const isRefused = save.error instanceof ApiError && save.error.code === 'REGISTRY_CARD_CHANGED';
  return (
    <div className="stack">
      <Textarea
        aria-label={`Text of ${section.heading}`}
        description={`Markdown. ${section.hint}`}
        autosize
        minRows={4}
        maxRows={24}
        maxLength={50_000}
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
      />
      {save.error && !(isRefused && !isOlder) && <Failure error={save.error} />}
      {isOlder && (
        <div className="notice" role="alert">
          <div className="stack">
            <p>{section.author ?? 'Somebody'} wrote this in the meantime:</p>
            {section.text === '' ? <p className="dimmed">Nothing any more.</p> : <Markdown text={section.text} />}
            <div>
              <Button variant="default" onClick={() => setRevision(section.revision)}>
                I have seen it, mine goes over it
              </Button>
            </div>
          </div>
        </div>
      )}
      <div className="row">
        <Button onClick={() => save.mutate(draft)} loading={save.isPending} disabled={isOlder}>
          Save
        </Button>
        <Button variant="default" onClick={onLeave}>
          Leave as it was
        </Button>
        {section.version === version && (
          <Button variant="default" disabled={isOlder} onClick={() => save.mutate(null)}>
            As for the version before
          </Button>
        )}
      </div>
    </div>
  );
}
