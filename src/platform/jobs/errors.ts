import { defineErrors } from '#platform/kernel';

export const jobsErrors = defineErrors({
  JOBS_PROCESS_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { id: string }) => `No process "${d.id}" was ever started here, or its record was removed.`,
  },
  JOBS_START_FAILED: {
    kind: 'unavailable',
    message: (d: { id: string; problem: string }) =>
      `The process "${d.id}" could not be started: ${d.problem}. Check that /bin/sh exists and the data folder can be written.`,
  },
});
