import {
  type Experiment as ExperimentAnswer,
  type LogBatch as LogBatchBody,
  type MetricNumber,
  trackingOperations as operations,
  type Run as RunAnswer,
} from '#contract';
import { type Route, route } from '#platform/http';
import { artifactRoutes } from './artifacts/routes.ts';
import { trackingErrors } from './errors.ts';
import type { Experiment, LoggedMetric, Run, RunInput } from './model.ts';
import { organizingRoutes } from './organizing-routes.ts';
import { runTableRoutes } from './search/routes.ts';
import type { Tracking } from './tracking.ts';

export function trackingRoutes(tracking: Tracking): readonly Route[] {
  return [
    ...organizingRoutes(tracking),
    ...runTableRoutes(tracking),
    route(operations.listExperiments, async () => ({
      experiments: (await tracking.listExperiments()).map(experimentAnswer),
    })),
    route(operations.createExperiment, async ({ body, principal }) => {
      const { tags = {}, ...rest } = body;
      await tracking.createExperiment({ ...rest, tags: mapOf(tags) }, principal.id);
      return experimentAnswer(await tracking.getExperiment(body.name));
    }),
    route(operations.getExperiment, async ({ params }) =>
      experimentAnswer(await tracking.getExperiment(params.experiment)),
    ),
    route(operations.updateExperiment, async ({ params, body }) => {
      const { tags = {}, ...rest } = body;
      await tracking.updateExperiment({ name: params.experiment }, { ...rest, tags: mapOf(tags) });
      return experimentAnswer(await tracking.getExperiment(body.name ?? params.experiment));
    }),
    route(operations.deleteExperiment, async ({ params }) => {
      await tracking.deleteExperiment({ name: params.experiment });
      return experimentAnswer(await tracking.getExperiment(params.experiment));
    }),
    route(operations.restoreExperiment, async ({ params }) => {
      await tracking.restoreExperiment({ name: params.experiment });
      return experimentAnswer(await tracking.getExperiment(params.experiment));
    }),
    route(operations.listColumns, ({ params }) => tracking.listColumns(params.experiment)),
    route(operations.createRun, async ({ body, principal }) => {
      const { params = [], tags = {}, inputs = [], ...rest } = body;
      const request = { ...rest, params: paramsOf(params), tags: mapOf(tags), inputs: inputs.map(inputOf) };
      return runAnswer(await tracking.createRun(request, principal.id));
    }),
    route(operations.getRun, async ({ params }) => runAnswer(await tracking.getRun(params.run))),
    route(operations.searchRuns, async ({ body }) => {
      const { runs, nextPageToken } = await tracking.searchRuns(body);
      return { runs: runs.map(runAnswer), nextPageToken };
    }),
    route(operations.compareRuns, async ({ body }) => {
      const { runs, params, metrics, tags } = await tracking.compareRuns(body.runs);
      const copy = <Value>(row: { key: string; values: readonly Value[]; differs: boolean }) => ({
        ...row,
        values: [...row.values],
      });
      return {
        runs: runs.map(runAnswer),
        params: params.map(copy),
        metrics: metrics.map((row) => ({ ...row, values: row.values.map(wireNumberOrNull) })),
        tags: tags.map(copy),
      };
    }),
    route(operations.updateRun, async ({ params, body }) => {
      const { tags = {}, ...rest } = body;
      return runAnswer(await tracking.updateRun(params.run, { ...rest, tags: mapOf(tags) }));
    }),
    route(operations.deleteRun, async ({ params }) => runAnswer(await tracking.deleteRun(params.run))),
    route(operations.restoreRun, async ({ params }) => runAnswer(await tracking.restoreRun(params.run))),
    route(operations.logBatch, ({ params, body }) => {
      const { metrics = [], params: logged = [], tags = {} } = body;
      return tracking.logBatch(params.run, {
        metrics: metrics.map(metricOf),
        params: paramsOf(logged),
        tags: mapOf(tags),
      });
    }),
    route(operations.deleteRunTag, ({ params }) => tracking.deleteRunTag(params.run, params.tag)),
    route(operations.addInputs, async ({ params, body }) =>
      runAnswer(await tracking.addInputs(params.run, body.inputs.map(inputOf))),
    ),
    route(operations.getMetricHistory, async ({ params, query }) => {
      const { key, maxPoints = 2000 } = query;
      const { points, total } = await tracking.getMetricHistory(params.run, key, maxPoints);
      const shown = points.map((point) => ({ ...point, value: wireNumber(point.value) }));
      return { key, points: shown, total, sampled: points.length < total };
    }),
    ...artifactRoutes(tracking),
  ];
}

type LoggedMetricBody = NonNullable<LogBatchBody['metrics']>[number];

function metricOf({ key, value, step = 0, timestampMs }: LoggedMetricBody): LoggedMetric {
  return { key, value: Number(value), step, timestampMs };
}

/** Params by key, as text. The same key twice with different values is a mistake of the caller. */
function paramsOf(params: NonNullable<LogBatchBody['params']>): Map<string, string> {
  const texts = new Map<string, string>();
  params.forEach(({ key, value }, index) => {
    const text = String(value);
    if (texts.has(key) && texts.get(key) !== text) {
      const problem = `is "${key}" for the second time, with another value`;
      throw trackingErrors.TRACKING_VALUE_INVALID({ field: `params.${index}.key`, problem });
    }
    texts.set(key, text);
  });
  return texts;
}

function mapOf(texts: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(texts));
}

function inputOf({ ref, path = null, role }: RunAnswer['inputs'][number]): RunInput {
  return { ref, path, role };
}

function runAnswer(run: Run): RunAnswer {
  return {
    ...run,
    params: Object.fromEntries(run.params),
    tags: Object.fromEntries(run.tags),
    metrics: run.metrics.map((metric) => ({
      ...metric,
      value: wireNumber(metric.value),
      min: wireNumberOrNull(metric.min),
      max: wireNumberOrNull(metric.max),
    })),
    inputs: run.inputs.map((input) => ({ ...input })),
    datasets: run.datasets.map(({ dataset, tags }) => ({ ...dataset, tags: Object.fromEntries(tags) })),
    modelInputs: [...run.modelInputs],
    modelOutputs: run.modelOutputs.map((output) => ({ ...output })),
  };
}

function experimentAnswer(experiment: Experiment): ExperimentAnswer {
  return { ...experiment, tags: Object.fromEntries(experiment.tags) };
}

function wireNumber(value: number): MetricNumber {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

function wireNumberOrNull(value: number | null): MetricNumber | null {
  return value === null ? null : wireNumber(value);
}
