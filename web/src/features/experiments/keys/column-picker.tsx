import { ActionIcon, Button, Popover } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { count } from '../../../format/numbers.ts';
import { ATTRIBUTES, columnName, headerOf, splitColumn } from '../table/columns.ts';
import type { ListedKey } from './key-list.tsx';
import { KeySearch } from './key-search.tsx';

interface ColumnPickerProps {
  readonly experiments: readonly string[];
  readonly columns: readonly string[];
  readonly onChange: (columns: readonly string[]) => void;
}

/** Which columns a table of runs shows, and in which order. */
export function ColumnPicker({ experiments, columns, onChange }: ColumnPickerProps) {
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default">Columns ({columns.length})</Button>
      </Popover.Target>
      <Popover.Dropdown p={12} className="picker">
        <Shown columns={columns} onChange={onChange} />
        <KeySearch experiments={experiments} label="Find a column" attributes={Object.keys(ATTRIBUTES)}>
          {(key) => <Choice of={key} columns={columns} onChange={onChange} />}
        </KeySearch>
      </Popover.Dropdown>
    </Popover>
  );
}

type ShownProps = Pick<ColumnPickerProps, 'columns' | 'onChange'>;

/** The columns that are shown, to move and to take away. */
function Shown(props: ShownProps) {
  // Its many buttons are made when somebody wants them, not with every opening of the picker.
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="disclosure" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="small">Order of the {props.columns.length} shown</summary>
      {isOpen && <Arrangement {...props} />}
    </details>
  );
}

function Arrangement({ columns, onChange }: ShownProps) {
  const move = (from: number, to: number) => {
    const next = columns.toSpliced(from, 1);
    onChange(next.toSpliced(to, 0, columns[from] as string));
  };
  return (
    <ol className="shown-columns">
      {columns.map((column, index) => (
        <li key={column}>
          <span title={column}>{headerOf(column)}</span>
          <ActionIcon
            variant="subtle"
            size="sm"
            aria-label={`Move ${headerOf(column)} left`}
            disabled={index === 0}
            onClick={() => move(index, index - 1)}
          >
            <IconArrowUp size={14} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            size="sm"
            aria-label={`Move ${headerOf(column)} right`}
            disabled={index === columns.length - 1}
            onClick={() => move(index, index + 1)}
          >
            <IconArrowDown size={14} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            size="sm"
            aria-label={`Take ${headerOf(column)} away`}
            onClick={() => onChange(columns.toSpliced(index, 1))}
          >
            <IconX size={14} aria-hidden />
          </ActionIcon>
        </li>
      ))}
    </ol>
  );
}

interface ChoiceProps extends ShownProps {
  readonly of: ListedKey;
}

function Choice({ of, columns, onChange }: ChoiceProps) {
  const same = (a: string, b: string) => {
    const [left, right] = [splitColumn(a), splitColumn(b)];
    return left.kind === right.kind && left.key === right.key;
  };
  const has = (column: string) => columns.some((one) => same(one, column));
  const toggle = (column: string) =>
    onChange(has(column) ? columns.filter((one) => !same(one, column)) : [...columns, column]);
  const name = of.kind === 'attributes' ? headerOf(of.key) : of.key;
  return (
    <>
      <label title={of.key}>
        <input type="checkbox" className="tick" checked={has(of.column)} onChange={() => toggle(of.column)} />
        {name}
      </label>
      {of.kind === 'metrics' &&
        (['minima', 'maxima'] as const).map((kind) => {
          const column = columnName(kind, of.key);
          const word = kind === 'minima' ? 'least' : 'greatest';
          return (
            <button
              key={kind}
              type="button"
              className="toggle"
              aria-pressed={has(column)}
              aria-label={`${of.key}, ${word}`}
              onClick={() => toggle(column)}
            >
              {kind === 'minima' ? 'min' : 'max'}
            </button>
          );
        })}
      <span className="small dimmed">{of.runs === undefined ? 'every run' : count(of.runs)}</span>
    </>
  );
}
