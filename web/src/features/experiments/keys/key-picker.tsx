import { Button, Popover } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { headerOf } from '../table/columns.ts';
import { KeySearch } from './key-search.tsx';
import type { KeyKind } from './use-keys.ts';

interface KeyPickerProps {
  readonly experiments: readonly string[];
  /** What the button says. */
  readonly text: string;
  readonly label: string;
  readonly attributes?: readonly string[];
  readonly kind?: KeyKind;
  readonly onPick: (column: string) => void;
  readonly disabled?: boolean;
}

/** A button that lets one choose one metric, param, tag or attribute. */
export function KeyPicker({ experiments, text, label, attributes = [], kind, onPick, disabled }: KeyPickerProps) {
  const [opened, { toggle, close }] = useDisclosure(false);
  return (
    <Popover
      position="bottom-start"
      shadow="md"
      trapFocus
      returnFocus
      opened={opened}
      onChange={(open) => !open && close()}
    >
      <Popover.Target>
        <Button variant="default" onClick={toggle} disabled={disabled} aria-expanded={opened}>
          {text}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={12} className="picker">
        <KeySearch experiments={experiments} label={label} attributes={attributes} {...(kind ? { kind } : {})}>
          {(key) => (
            <button
              type="button"
              className="pick"
              title={key.key}
              onClick={() => {
                onPick(key.column);
                close();
              }}
            >
              <span>{key.kind === 'attributes' ? headerOf(key.key) : key.key}</span>
              {kind === undefined && <span className="small dimmed">{key.kind}</span>}
            </button>
          )}
        </KeySearch>
      </Popover.Dropdown>
    </Popover>
  );
}
