import { IconChevronDown, IconChevronRight, IconNote, IconPin } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { RunState } from '#contract';
import { counted, figure } from '../../../format/numbers.ts';
import { span } from '../../../format/times.ts';
import { RunStatus } from '../run-status.tsx';
import { cellText, headerOf, isNumeric, measuresOf } from './columns.ts';
import type { Line, LoadedRun } from './use-rows.ts';

interface RunCellsProps {
  readonly run: LoadedRun;
  readonly columns: readonly string[];
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly checkbox: ReactNode;
}

/** The cells of a run: its name with its marks, then a value a column. */
export function RunCells({ run, columns, isOpen, onToggle, checkbox }: RunCellsProps) {
  const note = run.get('tags.mlflow.note.content');
  return (
    <>
      <th scope="row">
        <div className="run-name">
          {checkbox}
          {run.children > 0 && (
            <Fold isOpen={isOpen} onToggle={onToggle} label={`${counted(run.children, 'part')} of ${run.name}`} />
          )}
          <a href={`/runs/${encodeURIComponent(run.id)}`} data-run={run.id} title={run.name}>
            {run.name}
          </a>
          {run.get('tags.trimtab.pinned') === 'true' && <IconPin size={13} aria-label="pinned" role="img" />}
          {typeof note === 'string' && note !== '' && (
            <span title={note}>
              <IconNote size={13} aria-label={`Note: ${note}`} role="img" />
            </span>
          )}
          {run.get('tags.trimtab.archived') === 'true' && <span className="small dimmed">archived</span>}
        </div>
      </th>
      {columns.map((column) => (
        <td key={column} className={isNumeric(column) ? 'number' : undefined}>
          <Cell run={run} column={column} />
        </td>
      ))}
    </>
  );
}

function Cell({ run, column }: { readonly run: LoadedRun; readonly column: string }) {
  const value = run.get(column);
  if (column === 'status') return <RunStatus status={(value ?? run.status) as RunState} />;
  if (column === 'duration' && run.endedAtMs === null) return <span className="dimmed">running</span>;
  const text = cellText(column, value);
  return text === undefined ? <span className="dimmed">–</span> : <span title={String(value)}>{text}</span>;
}

interface GroupCellsProps {
  readonly line: Line & { readonly kind: 'group' };
  readonly columns: readonly string[];
  readonly groupBy: readonly string[];
  readonly onToggle: () => void;
}

/** The cells of a group: what its runs agree in, and of every number mean, least and greatest. */
export function GroupCells({ line, columns, groupBy, onToggle }: GroupCellsProps) {
  const { group, isOpen } = line;
  const measured = measuresOf(columns);
  const name = groupBy.map((column, i) => {
    const value = cellText(column, group.values[i]);
    return `${headerOf(column)}: ${value ?? 'none'}`;
  });
  return (
    <>
      <th scope="row">
        <div className="run-name">
          <Fold isOpen={isOpen} onToggle={onToggle} label={`runs with ${name.join(', ')}`} />
          <strong title={name.join(', ')}>{name.join(', ')}</strong>
          <span className="small dimmed">{counted(group.count, 'run')}</span>
        </div>
      </th>
      {columns.map((column) => {
        const at = groupBy.indexOf(column);
        const measure = group.measures[measured.indexOf(column)];
        const write = (value: number | string | null) =>
          value === null ? '–' : column === 'duration' ? span(Number(value)) : figure(Number(value));
        return (
          <td key={column} className={isNumeric(column) ? 'number' : undefined}>
            {at >= 0 ? (
              (cellText(column, group.values[at]) ?? <span className="dimmed">–</span>)
            ) : measure && measure.count > 0 ? (
              <span title={`mean ${write(measure.mean)}, least ${write(measure.min)}, greatest ${write(measure.max)}`}>
                {write(measure.mean)}
              </span>
            ) : null}
          </td>
        );
      })}
    </>
  );
}

interface FoldProps {
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly label: string;
}

function Fold({ isOpen, onToggle, label }: FoldProps) {
  const Icon = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <button type="button" className="fold" aria-expanded={isOpen} aria-label={label} title={label} onClick={onToggle}>
      <Icon size={15} aria-hidden />
    </button>
  );
}
