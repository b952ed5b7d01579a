import { Button, Checkbox, Popover, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ExperimentColumns } from '#contract';
import { choicesOf, splitColumn } from './columns.ts';

interface ColumnChoiceProps {
  readonly known: ExperimentColumns;
  readonly shown: readonly string[];
  readonly onChange: (columns: string[]) => void;
}

/** Which metrics, params and tags the table of runs shows. */
export function ColumnChoice({ known, shown, onChange }: ColumnChoiceProps) {
  const [search, setSearch] = useState('');
  const groups = choicesOf(known)
    .map(({ group, items }) => ({
      group,
      items: items.filter((item) => item.toLowerCase().includes(search.toLowerCase())),
    }))
    .filter(({ items }) => items.length > 0);
  const toggle = (column: string, on: boolean) =>
    onChange(on ? [...shown, column] : shown.filter((one) => one !== column));
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default">Columns ({shown.length})</Button>
      </Popover.Target>
      <Popover.Dropdown p={12} style={{ width: 280 }}>
        <TextInput
          aria-label="Find a column"
          placeholder="Find a column"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <div className="choices">
          {groups.length === 0 && <p className="small dimmed">No such column.</p>}
          {groups.map(({ group, items }) => (
            <fieldset key={group}>
              <legend className="small dimmed">{group}</legend>
              {items.map((column) => (
                <Checkbox
                  key={column}
                  size="xs"
                  label={splitColumn(column)[1]}
                  checked={shown.includes(column)}
                  onChange={(event) => toggle(column, event.currentTarget.checked)}
                />
              ))}
            </fieldset>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
