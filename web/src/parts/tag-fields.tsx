import { Button, TextInput } from '@mantine/core';

export interface TagRow {
  readonly key: string;
  readonly value: string;
  /** Its name can still be written. */
  readonly isNew: boolean;
}

interface TagFieldsProps {
  readonly rows: readonly TagRow[];
  readonly onChange: (rows: readonly TagRow[]) => void;
}

/** Tags to be changed, removed and added. */
export function TagFields({ rows, onChange }: TagFieldsProps) {
  const change = (place: number, part: Partial<TagRow>) =>
    onChange(rows.map((row, index) => (index === place ? { ...row, ...part } : row)));
  return (
    <fieldset className="stack plain">
      <legend className="small">Tags</legend>
      {rows.map((row, place) => (
        // A row is its place: names are written while it stands there.
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
        <div key={place} className="row">
          <TextInput
            aria-label={`Name of tag ${place + 1}`}
            placeholder="name"
            required
            maxLength={250}
            readOnly={!row.isNew}
            value={row.key}
            onChange={(event) => change(place, { key: event.currentTarget.value })}
            style={{ flex: '1 1 120px' }}
          />
          <TextInput
            aria-label={`Value of tag ${place + 1}`}
            placeholder="value"
            value={row.value}
            onChange={(event) => change(place, { value: event.currentTarget.value })}
            style={{ flex: '2 1 120px' }}
          />
          <button
            type="button"
            className="link-button"
            aria-label={`Remove tag ${place + 1}`}
            onClick={() => onChange(rows.filter((_, index) => index !== place))}
          >
            Remove
          </button>
        </div>
      ))}
      <div>
        <Button variant="default" onClick={() => onChange([...rows, { key: '', value: '', isNew: true }])}>
          Add a tag
        </Button>
      </div>
    </fieldset>
  );
}

/** What changes the tags that were there into those of the rows. */
export function tagChanges(
  before: Readonly<Record<string, string>>,
  rows: readonly TagRow[],
): Record<string, string | null> {
  const after = new Map(rows.map(({ key, value }) => [key.trim(), value]));
  const gone = Object.keys(before).filter((key) => !after.has(key));
  const set = [...after].filter(([key, value]) => before[key] !== value);
  return Object.fromEntries([...gone.map((key) => [key, null] as const), ...set]);
}
