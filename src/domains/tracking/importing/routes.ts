import { importOperations as operations } from '#contract';
import { type Route, route } from '#platform/http';
import { datasetInput, type Importing } from './importing.ts';

export function importRoutes(importing: Importing): readonly Route[] {
  return [
    route(operations.importExperiment, async ({ body, principal }) => {
      const experiment = { ...body, tags: mapOf(body.tags) };
      const { id, artifactLocation } = await importing.importExperiment(experiment, principal.id);
      return { id, artifactLocation };
    }),
    route(operations.importedRuns, async ({ body }) => ({ complete: [...(await importing.importedRuns(body.runs))] })),
    route(operations.importRuns, async ({ body, principal }) => {
      const runs = body.runs.map((run) => ({
        ...run,
        params: mapOf(run.params),
        tags: mapOf(run.tags),
        datasets: run.datasets.map(datasetInput),
      }));
      const series = body.series.map(({ run, key, points }) => ({
        run,
        metrics: points.map(([step, timestampMs, value]) => ({ key, step, timestampMs, value: Number(value) })),
      }));
      const batch = { ...body, experiment: Number(body.experiment), runs, series };
      return { added: await importing.importRuns(batch, principal.id) };
    }),
    route(operations.importLoggedModel, async ({ body, principal }) => {
      const { experiment, params, tags, metrics, ...rest } = body;
      const model = {
        ...rest,
        experimentId: Number(experiment),
        params: mapOf(params),
        tags: mapOf(tags),
        metrics: metrics.map((metric) => ({ ...metric, value: Number(metric.value) })),
      };
      return { added: await importing.importLoggedModel(model, principal.id) };
    }),
  ];
}

function mapOf(texts: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(texts));
}
