import type { Tracking } from '#domains/tracking';
import type { MlflowEndpoint } from './endpoint.ts';
import { invalid } from './errors.ts';

const MAX_EXPERIMENTS = 20;

/** Datasets of experiments, for choosing among them. */
export function searchDatasetsEndpoints(tracking: Tracking): readonly MlflowEndpoint[] {
  return [
    {
      method: 'POST',
      path: '/2.0/mlflow/experiments/search-datasets',
      ajaxOnly: true,
      async handle({ message }) {
        const ids = message.texts('experiment_ids');
        if (ids.length === 0) throw invalid('SearchDatasets request must specify at least one experiment_id.');
        if (ids.length > MAX_EXPERIMENTS) {
          const limit = `SearchDatasets request cannot specify more than ${MAX_EXPERIMENTS} experiment_ids.`;
          throw invalid(`${limit} Received ${ids.length} experiment_ids.`);
        }
        const numbers = ids.filter((id) => /^\d{1,9}$/.test(id)).map(Number);
        const uses = await tracking.searchDatasets(numbers);
        const summaries = uses.map(({ experimentId, name, digest, context }) => ({
          experiment_id: experimentId,
          name,
          digest,
          ...(context === null ? {} : { context }),
        }));
        return summaries.length === 0 ? {} : { dataset_summaries: summaries };
      },
    },
  ];
}
