import {
  type LoggedModel as LoggedModelAnswer,
  type MetricNumber,
  loggedModelOperations as operations,
} from '#contract';
import { type Route, route } from '#platform/http';
import { pageTokens } from '#platform/search';
import { trackingErrors } from '../errors.ts';
import type { ExperimentDatasets } from '../experiment-datasets.ts';
import type { LoggedModels } from './logged-models.ts';
import type { LoggedModel } from './model.ts';

export function loggedModelRoutes(models: LoggedModels & ExperimentDatasets): readonly Route[] {
  return [
    route(operations.createLoggedModel, async ({ body, principal }) => {
      const { experiment, params = {}, tags = {}, ...rest } = body;
      const request = { ...rest, experiment: { name: experiment }, params: mapOf(params), tags: mapOf(tags) };
      return answer(await models.createLoggedModel(request, principal.id));
    }),
    route(operations.getLoggedModel, async ({ params }) => answer(await models.getLoggedModel(params.model))),
    route(operations.searchLoggedModels, async ({ body }) => {
      const { pageToken, limit = 50, filter = '', orderBy = [], datasets = [], experiments } = body;
      const pages = pageTokens({ experiments: experiments ?? null, filter, orderBy, datasets }, () =>
        trackingErrors.TRACKING_PAGE_TOKEN_INVALID({}),
      );
      const found = await models.searchLoggedModels({
        experiments: experiments?.map((name) => ({ name })),
        ...{ filter, orderBy, datasets, limit },
        offset: pages.offsetOf(pageToken),
      });
      return { models: found.models.map(answer), nextPageToken: pages.tokenOf(found.nextOffset) };
    }),
    route(operations.changeLoggedModel, async ({ params, body }) => {
      const { params: added = {}, tags = {}, ...rest } = body;
      const change = { ...rest, params: mapOf(added), tags: mapOf(tags) };
      return answer(await models.changeLoggedModel(params.model, change));
    }),
    route(operations.deleteLoggedModel, async ({ params }) => answer(await models.deleteLoggedModel(params.model))),
    route(operations.listExperimentDatasets, async ({ params }) => ({
      datasets: (await models.listExperimentDatasets(params.experiment)).map(({ contexts, ...dataset }) => ({
        ...dataset,
        contexts: [...contexts],
      })),
    })),
    route(operations.restoreLoggedModel, async ({ params }) => answer(await models.restoreLoggedModel(params.model))),
  ];
}

function mapOf(texts: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(texts));
}

function answer(model: LoggedModel): LoggedModelAnswer {
  return {
    ...model,
    // Only clients of MLflow leave a status open, and they mean that files are still to come.
    status: model.status === 'unspecified' ? 'pending' : model.status,
    params: Object.fromEntries(model.params),
    tags: Object.fromEntries(model.tags),
    metrics: model.metrics.map((metric) => ({ ...metric, value: wireNumber(metric.value) })),
  };
}

function wireNumber(value: number): MetricNumber {
  return Number.isFinite(value) ? value : (String(value) as MetricNumber);
}
