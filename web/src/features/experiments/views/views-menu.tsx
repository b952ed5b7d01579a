import { Button, Menu, Modal, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { RunView } from '#contract';
import { client } from '../../../app/client.ts';
import { Failure } from '../../../parts/answer.tsx';
import type { RunsSearch } from '../table/search-params.ts';
import { definitionOf, searchOf } from './definition.ts';

interface ViewsMenuProps {
  readonly experiment: string;
  readonly search: RunsSearch;
  readonly selected: readonly string[];
  readonly onOpen: (search: RunsSearch) => void;
}

/** Saved views of an experiment: to open, to save, and to send as a link. */
export function ViewsMenu({ experiment, search, selected, onOpen }: ViewsMenuProps) {
  const [naming, setNaming] = useState(false);
  const queries = useQueryClient();
  const answer = useQuery({
    queryKey: ['tracking', 'views', experiment],
    queryFn: () => client.tracking.listRunViews({ params: { experiment } }),
  });
  const views = answer.data?.views ?? [];
  const open = views.find(({ id }) => id === search.view);
  const definition = definitionOf(search, selected);
  const action = useMutation({
    mutationFn: (act: () => Promise<RunView | undefined>) => act(),
    onSuccess: (view) => {
      setNaming(false);
      void queries.invalidateQueries({ queryKey: ['tracking', 'views', experiment] });
      onOpen({ ...search, view: view?.id });
    },
  });
  const save = (name: string) =>
    action.mutate(() => client.tracking.createRunView({ params: { experiment }, body: { name, definition } }));
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Button variant="default">{open ? `View: ${open.name}` : 'Views'}</Button>
        </Menu.Target>
        <Menu.Dropdown className="menu-scroll">
          {views.length > 0 && <Menu.Label>Saved views</Menu.Label>}
          {views.map((view) => (
            <Menu.Item key={view.id} onClick={() => onOpen(searchOf(view.id, view.definition))}>
              {view.name}
            </Menu.Item>
          ))}
          <Menu.Label>What is open now</Menu.Label>
          <Menu.Item onClick={() => setNaming(true)}>Save as a view</Menu.Item>
          {open && (
            <Menu.Item
              onClick={() =>
                action.mutate(() =>
                  client.tracking.changeRunView({
                    params: { view: open.id },
                    body: { revision: open.revision, name: open.name, definition },
                  }),
                )
              }
            >
              Save changes to “{open.name}”
            </Menu.Item>
          )}
          <Menu.Item onClick={() => void navigator.clipboard?.writeText(location.href)}>Copy the link</Menu.Item>
          {open && (
            <Menu.Item
              onClick={() =>
                action.mutate(async () => {
                  await client.tracking.deleteRunView({ params: { view: open.id } });
                  return undefined;
                })
              }
            >
              Delete “{open.name}”
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={naming}
        onClose={() => setNaming(false)}
        title="Save as a view"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <NameForm onDone={save} error={action.error} />
      </Modal>
      {action.error && !naming && <Failure error={action.error} />}
    </>
  );
}

function NameForm({ onDone, error }: { readonly onDone: (name: string) => void; readonly error: Error | null }) {
  const [name, setName] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onDone(name.trim());
  };
  return (
    <form onSubmit={submit} className="stack">
      <TextInput
        label="Name"
        description="Filter, order, groups, columns and selected runs are kept; whoever may read the experiment can open it."
        value={name}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {error && <Failure error={error} />}
      <div>
        <Button type="submit" disabled={name.trim() === ''}>
          Save
        </Button>
      </div>
    </form>
  );
}
