import type { Tracking } from '#domains/tracking';
import { runIn } from './checks.ts';
import { endpoint, type MlflowEndpoint } from './endpoint.ts';
import { invalid } from './errors.ts';
import type { Message } from './message.ts';
import { nextPage, pageIn } from './paging.ts';
import { metricJson } from './run-json.ts';

const ROOT = '/2.0/mlflow/metrics';
const MAX_POINTS = 25_000;
const MAX_RUNS = 100;
const MAX_STEPS = 2500;

/** Metrics, read with their history. */
export function metricHistoryEndpoints(tracking: Tracking): readonly MlflowEndpoint[] {
  return [
    endpoint('GET', `${ROOT}/get-history`, async ({ message }) => {
      const run = runIn(message);
      const key = message.requiredText('metric_key');
      // Without a limit MLflow answers nothing but a token, whatever there is.
      const page = pageIn(message, MAX_POINTS, Number.MAX_SAFE_INTEGER);
      const { points, total } = await tracking.pageMetricHistory({ run, key, ...page });
      const metrics = points.map((point) => metricJson({ key, ...point }));
      return { ...(metrics.length === 0 ? {} : { metrics }), ...nextPage(page, total) };
    }),
    {
      ...endpoint('GET', `${ROOT}/get-history-bulk`, async ({ message }) => bulkHistory(tracking, message)),
      ajaxOnly: true,
    },
    endpoint('GET', `${ROOT}/get-history-bulk-interval`, async ({ message }) => sampledHistory(tracking, message)),
  ];
}

async function bulkHistory(tracking: Tracking, message: Message): Promise<object> {
  const request = 'GetMetricHistoryBulk request';
  const runs = message.texts('run_id');
  if (runs.length === 0) throw invalid(`${request} must specify at least one run_id.`);
  if (runs.length > MAX_RUNS) {
    throw invalid(`${request} cannot specify more than ${MAX_RUNS} run_ids. Received ${runs.length} run_ids.`);
  }
  const key = message.text('metric_key');
  if (key === undefined) throw invalid(`${request} must specify a metric_key.`);
  const asked = message.integer('max_results') ?? MAX_POINTS;
  if (asked < 1) throw message.invalidValue('max_results', 'It must be a positive integer.');
  const metrics: object[] = [];
  for (const run of [...new Set(runs)].sort()) {
    const limit = Math.min(asked, MAX_POINTS) - metrics.length;
    if (limit === 0) break;
    const { points } = await tracking.pageMetricHistory({ run, key, offset: 0, limit });
    metrics.push(...points.map((point) => ({ ...metricJson({ key, ...point }), run_id: run })));
  }
  return { metrics };
}

async function sampledHistory(tracking: Tracking, message: Message): Promise<object> {
  const runs = message.texts('run_ids');
  if (runs.length === 0) throw message.missing('run_ids');
  if (runs.length > MAX_RUNS) {
    throw invalid(
      `GetMetricHistoryBulkInterval request must specify at most ${MAX_RUNS} run_ids. Received ${runs.length} run_ids. ` +
        'See the API docs for more information about request parameters.',
    );
  }
  const key = message.requiredText('metric_key');
  const maxSteps = message.integer('max_results') ?? MAX_STEPS;
  if (maxSteps < 1 || maxSteps > MAX_STEPS) {
    throw invalid(
      `max_results must be between 1 and ${MAX_STEPS}. See the API docs for more information about request parameters.`,
    );
  }
  const steps = stepsIn(message);
  const samples = await tracking.sampleMetricHistories({ runs, key, maxSteps, ...(steps ? { steps } : {}) });
  const metrics = samples.flatMap(({ run, points }) =>
    points.slice(0, MAX_POINTS).map((point) => ({ ...metricJson({ key, ...point }), run_id: run })),
  );
  return metrics.length === 0 ? {} : { metrics };
}

function stepsIn(message: Message): { readonly from: number; readonly to: number } | undefined {
  const from = message.integer('start_step');
  const to = message.integer('end_step');
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined || to === undefined) {
    throw invalid('If either start step or end step are specified, both must be specified.');
  }
  if (from <= to) return { from, to };
  throw invalid(`end_step must be greater than start_step. Found start_step=${from} and end_step=${to}.`);
}
