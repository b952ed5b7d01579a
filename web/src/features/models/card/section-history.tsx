import { useQuery } from '@tanstack/react-query';
import type { CardSection } from '#contract';
import { client } from '../../../app/client.ts';
import { instant } from '../../../format/times.ts';
import { Actor } from '../../../parts/actor.tsx';
import { Answer } from '../../../parts/answer.tsx';
import { Markdown } from '../../../parts/markdown.tsx';

const SHOWN = 50;

/** What a section said before, newest first, each text to be opened. */
export function SectionHistory({ model, section }: { readonly model: string; readonly section: CardSection }) {
  const answer = useQuery({
    queryKey: ['registry', 'card', 'revisions', model, section.section],
    queryFn: () =>
      client.registry.listCardRevisions({ params: { model, section: section.section }, query: { limit: SHOWN } }),
  });
  return (
    <Answer query={answer} heightPx={60}>
      {({ revisions }) => (
        <ol
          className="stack small"
          aria-label={`Revisions of ${section.heading}`}
          style={{ listStyle: 'none', padding: 0 }}
        >
          {revisions.map(({ revision, version, text, author, atMs }) => (
            <li key={revision}>
              <details className="disclosure">
                <summary>
                  Revision {revision}, for v{version}, <Actor id={author} />, {instant(atMs)}
                </summary>
                {text === null ? (
                  <p className="dimmed">As for the version before.</p>
                ) : text === '' ? (
                  <p className="dimmed">Nothing.</p>
                ) : (
                  <Markdown text={text} />
                )}
              </details>
            </li>
          ))}
        </ol>
      )}
    </Answer>
  );
}
