import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { Failure } from '../../../parts/answer.tsx';

interface FilterFieldProps {
  readonly filter: string;
  readonly onChange: (filter: string | undefined) => void;
  /** What the server said of it. */
  readonly error: Error | undefined;
}

/** The filter of runs, as text; what the server cannot read it says below. */
export function FilterField({ filter, onChange, error }: FilterFieldProps) {
  const [text, setText] = useState(filter);
  useEffect(() => setText(filter), [filter]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange(text.trim() || undefined);
  };
  return (
    <>
      <form onSubmit={submit} className="row filter-field">
        <TextInput
          aria-label="Filter of runs"
          placeholder="metrics.auc > 0.6 and params.depth = '6'"
          value={text}
          error={error !== undefined}
          onChange={(event) => setText(event.currentTarget.value)}
          style={{ flex: 1, minWidth: 0 }}
        />
        <Button type="submit" variant="default">
          Filter
        </Button>
        {filter !== '' && (
          <Button variant="subtle" onClick={() => onChange(undefined)}>
            Clear
          </Button>
        )}
      </form>
      {error && (
        <div style={{ flexBasis: '100%' }}>
          <Failure error={error} />
        </div>
      )}
    </>
  );
}
