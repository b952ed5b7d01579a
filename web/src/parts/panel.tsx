import { type ReactNode, useId } from 'react';

interface PanelProps {
  readonly title: string;
  /** A short remark on the right of the title: a unit, a count, a control. */
  readonly note?: ReactNode;
  /** Without padding, for a table that fills the panel. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** A titled section of a page. */
export function Panel({ title, note, flush = false, children }: PanelProps) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id}>
      <div className="panel-header">
        <h2 id={id}>{title}</h2>
        {note && <div className="panel-note">{note}</div>}
      </div>
      <div className={flush ? 'panel-body flush' : 'panel-body'}>{children}</div>
    </section>
  );
}
