import { Button, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { ModelCard, CardSection as Section } from '#contract';
import { Panel } from '../../../parts/panel.tsx';
import { CardSection } from './card-section.tsx';

/** Everything that people wrote on a card, each section to be changed where it stands. */
export function CardSections({ card, note }: { readonly card: ModelCard; readonly note: ReactNode }) {
  const { model, version } = card.version;
  const [added, setAdded] = useState<string>();
  // What was emptied has a history to look at.
  const isWritten = ({ text, revision }: Section) => text !== '' || revision > 0;
  const written = card.sections.filter(isWritten);
  const unwritten = card.sections.filter((section) => !isWritten(section));
  const isNew = added !== undefined && !card.sections.some(({ heading }) => heading === added);
  return (
    <Panel title="Model card" note={note}>
      <div className="stack">
        {written.map((section) => (
          <CardSection key={section.section} model={model} version={version} section={section} />
        ))}
        {isNew && (
          <CardSection
            key={added}
            model={model}
            version={version}
            section={emptySection(added)}
            isOpen
            onLeave={() => setAdded(undefined)}
          />
        )}
        {!isNew && <NewHeading onAdd={setAdded} />}
        {unwritten.length > 0 && (
          <details className="disclosure">
            <summary>Not written yet: {unwritten.map(({ heading }) => heading).join(', ')}</summary>
            <div className="stack" style={{ marginTop: 12 }}>
              {unwritten.map((section) => (
                <CardSection key={section.section} model={model} version={version} section={section} />
              ))}
            </div>
          </details>
        )}
      </div>
    </Panel>
  );
}

function NewHeading({ onAdd }: { readonly onAdd: (heading: string) => void }) {
  const [heading, setHeading] = useState('');
  const plain = heading.trim().replace(/\s+/g, ' ');
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (plain !== '') onAdd(plain);
  };
  return (
    <form className="row" onSubmit={add}>
      <TextInput
        aria-label="Heading of your own"
        placeholder="Heading of your own"
        maxLength={100}
        value={heading}
        onChange={(event) => setHeading(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={plain === ''}>
        Add a section
      </Button>
    </form>
  );
}

function emptySection(heading: string): Section {
  return {
    ...{ section: heading, heading, isStandard: false, hint: '', text: '', revision: 0 },
    ...{ version: null, isInherited: false, author: null, atMs: null },
  };
}
