import {
  type EvaluationDataset as DatasetAnswer,
  evaluationDatasetOperations as operations,
  type EvaluationRecord as RecordAnswer,
} from '#contract';
import { type Route, route } from '#platform/http';
import { pageTokens } from '#platform/search';
import { tracingErrors } from '../errors.ts';
import type { Tracing } from '../tracing.ts';
import type { EvaluationDataset, EvaluationRecord } from './model.ts';

export function evaluationDatasetRoutes(tracing: Tracing): readonly Route[] {
  return [
    route(operations.listEvaluationDatasets, async ({ query }) => {
      const { experiment, filter = '', orderBy, limit = 100, pageToken } = query;
      const pages = pageTokens({ experiment: experiment ?? null, filter, orderBy: orderBy ?? null }, refused);
      const { datasets, nextOffset } = await tracing.searchDatasets({
        experimentIds: experiment === undefined ? undefined : [await tracing.experimentNamed(experiment)],
        ...{ filter, limit, offset: pages.offsetOf(pageToken) },
        orderBy: orderBy === undefined ? [] : [orderBy],
      });
      return { datasets: await answers(tracing, datasets), nextPageToken: pages.tokenOf(nextOffset) };
    }),
    route(operations.getEvaluationDataset, async ({ params }) => {
      const dataset = await tracing.getDataset(params.dataset);
      const names = await tracing.experimentNames(dataset.experimentIds);
      return answer(dataset, names);
    }),
    route(operations.listEvaluationRecords, async ({ params, query }) => {
      const { limit = 100, pageToken } = query;
      const pages = pageTokens({ dataset: params.dataset }, refused);
      const page = { after: pages.offsetOf(pageToken), limit };
      const { records, next } = await tracing.listDatasetRecords(params.dataset, page);
      return { records: records.map(recordAnswer), nextPageToken: pages.tokenOf(next) };
    }),
    route(operations.deleteEvaluationDataset, async ({ params }) => {
      await tracing.getDataset(params.dataset);
      await tracing.deleteDataset(params.dataset);
    }),
  ];
}

const refused = () => tracingErrors.TRACING_PAGE_TOKEN_INVALID({});

async function answers(tracing: Tracing, datasets: readonly EvaluationDataset[]): Promise<DatasetAnswer[]> {
  const names = await tracing.experimentNames(datasets.flatMap(({ experimentIds }) => experimentIds));
  return datasets.map((dataset) => answer(dataset, names));
}

function answer(dataset: EvaluationDataset, names: ReadonlyMap<string, string>): DatasetAnswer {
  const { recordCount, experimentIds, schema, tags, ...rest } = dataset;
  return {
    ...rest,
    records: recordCount,
    // One that is gone for good has no name; it is untied in a moment.
    experiments: experimentIds.flatMap((id) => {
      const name = names.get(id);
      return name === undefined ? [] : [{ id, name }];
    }),
    fields: schema && { inputs: schema.inputs, outputs: schema.outputs, expectations: schema.expectations },
    tags: Object.fromEntries(tags),
  };
}

function recordAnswer({ dataset: _, ...record }: EvaluationRecord): RecordAnswer {
  return record;
}
