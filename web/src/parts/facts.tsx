import type { ReactNode } from 'react';

export interface Fact {
  readonly label: string;
  readonly value: ReactNode;
  /** Printed small behind the value. */
  readonly unit?: string;
  /** Wants the room of two, e.g. an address. */
  readonly wide?: boolean;
  /** The figures a page is about are set larger. */
  readonly large?: boolean;
}

/** Labelled values in as many columns as fit. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map((fact) => (
        <div key={fact.label} className={fact.wide ? 'wide' : undefined}>
          <dt>{fact.label}</dt>
          <dd>
            <span className={fact.large ? 'figure' : undefined}>{fact.value}</span>
            {fact.unit && <span className="unit">{fact.unit}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
