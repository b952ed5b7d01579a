import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failure, Waiting } from './answer.tsx';

interface PagedProps<Answer, Row> {
  readonly found: UseInfiniteQueryResult<InfiniteData<Answer>>;
  readonly rowsOf: (page: Answer) => readonly Row[];
  /** What the button for the next page says. */
  readonly more: string;
  /** Shows the rows of all pages that were asked for, and the button where there are more. */
  readonly children: (rows: readonly Row[], more: ReactNode) => ReactNode;
}

/** What a server tells a page at a time; a skeleton until the first is there, and its own words when it refuses. */
export function Paged<Answer, Row>({ found, rowsOf, more, children }: PagedProps<Answer, Row>) {
  if (!found.data) {
    return (
      <div style={{ padding: 16 }}>
        {found.error ? (
          <Failure error={found.error} onRetry={() => void found.refetch()} />
        ) : (
          <Waiting heightPx={200} />
        )}
      </div>
    );
  }
  const button = found.hasNextPage && (
    <button
      type="button"
      className="more"
      onClick={() => void found.fetchNextPage()}
      disabled={found.isFetchingNextPage}
    >
      {found.isFetchingNextPage ? 'Loading' : more}
    </button>
  );
  return <>{children(found.data.pages.flatMap(rowsOf), button)}</>;
}
