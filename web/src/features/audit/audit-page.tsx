import { Button, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { AuditEntry } from '#contract';
import { client } from '../../app/client.ts';
import { Failure, Waiting } from '../../parts/answer.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Entries } from './entries.tsx';
import { Verify } from './verify.tsx';

const route = getRouteApi('/audit');
const PAGE_SIZE = 50;

/** Every move of a pointer: who moved what, from where to where, and why. */
export function AuditPage() {
  const { pointer } = route.useSearch();
  const log = useInfiniteQuery({
    queryKey: ['governance', 'audit', pointer ?? ''],
    queryFn: ({ pageParam }) =>
      client.governance.listAudit({
        query: {
          limit: PAGE_SIZE,
          ...(pointer === undefined ? {} : { pointer: asPattern(pointer) }),
          ...(pageParam === null ? {} : { before: pageParam }),
        },
      }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.nextBefore,
  });
  const entries = log.data?.pages.flatMap((page) => page.entries);
  return (
    <Page
      title="Audit"
      lede="Every move of a pointer — a branch, an alias, the traffic of an endpoint, the state of a loop — in one append-only log. Each entry holds the digest of the one before."
    >
      <Verify />
      <Panel title="Log" note="newest first, times in UTC" flush>
        <Filter pointer={pointer ?? ''} />
        {entries ? (
          <>
            <Log entries={entries} filtered={pointer !== undefined} />
            {log.hasNextPage && (
              <button
                type="button"
                className="more"
                onClick={() => void log.fetchNextPage()}
                disabled={log.isFetchingNextPage}
              >
                {log.isFetchingNextPage ? 'Loading' : 'Show older entries'}
              </button>
            )}
          </>
        ) : (
          <div style={{ padding: 16 }}>
            {log.error ? <Failure error={log.error} onRetry={() => void log.refetch()} /> : <Waiting heightPx={200} />}
          </div>
        )}
      </Panel>
    </Page>
  );
}

function Log({ entries, filtered }: { readonly entries: readonly AuditEntry[]; readonly filtered: boolean }) {
  if (entries.length > 0) return <Entries entries={entries} />;
  if (filtered) {
    return (
      <Empty title="No move of such a pointer">
        A pointer is named by its kind and name, e.g. endpoint:delays. The beginning of one is enough.
      </Empty>
    );
  }
  return (
    <Empty title="Nothing has been moved yet" command="npx trimtab demo">
      Commit data, register a version or create an endpoint, and the move is noted here. The demo does all of it.
    </Empty>
  );
}

/** People type the beginning of a pointer; the server wants to be told so. */
function asPattern(text: string): string {
  return text.endsWith('*') ? text : `${text}*`;
}

function Filter({ pointer }: { readonly pointer: string }) {
  const navigate = route.useNavigate();
  const [text, setText] = useState(pointer);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ search: { pointer: text.trim() || undefined } });
  };
  const clear = () => {
    setText('');
    void navigate({ search: {} });
  };
  return (
    <form className="row toolbar" onSubmit={submit}>
      <TextInput
        aria-label="Pointer, or its beginning"
        placeholder="endpoint:, model:delays, loop:…"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        style={{ flex: '1 1 180px', maxWidth: 320 }}
      />
      <Button type="submit" variant="default">
        Filter
      </Button>
      {pointer !== '' && (
        <Button variant="subtle" onClick={clear}>
          Show all
        </Button>
      )}
    </form>
  );
}
