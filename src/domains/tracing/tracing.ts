import type { Clock, Rng } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { createAssessments } from './assessments.ts';
import type { TracingPorts } from './ports.ts';
import { createTraceSearch } from './search/search.ts';
import { createSpans } from './spans.ts';
import { deleteTraces } from './store/trace-store.ts';
import { createTraces } from './traces.ts';

interface TracingOptions extends TracingPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly rng: Rng;
  /** How long a reader of a whole trace waits for spans that are on their way, ms. */
  readonly patienceMs?: number;
}

export type Tracing = ReturnType<typeof createTracing>;

/** What programs that ask language models did, and what is thought of it. */
export function createTracing(options: TracingOptions) {
  const { database, patienceMs = 3000 } = options;
  return {
    ...createSpans(options),
    ...createTraces({ ...options, patienceMs }),
    ...createAssessments(options),
    ...createTraceSearch(database),

    /** Deletes everything of an experiment that was deleted for good. Doing so again changes nothing. */
    async forgetExperiment(experimentId: string): Promise<void> {
      await database.transaction((tx) => deleteTraces(tx, { experiment: Number(experimentId) }));
    },
  };
}
