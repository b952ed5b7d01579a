import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../../app/client.ts';
import { Answer } from '../../../parts/answer.tsx';
import { Panel } from '../../../parts/panel.tsx';
import { Documents } from './card-panel.tsx';
import { Written } from './card-section.tsx';

const BECAUSE = {
  environment: 'in production',
  stage: 'in stage Production',
  champion: 'the champion',
  newest: 'the newest version',
} as const;

/** What people wrote on the card of the version that counts, to be read; it is written on the page of that version. */
export function ModelCardPanel({ model }: { readonly model: string }) {
  const answer = useQuery({
    queryKey: ['registry', 'card', model],
    queryFn: () => client.registry.getModelCard({ params: { model } }),
  });
  return (
    <Answer query={answer} heightPx={160}>
      {({ because, card }) => {
        const version = String(card.version.version);
        const written = card.sections.filter(({ text }) => text !== '');
        return (
          <Panel title="Model card" note={<Documents card={card} />}>
            <div className="stack">
              <p className="small dimmed">
                Of{' '}
                <Link to="/models/$model/$version" params={{ model, version }}>
                  v{version}
                </Link>
                , {BECAUSE[because]}. {written.length === 0 && 'Nobody wrote on it yet; that is done there.'}
              </p>
              {written.map((section) => (
                <section key={section.section} aria-label={section.heading} className="card-section">
                  <h3>{section.heading}</h3>
                  <Written section={section} />
                </section>
              ))}
            </div>
          </Panel>
        );
      }}
    </Answer>
  );
}
