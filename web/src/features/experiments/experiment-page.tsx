import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { client } from '../../app/client.ts';
import { Failure } from '../../parts/answer.tsx';
import { Page } from '../../parts/page.tsx';
import { ChangeExperiment } from './organize/change-experiment.tsx';
import { RunsPanel } from './table/runs-panel.tsx';
import type { RunsSearch } from './table/search-params.ts';
import { folderOf } from './tree/experiment-rows.ts';
import { FolderCrumbs } from './tree/folder-crumbs.tsx';
import { searchOf } from './views/definition.ts';

const route = getRouteApi('/experiments/$experiment');

export function ExperimentPage() {
  const { experiment } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const answer = useQuery({
    queryKey: ['tracking', 'experiment', experiment],
    queryFn: () => client.tracking.getExperiment({ params: { experiment } }),
  });
  const open = (next: RunsSearch) => void navigate({ search: next, resetScroll: false });
  useLinkedView(search, open);
  return (
    <Page
      title={experiment}
      crumbs={<FolderCrumbs folder={answer.data ? folderOf(answer.data) : ''} />}
      about={answer.data?.description}
      actions={
        <>
          <Link to="/experiments/$experiment/traces" params={{ experiment }}>
            Traces
          </Link>
          {answer.data?.lifecycle === 'active' && <ChangeExperiment experiment={answer.data} />}
        </>
      }
      isWide
    >
      {answer.error && <Failure error={answer.error} onRetry={() => void answer.refetch()} />}
      {!answer.error && <RunsPanel key={experiment} experiment={experiment} search={search} onSearch={open} />}
    </Page>
  );
}

/** A link to a saved view alone opens what the view keeps. */
function useLinkedView(search: RunsSearch, open: (search: RunsSearch) => void) {
  const { view, ...others } = search;
  const isAlone = view !== undefined && Object.values(others).every((value) => value === undefined);
  const answer = useQuery({
    queryKey: ['tracking', 'view', view],
    queryFn: () => client.tracking.getRunView({ params: { view: view ?? '' } }),
    enabled: isAlone,
  });
  const definition = isAlone ? answer.data?.definition : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: opened once, when the view has come
  useEffect(() => {
    if (view === undefined || definition === undefined) return;
    const opened = searchOf(view, definition);
    if (Object.values({ ...opened, view: undefined }).some((value) => value !== undefined)) open(opened);
  }, [view, definition]);
}
