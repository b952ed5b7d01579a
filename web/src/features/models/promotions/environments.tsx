import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ModelEnvironment, Promotion } from '#contract';
import { client } from '../../../app/client.ts';
import { counted } from '../../../format/numbers.ts';
import { instant } from '../../../format/times.ts';
import { Actor } from '../../../parts/actor.tsx';
import { Answer } from '../../../parts/answer.tsx';
import { Panel } from '../../../parts/panel.tsx';
import { RequestButton } from './request-button.tsx';
import { wantsInWords } from './vocabulary.ts';

/** What is in each environment of a model, and a way to ask for something else. */
export function Environments({ model, open }: { readonly model: string; readonly open: readonly Promotion[] }) {
  const answer = useQuery({
    queryKey: ['registry', 'environments', model],
    queryFn: () => client.registry.getModelEnvironments({ params: { model } }),
  });
  return (
    <Answer query={answer} heightPx={150}>
      {({ environments, own }) => (
        <Panel title="Environments" note={own ? 'of this model alone' : 'of the server'}>
          <div className="columns" style={{ '--column': '240px' } as React.CSSProperties}>
            {environments.map((environment) => (
              <Environment
                key={environment.name}
                model={model}
                environment={environment}
                open={open.filter((promotion) => promotion.environment === environment.name)}
              />
            ))}
          </div>
        </Panel>
      )}
    </Answer>
  );
}

interface EnvironmentProps {
  readonly model: string;
  readonly environment: ModelEnvironment;
  readonly open: readonly Promotion[];
}

function Environment({ model, environment, open }: EnvironmentProps) {
  const { name, policy, version, promotion, movedAtMs, movedBy } = environment;
  return (
    <section className="card environment" aria-label={`Environment ${name}`}>
      <div className="row" style={{ justifyContent: 'space-between' }}>
        <h3>{name}</h3>
        {policy && <RequestButton model={model} policy={policy} holds={version} />}
      </div>
      <div className="environment-version">
        {version === null ? (
          <span className="dimmed">empty</span>
        ) : (
          <Link to="/models/$model/$version" params={{ model, version: String(version) }}>
            v{version}
          </Link>
        )}
      </div>
      {movedAtMs !== null && movedBy !== null && (
        <p className="small dimmed">
          since {instant(movedAtMs)}, by <Actor id={movedBy} />
          {promotion !== null && (
            <>
              {', '}
              <PromotionLink model={model} number={promotion} />
            </>
          )}
        </p>
      )}
      <p className="small">
        {policy ? `Needs ${wantsInWords(policy)}.` : 'The environments of this model name it no more.'}
      </p>
      {open.length > 0 && (
        <p className="small">
          {counted(open.length, 'open request')}:{' '}
          {open.map(({ number }, index) => (
            <span key={number}>
              {index > 0 && ', '}
              <PromotionLink model={model} number={number} />
            </span>
          ))}
        </p>
      )}
    </section>
  );
}

export function PromotionLink({ model, number }: { readonly model: string; readonly number: number }) {
  return (
    <Link to="/models/$model/promotions/$promotion" params={{ model, promotion: String(number) }}>
      request {number}
    </Link>
  );
}
