import { Button, Checkbox, Modal } from '@mantine/core';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { TrashCounts, TrashEmptied, TrashItem } from '#contract';
import { client } from '../../../app/client.ts';
import { bytes, count, counted } from '../../../format/numbers.ts';
import { instant } from '../../../format/times.ts';
import { Answer, Failure } from '../../../parts/answer.tsx';
import { DataTable } from '../../../parts/data-table.tsx';
import { Empty } from '../../../parts/empty.tsx';
import { Page } from '../../../parts/page.tsx';
import { Panel } from '../../../parts/panel.tsx';

const PAGE = 500;

/** What was deleted: to bring back, or to delete for good. */
export function TrashPage() {
  const [limit, setLimit] = useState(PAGE);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [emptied, setEmptied] = useState<TrashEmptied>();
  const [asked, setAsked] = useState<'some' | 'all'>();
  const queries = useQueryClient();
  const answer = useQuery({
    queryKey: ['tracking', 'trash', limit],
    queryFn: () => client.tracking.listTrash({ query: { limit: Math.min(1000, limit) } }),
    placeholderData: keepPreviousData,
  });
  const items = answer.data?.items ?? [];
  const selected = items.filter((item) => chosen.has(nameOf(item)));
  const action = useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSuccess: () => {
      setChosen(new Set());
      setAsked(undefined);
      void queries.invalidateQueries({ queryKey: ['tracking'] });
    },
  });
  const restore = () => action.mutate(() => client.tracking.restoreFromTrash({ body: selectionOf(selected) }));
  const empty = (what: ReturnType<typeof selectionOf> | Record<string, never>) =>
    action.mutate(async () => setEmptied(await emptyAll(what)));
  return (
    <Page
      title="Trash"
      crumbs={<Link to="/experiments">Experiments</Link>}
      lede="Runs, experiments and logged models that were deleted. They come back as they were, until they are deleted for good."
    >
      {emptied && <Emptied of={emptied} />}
      <Answer query={answer}>
        {({ counts }) => (
          <Panel title="In the trash" note={countsText(counts)} flush>
            {items.length === 0 ? (
              <Empty title="The trash is empty">What is deleted on the page of an experiment or run lies here.</Empty>
            ) : (
              <>
                <div className="row toolbar">
                  <Button variant="default" disabled={selected.length === 0} onClick={restore}>
                    Restore{selected.length > 0 ? ` ${count(selected.length)}` : ''}
                  </Button>
                  <Button variant="default" disabled={selected.length === 0} onClick={() => setAsked('some')}>
                    Delete for good
                  </Button>
                  <Button variant="default" onClick={() => setAsked('all')}>
                    Empty the trash
                  </Button>
                  {action.error && <Failure error={action.error} />}
                </div>
                <Items
                  items={items}
                  chosen={chosen}
                  onChoose={(name, on) => {
                    const next = new Set(chosen);
                    if (on) next.add(name);
                    else next.delete(name);
                    setChosen(next);
                  }}
                />
                {items.length === limit && limit < 1000 && (
                  <button type="button" className="more" onClick={() => setLimit(1000)}>
                    Show more
                  </button>
                )}
              </>
            )}
          </Panel>
        )}
      </Answer>
      <Modal
        opened={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={asked === 'all' ? 'Empty the trash?' : `Delete ${counted(selected.length, 'thing')} for good?`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <div className="stack">
          <p>
            Facts, histories and files go and cannot be brought back. The audit log keeps that they did. What a
            registered version was made from stays.
          </p>
          {action.error && <Failure error={action.error} />}
          <div className="row">
            <Button
              color="red"
              loading={action.isPending}
              onClick={() => empty(asked === 'all' ? {} : selectionOf(selected))}
            >
              Delete for good
            </Button>
            <Button variant="default" onClick={() => setAsked(undefined)}>
              Keep
            </Button>
          </div>
        </div>
      </Modal>
    </Page>
  );
}

interface ItemsProps {
  readonly items: readonly TrashItem[];
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (name: string, on: boolean) => void;
}

function Items({ items, chosen, onChoose }: ItemsProps) {
  return (
    <DataTable
      label="In the trash"
      rows={items}
      rowKey={nameOf}
      limit={100}
      columns={[
        {
          id: 'name',
          header: 'Name',
          sort: (item) => item.name,
          cell: (item) => (
            <div className="row" style={{ flexWrap: 'nowrap' }}>
              <Checkbox
                size="xs"
                aria-label={`Select ${item.name}`}
                checked={chosen.has(nameOf(item))}
                onChange={(event) => onChoose(nameOf(item), event.currentTarget.checked)}
              />
              {item.kind === 'run' ? (
                <Link to="/runs/$run" params={{ run: item.id }}>
                  {item.name}
                </Link>
              ) : (
                item.name
              )}
            </div>
          ),
        },
        { id: 'kind', header: 'What', sort: (item) => item.kind, cell: (item) => item.kind.replace('-', ' ') },
        { id: 'experiment', header: 'Experiment', wide: true, cell: (item) => item.experiment },
        {
          id: 'deleted',
          header: 'Deleted',
          tight: true,
          sort: (item) => item.deletedAtMs,
          cell: (item) => instant(item.deletedAtMs),
        },
      ]}
    />
  );
}

function Emptied({ of }: { readonly of: TrashEmptied }) {
  return (
    <div className="notice" data-tone="ok" role="status">
      Deleted for good: {countsText(of)}, {counted(of.files, 'file')} of {bytes(of.bytes)}.
      {of.left.length > 0 && (
        <ul>
          {of.left.map(({ id, reason }) => (
            <li key={id}>
              {id} stays: {reason}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function nameOf({ kind, id }: TrashItem): string {
  return `${kind}:${id}`;
}

function countsText({ runs, experiments, loggedModels }: TrashCounts): string {
  return [counted(runs, 'run'), counted(experiments, 'experiment'), counted(loggedModels, 'logged model')].join(', ');
}

function selectionOf(items: readonly TrashItem[]) {
  const ids = (kind: TrashItem['kind']) => items.filter((item) => item.kind === kind).map(({ id }) => id);
  return { runs: ids('run'), experiments: ids('experiment'), loggedModels: ids('logged-model') };
}

/** One call after the other until nothing is left to go. */
async function emptyAll(what: ReturnType<typeof selectionOf> | Record<string, never>): Promise<TrashEmptied> {
  let sum = await client.tracking.emptyTrash({ body: what });
  while (sum.more) {
    const next = await client.tracking.emptyTrash({ body: what });
    sum = {
      ...next,
      runs: sum.runs + next.runs,
      experiments: sum.experiments + next.experiments,
      loggedModels: sum.loggedModels + next.loggedModels,
      files: sum.files + next.files,
      bytes: sum.bytes + next.bytes,
    };
  }
  return sum;
}
