import type { Clock, Rng } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { createAssessments } from './assessments.ts';
import { createDatasets } from './datasets/datasets.ts';
import { unlinkExperiments } from './datasets/store.ts';
import { tracingErrors } from './errors.ts';
import { createFigures } from './figures/figures.ts';
import type { TracingPorts } from './ports.ts';
import { createTraceSearch } from './search/search.ts';
import { artifactLocation, createSpans } from './spans.ts';
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

/** What programs that ask language models did, what is thought of it, and what they are judged by. */
export function createTracing(options: TracingOptions) {
  const { database, patienceMs = 3000 } = options;
  const traces = createTraces({ ...options, patienceMs });
  return {
    ...createSpans(options),
    ...traces,
    ...createAssessments(options),
    ...createTraceSearch(database),
    ...createFigures(database),
    ...createDatasets(options),

    /** Number of an experiment by its name, as text. @throws TRACING_EXPERIMENT_NOT_FOUND */
    async experimentNamed(name: string): Promise<string> {
      const id = await options.experiments.idOf(name);
      if (id === undefined) throw tracingErrors.TRACING_EXPERIMENT_NOT_FOUND({ experiment: name });
      return String(id);
    },

    /** Names of experiments by their numbers, as text; of those that are there. */
    async experimentNames(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
      const names = new Map<string, string>();
      for (const id of new Set(ids)) {
        const experiment = await options.experiments.find(Number(id));
        if (experiment) names.set(id, experiment.name);
      }
      return names;
    },

    /** Where clients put files of a trace. @throws TRACING_TRACE_NOT_FOUND */
    async filesOfTrace(trace: string): Promise<string> {
      const { experimentId } = await traces.getTraceInfo(trace);
      const experiment = await options.experiments.find(Number(experimentId));
      if (!experiment) throw tracingErrors.TRACING_TRACE_NOT_FOUND({ trace });
      return artifactLocation(experiment.artifactLocation, trace);
    },

    /** Deletes everything of an experiment that was deleted for good. Doing so again changes nothing. */
    async forgetExperiment(experimentId: string): Promise<void> {
      await database.transaction(async (tx) => {
        await deleteTraces(tx, { experiment: Number(experimentId) });
        await unlinkExperiments(tx, [Number(experimentId)], undefined);
      });
    },
  };
}
