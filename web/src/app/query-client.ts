import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '#sdk';

const STALE_MS = 5_000;

/** Answers are kept until an event says that they changed; a refusal of the server is not asked for again. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: STALE_MS,
      retry: (attempts, error) => !(error instanceof ApiError && error.status < 500) && attempts < 2,
      refetchOnWindowFocus: true,
    },
  },
});
