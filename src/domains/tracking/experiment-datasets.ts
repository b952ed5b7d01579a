import type { Database } from '#platform/sql';
import { trackingErrors } from './errors.ts';
import { type DatasetUse, readDatasetUses } from './store/experiment-dataset-store.ts';
import { findExperimentId } from './store/experiment-store.ts';

const MAX_USES = 1000;

/** What one state of a dataset was used for in an experiment. */
interface ExperimentDataset extends Omit<DatasetUse, 'context' | 'experimentId'> {
  readonly contexts: readonly string[];
}

export type ExperimentDatasets = ReturnType<typeof createExperimentDatasets>;

export function createExperimentDatasets(database: Database) {
  return {
    /** Datasets of experiments by number, once for each context, at most 1000. Numbers that nobody has find nothing. */
    searchDatasets: (experiments: readonly number[]) => readDatasetUses(database, experiments, MAX_USES),

    /** Datasets of an experiment, by name and digest. */
    async listExperimentDatasets(experiment: string): Promise<readonly ExperimentDataset[]> {
      const id = await findExperimentId(database, experiment);
      if (id === undefined) throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment });
      const datasets = new Map<string, ExperimentDataset>();
      for (const { context, experimentId: _, ...use } of await readDatasetUses(database, [id], MAX_USES)) {
        const key = JSON.stringify([use.name, use.digest]);
        const known = datasets.get(key);
        const contexts = [...(known?.contexts ?? []), ...(context === null ? [] : [context])];
        datasets.set(key, { ...use, contexts, runs: use.runs + (known?.runs ?? 0) });
      }
      return [...datasets.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    },
  };
}

function nameOf({ name, digest }: ExperimentDataset): string {
  return `${name}\0${digest}`;
}
