import type { ReactNode } from 'react';
import { Command } from './command.tsx';

interface EmptyProps {
  readonly title: string;
  readonly children: ReactNode;
  /** The command that puts something here. */
  readonly command?: string;
}

/** What a place says while there is nothing in it: what it is for, and the next step. */
export function Empty({ title, children, command }: EmptyProps) {
  return (
    <div className="empty">
      <h3>{title}</h3>
      <p>{children}</p>
      {command && <Command text={command} />}
    </div>
  );
}
