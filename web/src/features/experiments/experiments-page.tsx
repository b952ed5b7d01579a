import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { Experiment } from '#contract';
import { client } from '../../app/client.ts';
import { counted } from '../../format/numbers.ts';
import { Answer } from '../../parts/answer.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { NewExperiment } from './organize/new-experiment.tsx';
import { allFolders, folderOf, foundRows, type TreeOrder, treeRows, withParents } from './tree/experiment-rows.ts';
import { ExperimentTree, type Moved } from './tree/experiment-tree.tsx';
import { FolderCrumbs } from './tree/folder-crumbs.tsx';
import { MoveDialog } from './tree/move-dialog.tsx';

const route = getRouteApi('/experiments');
const LEDE =
  'Runs with what they were told, what they measured, which data and code they used, and the files they left.';

export function ExperimentsPage() {
  const { folder = '' } = route.useSearch();
  const answer = useQuery({
    queryKey: ['tracking', 'experiments'],
    queryFn: () => client.tracking.listExperiments(),
  });
  return (
    <Page
      title={folder === '' ? 'Experiments' : folder.slice(folder.lastIndexOf('/') + 1)}
      crumbs={folder !== '' && <FolderCrumbs folder={withParents(folder).at(-2) ?? ''} />}
      lede={folder === '' ? LEDE : undefined}
      actions={
        <>
          <Link to="/trash">Trash</Link>
          <NewExperiment folder={folder} />
        </>
      }
    >
      <Answer query={answer}>
        {({ experiments }) =>
          experiments.length === 0 ? (
            <Panel title="Experiments" flush>
              <Empty title="No experiment yet" command="npx trimtab demo">
                A training step tracks its runs by itself; your own code does with POST /api/experiments and POST
                /api/runs. The demo tunes a model, each trial a run.
              </Empty>
            </Panel>
          ) : (
            <Experiments key={folder} experiments={experiments} folder={folder} />
          )
        }
      </Answer>
    </Page>
  );
}

interface ExperimentsProps {
  readonly experiments: readonly Experiment[];
  /** The folder that is looked into; empty for all. */
  readonly folder: string;
}

function Experiments({ experiments, folder }: ExperimentsProps) {
  const [search, setSearch] = useState('');
  const [order, setOrder] = useState<TreeOrder>({ by: 'activity', descending: true });
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [moved, setMoved] = useState<Moved>();
  const isSearch = search.trim() !== '';
  const rows = useMemo(
    () => (isSearch ? foundRows(experiments, { search, order }) : treeRows(experiments, { root: folder, open, order })),
    [experiments, search, isSearch, folder, open, order],
  );
  const fold = (path: string) =>
    setOpen((before) => new Set(before.has(path) ? [...before].filter((one) => one !== path) : [...before, path]));
  const found = counted(isSearch ? rows.length : experiments.length, 'experiment');
  return (
    <Panel title="Experiments" note={isSearch ? `${found} found` : folder === '' && found} flush>
      <div className="tree-search">
        <TextInput
          aria-label="Find an experiment"
          placeholder="Find by name, folder or description"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      {rows.length === 0 ? (
        <p className="dimmed" style={{ padding: '0 16px 16px' }}>
          {isSearch ? 'No experiment holds all of these words.' : 'Nothing lies in this folder any more.'}
        </p>
      ) : (
        <ExperimentTree
          rows={rows}
          order={order}
          onOrder={setOrder}
          onFold={fold}
          onMove={setMoved}
          folderOf={(row) => (row.kind === 'folder' ? row.path : folderOf(row.experiment))}
        />
      )}
      {moved && <MoveDialog moved={moved} folders={allFolders(experiments)} onClose={() => setMoved(undefined)} />}
    </Panel>
  );
}
