import { Button } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError } from '#sdk';

interface AnswerProps<T> {
  readonly query: UseQueryResult<T>;
  readonly children: (data: T) => ReactNode;
  /** Height of the skeleton shown while waiting, in pixels; about that of the content. */
  readonly heightPx?: number;
}

/** Shows what a query answered; a skeleton until it does, and the server's own words when it refuses. */
export function Answer<T>({ query, children, heightPx = 120 }: AnswerProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  return <Waiting heightPx={heightPx} />;
}

/** A grey shape in the place of what is being asked for. */
export function Waiting({ heightPx }: { readonly heightPx: number }) {
  return (
    <div role="status" aria-label="Loading">
      <div className="skeleton" style={{ height: heightPx }} />
    </div>
  );
}

/** An error as the server worded it, with its code and a way to try again. */
export function Failure({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  const code = error instanceof ApiError ? `${error.code} · HTTP ${error.status}` : undefined;
  return (
    <div className="notice" data-tone="failed" role="alert">
      <div className="row" style={{ justifyContent: 'space-between' }}>
        <div style={{ minWidth: 0 }}>
          <div>{error.message}</div>
          {code && <div className="mono small dimmed">{code}</div>}
        </div>
        {onRetry && (
          <Button variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}
