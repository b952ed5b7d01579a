import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';

interface Search {
  readonly text?: string | undefined;
  readonly filter?: string | undefined;
  readonly each?: 'version' | undefined;
}

interface SearchBarProps {
  readonly search: Search;
  readonly onSearch: (search: Search) => void;
}

/** Words and a filter, sent together; an entry a model or one a version. */
export function SearchBar({ search, onSearch }: SearchBarProps) {
  const [text, setText] = useState(search.text ?? '');
  const [filter, setFilter] = useState(search.filter ?? '');
  const given = (typed: string) => (typed.trim() === '' ? undefined : typed.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch({ ...search, text: given(text), filter: given(filter) });
  };
  return (
    <form onSubmit={submit} className="row toolbar catalog-search">
      <TextInput
        aria-label="Words"
        placeholder="Words, e.g. flights weather"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        style={{ flex: '1 1 180px' }}
      />
      <TextInput
        aria-label="Filter of models"
        placeholder="metrics.test.auc > 0.7 and column = 'origin'"
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
        style={{ flex: '2 1 260px' }}
        spellCheck={false}
      />
      <Button type="submit" variant="default">
        Search
      </Button>
      <SegmentedControl
        aria-label="An entry for each"
        size="xs"
        value={search.each ?? 'model'}
        onChange={(each) => onSearch({ ...search, each: each === 'version' ? 'version' : undefined })}
        data={[
          { value: 'model', label: 'Models' },
          { value: 'version', label: 'Versions' },
        ]}
      />
    </form>
  );
}
