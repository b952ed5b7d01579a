import { SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { KeyList, type ListedKey } from './key-list.tsx';
import type { KeyKind } from './use-keys.ts';

const ASK_AFTER_MS = 150;

interface KeySearchProps {
  readonly experiments: readonly string[];
  readonly label: string;
  readonly attributes?: readonly string[];
  /** Only keys of this kind; left out: all, and one can be chosen. */
  readonly kind?: KeyKind;
  readonly children: (key: ListedKey) => ReactNode;
}

/** Looks for metrics, params and tags by words of their names. */
export function KeySearch({ experiments, label, attributes, kind, children }: KeySearchProps) {
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), ASK_AFTER_MS);
  const [chosen, setChosen] = useState<KeyKind | 'all'>('all');
  const only = kind ?? (chosen === 'all' ? undefined : chosen);
  return (
    <div className="key-search">
      <TextInput
        aria-label={label}
        placeholder={label}
        value={text}
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {kind === undefined && (
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label="Kind of key"
          value={chosen}
          onChange={(value) => setChosen(value as KeyKind | 'all')}
          data={[
            { value: 'all', label: 'All' },
            { value: 'metrics', label: 'Metrics' },
            { value: 'params', label: 'Params' },
            { value: 'tags', label: 'Tags' },
          ]}
        />
      )}
      <KeyList
        key={`${search} ${only}`}
        wanted={{ experiments, search, kind: only }}
        label="Keys"
        {...(attributes ? { attributes } : {})}
      >
        {children}
      </KeyList>
    </div>
  );
}
