import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { counted } from '../../format/numbers.ts';
import { Failure, Waiting } from '../../parts/answer.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Entries } from './catalog/entries.tsx';
import { SearchBar } from './catalog/search-bar.tsx';
import { Promotions } from './promotions/promotions-table.tsx';

const route = getRouteApi('/models');
const PAGE_SIZE = 100;

/** The catalog of models, and the promotions that wait for somebody. */
export function ModelsPage() {
  const open = useQuery({
    queryKey: ['registry', 'promotions'],
    queryFn: () => client.registry.listAllPromotions({ query: { state: 'open', limit: 200 } }),
  });
  const requests = open.data?.promotions ?? [];
  return (
    <Page
      title="Models"
      lede="Lines of versions that never change, each with its signature, its gate and where it came from. An alias names the version in use."
      actions={<Link to="/webhooks">Webhooks</Link>}
    >
      <Catalog />
      {requests.length > 0 && <Promotions title="Open promotion requests" promotions={requests} ofModels />}
    </Page>
  );
}

function Catalog() {
  const { text, filter, each, sort, descending = false } = route.useSearch();
  const navigate = route.useNavigate();
  const orderBy = sort === undefined ? undefined : `${sort} ${descending ? 'desc' : 'asc'}`;
  const answer = useInfiniteQuery({
    queryKey: ['registry', 'catalog', text, filter, each, orderBy],
    queryFn: ({ pageParam }) =>
      client.registry.searchCatalog({
        query: { text, filter, orderBy, each: each ?? 'model', limit: PAGE_SIZE, pageToken: pageParam },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken ?? undefined,
    placeholderData: keepPreviousData,
  });
  const entries = answer.data?.pages.flatMap((page) => page.entries);
  const total = answer.data?.pages[0]?.total ?? 0;
  const isSearch = text !== undefined || filter !== undefined;
  return (
    <Panel title="Registered models" note={entries && counted(total, each === 'version' ? 'version' : 'model')} flush>
      <SearchBar
        // What was typed gives way to what the address says.
        key={`${text} ${filter}`}
        search={{ text, filter, each }}
        onSearch={(search) => void navigate({ search: (before) => ({ ...before, ...search }) })}
      />
      {answer.isError && <Failure error={answer.error} />}
      {!entries && !answer.isError && <Waiting heightPx={120} />}
      {entries?.length === 0 && !answer.isError && <Nothing isSearch={isSearch} />}
      {entries && entries.length > 0 && !answer.isError && (
        <Entries
          entries={entries}
          order={sort === undefined ? undefined : { column: sort, descending }}
          onOrder={({ column, descending: down }) =>
            void navigate({ search: (before) => ({ ...before, sort: column, descending: down || undefined }) })
          }
        />
      )}
      {answer.hasNextPage && (
        <button type="button" className="more" onClick={() => void answer.fetchNextPage()}>
          Show more of {total}
        </button>
      )}
    </Panel>
  );
}

function Nothing({ isSearch }: { readonly isSearch: boolean }) {
  if (isSearch) return <Empty title="Nothing matches">No model or version has all of this.</Empty>;
  return (
    <Empty title="No model yet" command="npx trimtab demo">
      A version is registered by a pipeline at its end, or with trimtab model. The demo trains, gates and registers one.
    </Empty>
  );
}
