import { useState } from 'react';
import type { CardSection as Section } from '#contract';
import { instant } from '../../../format/times.ts';
import { Actor } from '../../../parts/actor.tsx';
import { Markdown } from '../../../parts/markdown.tsx';
import { SectionEditor } from './section-editor.tsx';
import { SectionHistory } from './section-history.tsx';

interface SectionProps {
  readonly model: string;
  readonly version: number;
  readonly section: Section;
  /** To be written at once. */
  readonly isOpen?: boolean;
  /** When writing was given up or is done. */
  readonly onLeave?: () => void;
}

/** A section of a card: its text, who wrote it for which version, and a way to write it. */
export function CardSection({ model, version, section, isOpen = false, onLeave }: SectionProps) {
  const [isEdited, setEdited] = useState(isOpen);
  const [isHistoryShown, setHistoryShown] = useState(false);
  const leave = () => {
    setEdited(false);
    onLeave?.();
  };
  return (
    <section aria-label={section.heading} className="card-section">
      <div className="row" style={{ justifyContent: 'space-between' }}>
        <h3>{section.heading}</h3>
        {!isEdited && (
          <span className="row small">
            {section.revision > 0 && (
              <button
                type="button"
                className="link-button"
                aria-expanded={isHistoryShown}
                aria-label={`History of ${section.heading}`}
                onClick={() => setHistoryShown(!isHistoryShown)}
              >
                History
              </button>
            )}
            <button
              type="button"
              className="link-button"
              aria-label={`${section.text === '' ? 'Write' : 'Change'} ${section.heading}`}
              onClick={() => setEdited(true)}
            >
              {section.text === '' ? 'Write' : 'Change'}
            </button>
          </span>
        )}
      </div>
      {isEdited ? (
        <SectionEditor model={model} version={version} section={section} onLeave={leave} />
      ) : (
        <Written section={section} />
      )}
      {isHistoryShown && <SectionHistory model={model} section={section} />}
    </section>
  );
}

/** A section to be read. */
export function Written({ section }: { readonly section: Section }) {
  const { text, hint, author, atMs, isInherited, version } = section;
  if (text === '') return <p className="dimmed">{hint}</p>;
  return (
    <>
      <Markdown text={text} />
      {author !== null && atMs !== null && (
        <p className="small dimmed">
          {isInherited && `Written for v${version}, `}
          <Actor id={author} />, {instant(atMs)}
        </p>
      )}
    </>
  );
}
