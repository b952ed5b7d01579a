import { Button, Menu, Modal, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { client } from '../../../app/client.ts';
import { count, counted } from '../../../format/numbers.ts';
import { Failure } from '../../../parts/answer.tsx';
import { DialogForm } from '../../../parts/dialog.tsx';
import { TagFields, type TagRow, tagChanges } from '../../../parts/tag-fields.tsx';
import type { Selection } from '../table/use-selection.ts';

/** What one request of the server takes. */
const MAX_RUNS = 1000;

interface BulkActionsProps {
  readonly experiment: string;
  readonly selection: Selection;
}

type Asked = 'group' | 'tag' | 'move' | 'copy' | 'delete';

/** What can be done with the runs that are selected. */
export function BulkActions({ experiment, selection }: BulkActionsProps) {
  const [asked, setAsked] = useState<Asked>();
  const queries = useQueryClient();
  const { runs } = selection;
  const action = useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSuccess: () => {
      setAsked(undefined);
      void queries.invalidateQueries({ queryKey: ['tracking'] });
    },
  });
  const mark = (marks: { pinned?: boolean; archived?: boolean; group?: string | null }) =>
    action.mutate(() => inParts(runs, (part) => client.tracking.markRuns({ body: { runs: part, ...marks } })));
  if (runs.length === 0) return null;
  return (
    <section className="row selection-bar" aria-label="Selected runs">
      <strong>{counted(runs.length, 'run')} selected</strong>
      {runs.length > 1 && (
        <Link to="/compare" search={{ runs: [...runs] }} className="button-link">
          Compare {count(runs.length)} runs
        </Link>
      )}
      <Button variant="default" onClick={() => mark({ pinned: true })}>
        Pin
      </Button>
      <Button variant="default" onClick={() => mark({ archived: true })}>
        Archive
      </Button>
      <Menu position="bottom-start" shadow="md">
        <Menu.Target>
          <Button variant="default">More</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => mark({ pinned: false })}>Pin no more</Menu.Item>
          <Menu.Item onClick={() => mark({ archived: false })}>Archive no more</Menu.Item>
          <Menu.Item onClick={() => setAsked('group')}>Put into a group</Menu.Item>
          <Menu.Item onClick={() => setAsked('tag')}>Tag</Menu.Item>
          <Menu.Item onClick={() => setAsked('move')}>Move to an experiment</Menu.Item>
          <Menu.Item onClick={() => setAsked('copy')}>Copy to an experiment</Menu.Item>
          <Menu.Item onClick={() => setAsked('delete')}>Delete</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Button variant="subtle" onClick={selection.clear}>
        Clear
      </Button>
      {action.error && !asked && <Failure error={action.error} />}
      <Modal
        opened={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={asked && TITLES[asked](runs.length)}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {asked === 'group' && (
          <OneField
            label="Name of the group"
            hint="Empty takes them out of their group."
            button="Put into the group"
            error={action.error}
            onDone={(name) => mark({ group: name === '' ? null : name })}
          />
        )}
        {asked === 'tag' && (
          <TagForm
            onSubmit={async (tags) => {
              await inParts(runs, (part) => client.tracking.markRuns({ body: { runs: part, tags } }));
              setAsked(undefined);
              await queries.invalidateQueries({ queryKey: ['tracking'] });
            }}
          />
        )}
        {(asked === 'move' || asked === 'copy') && (
          <OneField
            label="Experiment"
            hint="The runs that are part of them come along."
            button={asked === 'move' ? 'Move' : 'Copy'}
            except={experiment}
            error={action.error}
            onDone={(to) =>
              action.mutate(async () => {
                if (asked === 'move') {
                  await inParts(runs, (part) => client.tracking.moveRuns({ body: { runs: part, to } }));
                  selection.clear();
                } else {
                  const key = crypto.randomUUID();
                  await inParts(runs, (part) => client.tracking.copyRuns({ body: { runs: part, to, key } }));
                }
              })
            }
          />
        )}
        {asked === 'delete' && (
          <div className="stack">
            <p>
              They go into the <Link to="/trash">trash</Link>, from where they can be brought back.
            </p>
            {action.error && <Failure error={action.error} />}
            <div className="row">
              <Button
                color="red"
                onClick={() =>
                  action.mutate(async () => {
                    await inParts(runs, (part) => client.tracking.putIntoTrash({ body: { runs: part } }));
                    selection.clear();
                  })
                }
              >
                Delete {counted(runs.length, 'run')}
              </Button>
              <Button variant="default" onClick={() => setAsked(undefined)}>
                Keep them
              </Button>
            </div>
          </div>
        )}
      </Modal>
    </section>
  );
}

const TITLES: Readonly<Record<Asked, (runs: number) => string>> = {
  group: (runs) => `Put ${counted(runs, 'run')} into a group`,
  tag: (runs) => `Tag ${counted(runs, 'run')}`,
  move: (runs) => `Move ${counted(runs, 'run')}`,
  copy: (runs) => `Copy ${counted(runs, 'run')}`,
  delete: (runs) => `Delete ${counted(runs, 'run')}?`,
};

async function inParts(runs: readonly string[], act: (part: string[]) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < runs.length; start += MAX_RUNS) await act(runs.slice(start, start + MAX_RUNS));
}

function TagForm({ onSubmit }: { readonly onSubmit: (tags: Record<string, string | null>) => Promise<void> }) {
  const [rows, setRows] = useState<readonly TagRow[]>([{ key: '', value: '', isNew: true }]);
  return (
    <DialogForm submit="Set the tags" isDisabled={rows.length === 0} onSubmit={() => onSubmit(tagChanges({}, rows))}>
      <TagFields rows={rows} onChange={setRows} />
    </DialogForm>
  );
}

interface OneFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly button: string;
  /** Offers the names of the experiments but this one. */
  readonly except?: string;
  readonly error: Error | null;
  readonly onDone: (value: string) => void;
}

function OneField({ label, hint, button, except, error, onDone }: OneFieldProps) {
  const [text, setText] = useState('');
  const experiments = useQuery({
    queryKey: ['tracking', 'experiments'],
    queryFn: () => client.tracking.listExperiments(),
    enabled: except !== undefined,
  });
  const names = experiments.data?.experiments.map(({ name }) => name).filter((name) => name !== except) ?? [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onDone(text.trim());
  };
  return (
    <form onSubmit={submit} className="stack">
      <TextInput
        label={label}
        description={hint}
        value={text}
        list={except === undefined ? undefined : 'experiment-names'}
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {except !== undefined && (
        <datalist id="experiment-names">
          {names.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
      {error && <Failure error={error} />}
      <div>
        <Button type="submit" disabled={except !== undefined && text.trim() === ''}>
          {button}
        </Button>
      </div>
    </form>
  );
}
