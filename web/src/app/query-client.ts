import { ApiError } from '#sdk';
import { FreshQueryClient } from './fresh-query-client.ts';

const STALE_MS = 5_000;

/** Answers are kept until an event says that they changed; a refusal of the server is not asked for again. */
export const queryClient = new FreshQueryClient({
  defaultOptions: {
    queries: {
      staleTime: STALE_MS,
      retry: (attempts, error) => !(error instanceof ApiError && error.status < 500) && attempts < 2,
      refetchOnWindowFocus: true,
    },
  },
});
