import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Promotion } from '#contract';
import { client } from '../../../app/client.ts';
import { counted } from '../../../format/numbers.ts';
import { instant, preciseInstant } from '../../../format/times.ts';
import { Actor } from '../../../parts/actor.tsx';
import { Answer } from '../../../parts/answer.tsx';
import { Facts } from '../../../parts/facts.tsx';
import { Page } from '../../../parts/page.tsx';
import { Panel } from '../../../parts/panel.tsx';
import { ShortId } from '../../../parts/short-id.tsx';
import { Status } from '../../../parts/status.tsx';
import { Decisions } from './decisions.tsx';
import { ofNeeded, STEP_TONES, TONES } from './vocabulary.ts';

const route = getRouteApi('/models/$model/promotions/$promotion');

/** One request: what it is for, who said what, and the way to decide. */
export function PromotionPage() {
  const { model, promotion: number } = route.useParams();
  const answer = useQuery({
    queryKey: ['registry', 'promotion', model, number],
    queryFn: () => client.registry.getPromotion({ params: { model, promotion: Number(number) } }),
  });
  return (
    <Page
      title={`Request ${number}`}
      crumbs={
        <>
          <Link to="/models">Models</Link>
          <Link to="/models/$model" params={{ model }}>
            {model}
          </Link>
        </>
      }
      lede={answer.data && `Version ${answer.data.version} of ${model} into ${answer.data.environment}.`}
    >
      <Answer query={answer} heightPx={400}>
        {(promotion) => (
          <>
            <Summary promotion={promotion} />
            <Steps promotion={promotion} />
            <Panel title={promotion.state === 'open' ? 'Decide' : 'Say something'}>
              <Decisions promotion={promotion} />
            </Panel>
          </>
        )}
      </Answer>
    </Page>
  );
}

function Summary({ promotion }: { readonly promotion: Promotion }) {
  const { model, version, replaces, state, closedAtMs } = promotion;
  const toVersion = (number: number) => (
    <Link to="/models/$model/$version" params={{ model, version: String(number) }}>
      v{number}
    </Link>
  );
  const comparison = (number: number) => (
    <Link to="/models/$model/compare" params={{ model }} search={{ left: String(number), right: String(version) }}>
      v{number} and v{version} compared
    </Link>
  );
  return (
    <section className="panel" aria-label="Summary">
      <div className="panel-body" style={{ paddingTop: 14 }}>
        <Facts
          facts={[
            { label: 'State', value: <Status tone={TONES[state]}>{state}</Status> },
            { label: 'Approvals', value: ofNeeded(promotion) },
            { label: 'Version', value: toVersion(version) },
            { label: 'Instead of', value: replaces === null ? 'nothing' : toVersion(replaces) },
            ...(replaces === null ? [] : [{ label: 'What would change', value: comparison(replaces) }]),
            { label: 'For the digest', value: <ShortId id={promotion.digest} length={16} /> },
            { label: 'Requested by', value: <Actor id={promotion.requestedBy} /> },
            closedAtMs === null
              ? { label: 'Expires', value: instant(promotion.expiresAtMs) }
              : { label: 'Ended', value: instant(closedAtMs) },
          ]}
        />
      </div>
    </section>
  );
}

function Steps({ promotion: { model, number, steps } }: { readonly promotion: Promotion }) {
  const log = (
    <Link to="/audit" search={{ pointer: `model:${model}#promotion-${number}` }}>
      in the audit log
    </Link>
  );
  return (
    <Panel
      title="What happened"
      note={
        <>
          {counted(steps.length, 'step')}, {log}
        </>
      }
    >
      <ol className="story" aria-label="Steps, oldest first">
        {steps.map((step) => (
          <li key={step.sequence} data-tone={STEP_TONES[step.kind]}>
            <div className="row">
              <span className="sequence">{step.sequence}</span>
              <Status tone={STEP_TONES[step.kind]}>{step.kind}</Status>
              <span className="small">
                <Actor id={step.actor} />
                {step.as !== null && step.as !== step.actor && ` as ${step.as}`}
              </span>
              <time className="small dimmed" dateTime={new Date(step.atMs).toISOString()}>
                {preciseInstant(step.atMs)}
              </time>
            </div>
            {step.comment !== '' && <p className="said">{step.comment}</p>}
          </li>
        ))}
      </ol>
    </Panel>
  );
}
