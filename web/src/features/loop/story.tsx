import type { Transition } from '#contract';
import { counted } from '../../format/numbers.ts';
import { instant } from '../../format/times.ts';
import { Status } from '../../parts/status.tsx';
import { Value } from '../../parts/value.tsx';
import { eventOf } from './vocabulary.ts';

/** The transitions of a loop, the newest first, each with the figures it rests on. */
export function Story({ transitions }: { readonly transitions: readonly Transition[] }) {
  return (
    <ol className="story" aria-label={`Story of the loop: ${counted(transitions.length, 'transition')}, newest first`}>
      {transitions.toReversed().map((transition) => {
        const event = eventOf(transition.kind);
        return (
          <li key={transition.sequence} data-tone={event.tone}>
            <div className="row">
              <span className="sequence">{transition.sequence}</span>
              <Status tone={event.tone}>{event.label}</Status>
              <time className="small dimmed" dateTime={new Date(transition.atMs).toISOString()}>
                {instant(transition.atMs)}
              </time>
            </div>
            <p>{transition.words}</p>
            {hasEvidence(transition.evidence) && (
              <details className="disclosure small">
                <summary>Evidence</summary>
                <Value value={transition.evidence} />
              </details>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function hasEvidence(evidence: unknown): boolean {
  return typeof evidence === 'object' && evidence !== null && Object.keys(evidence).length > 0;
}
